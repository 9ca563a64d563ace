from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sandbox.servers_for_tests import environment_of, running, sandbox_paths
from workshop.sandbox.files import is_locked
from workshop.sandbox.lifecycle import ensure_running, status, stop
from workshop.sandbox.problem import SandboxProblem


def get(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:
        return response.read()


def test_starts_once_answers_and_stops_for_good(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path / "data")
    assert status(paths) is None
    said: list[str] = []
    with environment_of(paths):
        try:
            with ThreadPoolExecutor() as pool:  # whoever comes first starts it, for all
                first, *others = pool.map(ensure_running, [paths] * 6, [said.append] * 6)
            assert others == [first] * 5
            assert said == ["starting the sandbox (AWS, Cloudflare and clusters on this machine)"]
            assert status(paths) == first
            assert json.loads(get(f"{paths.cluster_endpoint('coder-ohio')}/version"))["major"] == "1"
        finally:
            stopped = stop(paths)
    assert stopped
    with pytest.raises(ProcessLookupError):
        os.kill(first.pid, 0)
    assert not is_locked(paths.server_lock)
    assert status(paths) is None
    assert not stop(paths)


def test_a_killed_server_is_replaced_and_the_data_stays(tmp_path: Path) -> None:
    with running(tmp_path) as paths:
        before = status(paths)
        assert before is not None
        kept = paths.cloudflare_file.read_text()
        os.kill(before.pid, signal.SIGKILL)
        os.waitpid(before.pid, 0)
        assert status(paths) is None
        after = ensure_running(paths)
        assert after.pid != before.pid
        assert paths.cloudflare_file.read_text() == kept


def test_a_stale_file_with_somebody_elses_process_harms_nobody(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)
    innocent = {"folder": str(tmp_path), "pid": os.getpid(), "port": paths.port, "code": "", "started_at": 0}
    paths.server_file.write_text(json.dumps(innocent))
    assert not stop(paths)  # would have ended this very process
    assert not paths.server_file.exists()


def test_a_foreign_program_on_the_port_is_named_as_such(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)
    with (
        socket.create_server(("127.0.0.1", paths.port)) as listener,
        environment_of(paths),
        ThreadPoolExecutor() as pool,
    ):
        pool.submit(lambda: [connection.close() for connection in (listener.accept()[0], listener.accept()[0])])
        with pytest.raises(SandboxProblem, match=rf"port {paths.port} on 127\.0\.0\.1 is taken by another") as told:
            ensure_running(paths)
    assert "export WORKSHOP_SANDBOX_PORT=" in str(told.value)


def test_another_checkouts_sandbox_on_the_port_is_named(tmp_path: Path) -> None:
    with running(tmp_path / "theirs") as theirs:
        ours = replace(theirs, folder=tmp_path / "ours")
        with pytest.raises(SandboxProblem, match=f"serves the sandbox of {theirs.folder}, this one is {ours.folder}"):
            ensure_running(ours)
        assert status(theirs) is not None


def test_a_server_whose_folder_was_deleted_gives_way(tmp_path: Path) -> None:
    with running(tmp_path / "data") as paths:
        before = status(paths)
        assert before is not None
        shutil.rmtree(paths.folder)
        after = ensure_running(paths)
        assert after.pid != before.pid
        assert paths.cloudflare_file.exists()


def test_settings_that_cannot_be_read_are_told_in_one_message(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    paths = sandbox_paths(tmp_path / "data")
    for name in ("Pulumi.yaml", "Pulumi.sandbox.yaml"):
        shutil.copy(paths.checkout / name, checkout)
    shutil.copytree(paths.checkout / "workshop", checkout / "workshop")  # the server finds its checkout by its source
    text = (checkout / "Pulumi.sandbox.yaml").read_text()
    (checkout / "Pulumi.sandbox.yaml").write_text(text.replace('account: "123456789012"', 'account: "12"'))
    with environment_of(paths), pytest.raises(SandboxProblem, match="workshop:account") as told:
        ensure_running(replace(paths, checkout=checkout))
    assert "Traceback" not in str(told.value)
