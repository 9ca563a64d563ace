"""The sandbox's server process: python -m workshop.sandbox.servers. Started by workshop.sandbox.lifecycle."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import Final, TextIO

from workshop.model.settings.errors import SettingsError
from workshop.sandbox.data_folder import prepare_folder
from workshop.sandbox.files import is_at, write_private
from workshop.sandbox.isolation import block_connections, drop_credentials
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.application import Application
from workshop.sandbox.servers.dns.name_server import serve_dns
from workshop.sandbox.servers.front_door import front_door_open
from workshop.sandbox.servers.identity import Identity, code_fingerprint
from workshop.sandbox.servers.listener import PART_BYTES, Listener

IDLE_SECONDS: Final = 3600
_IDLE_CHECK_SECONDS: Final = 1
_THREADS: Final = 16


def main() -> int:
    """Serves until it is stopped or nobody has asked for anything for an hour."""
    os.umask(0o077)  # nothing that it writes is for others
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
    prepare_folder(paths)
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
        application = Application(paths, identity)
        server = Listener(paths.port, application, _THREADS)
        server.max_request_body_size = PART_BYTES
        try:
            server.prepare()
        except OSError as error:
            raise SandboxProblem(f"port {paths.port} on 127.0.0.1 can't be used: {error}") from None
        # Not earlier: whoever reads it shows the token to whoever has the port.
        write_private(paths.server_file, identity.model_dump_json(indent=2) + "\n")
        try:
            serve_dns(paths.port, application.name_server())
            signal.signal(signal.SIGTERM, _on_term(server))
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            threading.Thread(target=_stop_when_idle, args=(server, application, lock, paths), daemon=True).start()
            with front_door_open(paths, application.front_door):
                server.serve()
        finally:
            server.stop()  # its threads would outlive an error
        if is_at(lock.fileno(), paths.server_lock):  # or the folder is another server's by now
            paths.server_file.unlink(missing_ok=True)


def _take(lock: TextIO, paths: SandboxPaths) -> None:
    """Takes the lock that marks the folder as served, and by which the kernel says who serves it."""
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SandboxProblem(f"another server already serves {paths.folder}: nothing to do") from None


def _on_term(server: Listener) -> Callable[[int, FrameType | None], None]:
    """Stopping waits for threads, which a signal handler must not."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.stop).start()

    return stop


def _stop_when_idle(server: Listener, application: Application, lock: TextIO, paths: SandboxPaths) -> None:
    """Also where the data folder is deleted: what it holds in memory is then nobody's any more.

    Meanwhile it lets time pass for what happens without a request.
    """
    while time.monotonic() - application.last_request < IDLE_SECONDS and is_at(lock.fileno(), paths.server_lock):
        time.sleep(_IDLE_CHECK_SECONDS)
        try:
            application.look()
        except Exception:  # noqa: BLE001 - what nobody has asked for must not end the server; its log has it
            traceback.print_exc()
    server.stop()


if __name__ == "__main__":
    sys.exit(main())
