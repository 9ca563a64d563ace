"""Strangers at the port and in the folder, who would have a process ended, or the token shown, that is not theirs."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from tests.sandbox.doors.other_user import OTHER, as_other_user
from tests.sandbox.servers_for_tests import environment_of, free_port, running, sandbox_paths
from workshop.sandbox.clusters.processes import end
from workshop.sandbox.data_folder import prepare_folder, token_of
from workshop.sandbox.files import lock_holder
from workshop.sandbox.lifecycle import ensure_running, status, stop
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.identity import Identity, code_fingerprint, realm

pytestmark = pytest.mark.slow


@pytest.fixture
def innocent() -> Generator[subprocess.Popen[bytes]]:
    """A process that nobody may end."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        assert process.poll() is None
        process.kill()


@pytest.fixture
def signalled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """To which processes this one sends signals, which don't arrive."""
    numbers: list[int] = []

    def kill(pid: int, _number: int) -> None:
        numbers.append(pid)

    monkeypatch.setattr(os, "kill", kill)
    return numbers


@contextmanager
def stranger(paths: SandboxPaths, pid: int) -> Generator[list[str]]:
    """One who has the port and says that it is this folder's server; yields what it is shown."""
    shown: list[str] = []
    identity = Identity(
        folder=paths.folder, pid=pid, port=paths.port, started_at=datetime.now(UTC), code=code_fingerprint()
    ).model_dump_json()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers.get("Authorization", ""))
            self.send_response(401)
            self.send_header("WWW-Authenticate", f'Bearer realm="{realm(paths.folder)}"')
            self.send_header("Content-Length", str(len(identity)))
            self.end_headers()
            self.wfile.write(identity.encode())

        @override
        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", paths.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield shown
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("pid", [None, 0, -1, 1])
def test_a_stranger_who_names_a_process_ends_none_and_is_shown_no_token(
    tmp_path: Path,
    innocent: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
    signalled: list[int],
    pid: int | None,
) -> None:
    monkeypatch.setattr("workshop.sandbox.lifecycle.STOP_SECONDS", 0.1)
    paths = sandbox_paths(tmp_path / "data")
    prepare_folder(paths)
    named = innocent.pid if pid is None else pid
    identity = {"folder": str(paths.folder), "pid": named, "port": paths.port, "started_at": 0, "code": ""}
    with stranger(paths, named) as shown, environment_of(paths):
        paths.server_file.write_text(json.dumps(identity))  # as a server that was killed left it
        assert status(paths) is None
        assert not stop(paths)
        paths.server_file.write_text(json.dumps(identity))
        with pytest.raises(SandboxProblem, match="does not stop: end its process"):
            ensure_running(paths)
    assert signalled == []
    assert set(shown) == {""}


def test_a_server_is_ended_by_its_lock_whatever_is_written_of_it(
    tmp_path: Path, innocent: subprocess.Popen[bytes]
) -> None:
    with running(tmp_path / "data") as paths:
        server = status(paths)
        assert server
        assert lock_holder(paths.server_lock) == server.pid
        paths.server_file.write_text(server.model_copy(update={"pid": innocent.pid}).model_dump_json())
        assert status(paths) is None
        assert stop(paths)
        assert lock_holder(paths.server_lock) is None
        with pytest.raises(ProcessLookupError):
            os.kill(server.pid, 0)


@pytest.mark.parametrize("holder", [0, -1, 1])
def test_a_holder_that_cannot_be_named_is_not_signalled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signalled: list[int], holder: int
) -> None:
    paths = sandbox_paths(tmp_path / "data")
    monkeypatch.setattr("workshop.sandbox.lifecycle.lock_holder", {paths.server_lock: holder}.get)
    prepare_folder(paths)
    with pytest.raises(SandboxProblem, match="end the process that holds"):
        stop(paths)
    assert signalled == []


@pytest.mark.parametrize("written", ["0", "-1", "1", ""])
def test_a_record_of_no_process_ends_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signalled: list[int], written: str
) -> None:
    monkeypatch.setattr("workshop.sandbox.clusters.processes.STOP_SECONDS", 0.05)
    record = tmp_path / "etcd.process"
    record.write_text(written)
    with record.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SandboxProblem, match="did not end"):
            end(tmp_path, ["etcd"])
    assert signalled == []


def test_a_leftover_does_not_take_away_what_its_successor_wrote(tmp_path: Path) -> None:
    with running(tmp_path / "data") as paths:
        old = status(paths)
        assert old
        successor = replace(paths, given_port=free_port())
        os.kill(old.pid, signal.SIGSTOP)  # or it ends before there is anything to take away
        paths.folder.rename(tmp_path / "moved")
        with environment_of(successor):
            ensure_running(successor)
            os.kill(old.pid, signal.SIGTERM)
            os.kill(old.pid, signal.SIGCONT)
            os.waitpid(old.pid, 0)
            assert status(successor)
            stop(successor)


def test_the_folder_is_made_private_with_whatever_was_there(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path / "new" / "data")
    prepare_folder(paths)
    assert [folder.stat().st_mode & 0o777 for folder in (paths.folder, paths.folder.parent)] == [0o700, 0o700]
    paths.folder.chmod(0o755)
    prepare_folder(paths)
    assert paths.folder.stat().st_mode & 0o777 == 0o700
    assert token_of(paths) == token_of(paths)
    assert paths.token_file.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """As /tmp is."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


def test_a_link_in_a_temporary_folder_that_leads_to_a_file_is_refused(temporary: Path) -> None:
    (temporary / "file").touch()
    (temporary / "data").symlink_to(temporary / "file")
    with pytest.raises(SandboxProblem, match="export WORKSHOP_SANDBOX_DIR=FOLDER"):
        prepare_folder(SandboxPaths(checkout=Path(), folder=temporary / "data"))


@pytest.mark.root
@pytest.mark.parametrize("planted", ["the folder", "one above it", "a link", "a link of ours to theirs"])
def test_a_folder_that_another_user_planted_is_refused(temporary: Path, planted: str) -> None:
    folder = temporary / "workshop-0" / "workshop" / "sandbox-x"
    theirs = temporary / "theirs"
    theirs.mkdir()
    os.chown(theirs, OTHER, OTHER)
    if planted == "the folder":
        folder.mkdir(parents=True)
        os.chown(folder, OTHER, OTHER)
    elif planted == "one above it":
        (temporary / "workshop-0").mkdir()
        os.chown(temporary / "workshop-0", OTHER, OTHER)
    elif planted == "a link":
        (temporary / "workshop-0").symlink_to(temporary)
        os.chown(temporary / "workshop-0", OTHER, OTHER, follow_symlinks=False)
    else:
        folder.parent.mkdir(parents=True)
        folder.symlink_to(theirs)
    with pytest.raises(SandboxProblem, match=f"belongs to user {OTHER}, who could read and change"):
        ensure_running(SandboxPaths(checkout=Path(), folder=folder))
    assert list(theirs.iterdir()) == []


_SIGNALS = """
for number in (signal.SIGTERM, signal.SIGKILL):
    try:
        os.kill(int(sys.argv[1]), number)
        print("signalled")
    except PermissionError:
        print("no")
"""


@pytest.mark.root
def test_another_user_cannot_end_the_server(sandbox: SandboxPaths) -> None:
    server = status(sandbox)
    assert server
    assert as_other_user(_SIGNALS, str(server.pid)).splitlines() == ["no", "no"]
    assert status(sandbox) == server
