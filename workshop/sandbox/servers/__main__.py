"""The sandbox's server process: python -m workshop.sandbox.servers. Started by workshop.sandbox.lifecycle."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import Final, TextIO

from cheroot.wsgi import Server

from workshop.model.settings.errors import SettingsError
from workshop.sandbox.files import write_whole
from workshop.sandbox.isolation import block_connections, drop_credentials
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.application import Application
from workshop.sandbox.servers.dns import serve_dns
from workshop.sandbox.servers.front_door import front_door_open
from workshop.sandbox.servers.identity import Identity, code_fingerprint

IDLE_SECONDS: Final = 3600
_IDLE_CHECK_SECONDS: Final = 2
_THREADS: Final = 16
_LOCK_SECONDS: Final = 2
_LOCK_POLL_SECONDS: Final = 0.01


def main() -> int:
    """Serves until it is stopped or nobody has asked for anything for an hour."""
    try:
        paths = SandboxPaths.from_environment()
        drop_credentials(os.environ, paths)
        block_connections()
        _serve(paths)
    except (SandboxProblem, SettingsError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


def _serve(paths: SandboxPaths) -> None:
    paths.folder.mkdir(parents=True, exist_ok=True)
    with paths.server_lock.open("a") as lock:
        _take(lock, paths)
        os.chdir(paths.checkout)
        identity = Identity(
            folder=paths.folder,
            pid=os.getpid(),
            port=paths.port,
            started_at=datetime.now(UTC),
            code=code_fingerprint(),
        )
        write_whole(paths.server_file, identity.model_dump_json(indent=2) + "\n")
        application = Application(paths, identity)
        server = Server(("127.0.0.1", paths.port), application, numthreads=_THREADS, request_queue_size=128)
        try:
            server.prepare()
        except OSError as error:
            raise SandboxProblem(f"port {paths.port} on 127.0.0.1 can't be used: {error}") from None
        try:
            serve_dns(paths.port, application.name_server())
            signal.signal(signal.SIGTERM, _on_term(server))
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            threading.Thread(target=_stop_when_idle, args=(server, application, paths), daemon=True).start()
            with front_door_open(paths, application.front_door):
                server.serve()
        finally:
            server.stop()  # its threads would outlive an error
        paths.server_file.unlink(missing_ok=True)


def _take(lock: TextIO, paths: SandboxPaths) -> None:
    """Takes the lock that marks the folder as served; whoever looks whether it is taken holds it for a moment."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise SandboxProblem(f"another server already serves {paths.folder}: nothing to do") from None
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            return


def _on_term(server: Server) -> Callable[[int, FrameType | None], None]:
    """Stopping waits for threads, which a signal handler must not."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.stop).start()

    return stop


def _stop_when_idle(server: Server, application: Application, paths: SandboxPaths) -> None:
    """Also where the data folder is deleted: what it holds in memory is then nobody's any more."""
    while time.monotonic() - application.last_request < IDLE_SECONDS and paths.server_file.exists():
        time.sleep(_IDLE_CHECK_SECONDS)
    server.stop()


if __name__ == "__main__":
    sys.exit(main())
