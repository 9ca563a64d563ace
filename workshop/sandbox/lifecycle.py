"""Starts and stops the sandbox's server, and reports whether it runs."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from workshop.observe.project import VARIABLE as PROJECT_VARIABLE
from workshop.sandbox.data_folder import prepare_folder, token_of
from workshop.sandbox.files import lock_holder, locked, write_private
from workshop.sandbox.paths import DEFAULT_PORT, SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.identity import REALM, STATUS_PATH, Identity, code_fingerprint, realm

START_SECONDS: Final = 60
"""Without an answer, and without an object more in the clusters that a first start fills."""

STOP_SECONDS: Final = 10
_POLL_SECONDS: Final = 0.02
_PORTS: Final = range(DEFAULT_PORT, DEFAULT_PORT + 200)
_MOVES: Final = 5
_ANSWER_BYTES: Final = 64 * 1024


class _PortLost(SandboxProblem):
    """Somebody took the port after it was found free."""


def ensure_running(paths: SandboxPaths, say: Callable[[str], None] = lambda _: None) -> Identity:
    """Answers the server of this data folder, and starts it first where it does not run.

    Where the port is taken, it moves to one that is free and stays there. say: hears what is going on when it takes a
    while. Raises SandboxProblem where a given port is taken, naming by what, or where the server does not start.
    """
    prepare_folder(paths)
    with locked(paths.start_lock):
        token_of(paths)
        running = _ask(paths)
        if running is not None and running.code == code_fingerprint() and running.port == paths.port:
            return running
        if lock_holder(paths.server_lock) is not None:
            say("replacing the sandbox's server: its code or port has changed")
            _end(paths)
        _await_leftover(paths)
        for _ in range(_MOVES):
            if not is_free(paths.port):
                _move(paths, say)
            say(f"starting the sandbox (AWS, Cloudflare and clusters on 127.0.0.1:{paths.port})")
            with suppress(_PortLost):
                return _start(paths)
        raise SandboxProblem(f"others took port after port, lastly {paths.port} on 127.0.0.1: run this again")


def stop(paths: SandboxPaths) -> bool:
    """Stops the server and waits for its end; answers whether one ran. Its data stays."""
    if not paths.folder.exists():
        return False
    with locked(paths.start_lock):
        return _end(paths)


def status(paths: SandboxPaths) -> Identity | None:
    """The server of this data folder, or None where none runs or answers."""
    return _ask(paths)


def _start(paths: SandboxPaths) -> Identity:
    environment = {
        **os.environ,
        "WORKSHOP_SANDBOX_DIR": str(paths.folder),
        "WORKSHOP_SANDBOX_PORT": str(paths.port),
        PROJECT_VARIABLE: str(paths.checkout),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(paths.checkout), os.environ.get("PYTHONPATH")))),
    }
    paths.server_file.unlink(missing_ok=True)
    paths.server_log.touch(mode=0o600)
    with paths.server_log.open("w", encoding="utf-8") as log, Path(os.devnull).open() as nothing:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-P", "-m", "workshop.sandbox.servers"],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
            setsid=True,
        )
    deadline, filled = time.monotonic() + START_SECONDS, _filled(paths)
    while True:
        identity = _ask(paths)
        if identity is not None:
            return identity
        is_alive = _is_alive(pid)
        if not is_alive and lock_holder(paths.server_lock) is None:  # or one answers soon that a killed command started
            kind = SandboxProblem if is_free(paths.port) else _PortLost
            raise kind(f"the sandbox's server did not start: {_last_words(paths)}")
        time.sleep(_POLL_SECONDS)
        if filled != (filled := _filled(paths)):
            deadline = time.monotonic() + START_SECONDS
        elif time.monotonic() > deadline:
            break
    if is_alive:
        os.kill(pid, signal.SIGKILL)  # a child that nobody has waited for: its number is still its own
    raise SandboxProblem(f"the sandbox's server did not answer within {START_SECONDS} s: see {paths.server_log}")


def _filled(paths: SandboxPaths) -> list[str]:
    """How far a first start is: the numbers of the last objects in the clusters that it fills."""
    with suppress(FileNotFoundError):  # one is done
        return [counter.read_text(encoding="utf-8") for counter in paths.clusters.glob(".*/.resource-version")]
    return []


def _end(paths: SandboxPaths) -> bool:
    """Ends the process that holds the server's lock, as the kernel says, whatever is written or answered anywhere.

    The caller holds the start lock.
    """
    pid = lock_holder(paths.server_lock)
    if pid is None:
        paths.server_file.unlink(missing_ok=True)
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        if pid > 1 and lock_holder(paths.server_lock) == pid:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        while time.monotonic() < deadline and pid > 1:
            if lock_holder(paths.server_lock) != pid and not _is_alive(pid):
                paths.server_file.unlink(missing_ok=True)
                return True
            time.sleep(_POLL_SECONDS)
    raise SandboxProblem(f"the sandbox's server did not stop: end the process that holds {paths.server_lock}")


def _is_alive(pid: int) -> bool:
    """Whether it runs; one of our own children that only waits to be reaped is, and does not."""
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _ask(paths: SandboxPaths) -> Identity | None:
    """The identity of the server that holds this data folder's lock, on the port that it wrote down.

    Nobody else is shown the token.
    """
    try:
        recorded = Identity.model_validate_json(paths.server_file.read_text(encoding="utf-8"))
        if lock_holder(paths.server_lock) != recorded.pid:
            return None
        _, answer = _status_at(recorded.port, {"Authorization": f"Bearer {token_of(paths)}"})
        found = Identity.model_validate_json(answer)
    except (FileNotFoundError, ValidationError):
        return None
    return found if found.folder == paths.folder else None


def _status_at(port: int, headers: Mapping[str, str]) -> tuple[str, bytes]:
    """The realm that whoever has the port asks a token for, and its answer; both empty where there is none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", STATUS_PATH, headers=dict(headers))
        answer = connection.getresponse()
        return answer.headers.get("WWW-Authenticate", ""), answer.read(_ANSWER_BYTES)
    except (OSError, HTTPException):
        return "", b""
    finally:
        connection.close()


def _is_ours(paths: SandboxPaths) -> bool:
    """Whether a sandbox of this folder has the port, as it says itself: to be believed to wait, not to end it."""
    return _status_at(paths.port, {})[0] == f'Bearer realm="{realm(paths.folder)}"'


def is_free(port: int) -> bool:
    """Whether the server can have it: HTTP by TCP, name service by UDP."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: closed connections don't count
        try:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _await_leftover(paths: SandboxPaths) -> None:
    """Waits for the end of a server whose folder was deleted while it ran: it ends by itself once it notices."""
    if is_free(paths.port) or not _is_ours(paths):
        return
    deadline = time.monotonic() + STOP_SECONDS
    while not is_free(paths.port):
        if time.monotonic() > deadline:
            raise SandboxProblem(f"the server that is left over on port {paths.port} does not stop: end its process")
        time.sleep(_POLL_SECONDS)


def _move(paths: SandboxPaths, say: Callable[[str], None]) -> None:
    """Takes the next free port for good. Raises SandboxProblem where the port was given, or none is free."""
    is_sandbox = _status_at(paths.port, {})[0].startswith(f'Bearer realm="{REALM} ')
    holder = "the sandbox of another folder" if is_sandbox else "another program"
    taken = f"port {paths.port} is taken by {holder}"
    if paths.given_port is not None:
        raise SandboxProblem(
            f"{taken}, and WORKSHOP_SANDBOX_PORT allows no other: unset it, and the sandbox takes one that is free"
        )
    free = next((port for port in _PORTS if is_free(port)), None)
    if free is None:
        raise SandboxProblem(f"{taken}, and so are all from {_PORTS[0]} to {_PORTS[-1]}: end what listens there")
    write_private(paths.port_file, f"{free}\n")
    say(f"{taken}: this one takes {free} from now on")


def _last_words(paths: SandboxPaths) -> str:
    text = paths.server_log.read_text(encoding="utf-8", errors="replace").strip()
    if "Traceback" in text or not text:
        return f"{text.rpartition(chr(10))[2]} (all of it: {paths.server_log})"
    return text
