from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
import urllib.request
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.sandbox.servers_for_tests import bearer, environment_of, running, sandbox_paths
from workshop.sandbox import lifecycle
from workshop.sandbox.files import lock_holder, write_whole
from workshop.sandbox.lifecycle import ensure_running, status, stop
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.identity import Identity

pytestmark = pytest.mark.slow


def get(paths: SandboxPaths, url: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=bearer(paths))) as response:
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
            assert said == [f"starting the sandbox (AWS, Cloudflare and clusters on 127.0.0.1:{paths.port})"]
            assert status(paths) == first
            assert json.loads(get(paths, f"{paths.cluster_endpoint('coder-ohio')}/version"))["major"] == "1"
        finally:
            stopped = stop(paths)
    assert stopped
    with pytest.raises(ProcessLookupError):
        os.kill(first.pid, 0)
    assert lock_holder(paths.server_lock) is None
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


@contextmanager
def foreign_program() -> Generator[int]:
    """The port of one that hangs up on whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            with suppress(OSError):  # until the listener is closed
                while True:
                    listener.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def foreign_name_server() -> Generator[int]:
    """The port of one that has only the UDP side of it."""
    with socket.socket(type=socket.SOCK_DGRAM) as taker:
        taker.bind(("127.0.0.1", 0))
        yield taker.getsockname()[1]


def test_a_given_port_that_a_foreign_program_has_is_refused(tmp_path: Path) -> None:
    with foreign_program() as port:
        paths = replace(sandbox_paths(tmp_path), given_port=port)
        with environment_of(paths), pytest.raises(SandboxProblem) as told:
            ensure_running(paths)
    assert str(told.value) == (
        f"port {port} is taken by another program, and WORKSHOP_SANDBOX_PORT allows no other: "
        "unset it, and the sandbox takes one that is free"
    )
    assert not paths.port_file.exists()


def test_a_given_port_that_another_checkouts_sandbox_has_is_refused(tmp_path: Path) -> None:
    with running(tmp_path / "theirs") as theirs:
        ours = replace(theirs, folder=tmp_path / "ours")
        with pytest.raises(SandboxProblem, match="is taken by the sandbox of another folder, and WORKSHOP_SANDBOX"):
            ensure_running(ours)
        assert status(theirs) is not None


def test_a_port_whose_udp_side_is_taken_is_taken(tmp_path: Path) -> None:
    with foreign_name_server() as port:
        paths = replace(sandbox_paths(tmp_path), given_port=port)
        with environment_of(paths), pytest.raises(SandboxProblem, match="is taken by another program"):
            ensure_running(paths)


def test_without_a_given_port_a_taken_one_is_left_for_a_free_one_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKSHOP_SANDBOX_PORT", raising=False)
    monkeypatch.setenv("WORKSHOP_SANDBOX_DIR", str(tmp_path / "ours"))
    said: list[str] = []
    with running(tmp_path / "theirs") as theirs:
        ours = SandboxPaths(checkout=theirs.checkout, folder=tmp_path / "ours")
        write_whole(ours.port_file, f"{theirs.port}\n")
        try:
            first = ensure_running(ours, said.append)
            assert first.port == ours.port != theirs.port
            assert said == [
                f"port {theirs.port} is taken by the sandbox of another folder: this one takes {ours.port} from now on",
                f"starting the sandbox (AWS, Cloudflare and clusters on 127.0.0.1:{ours.port})",
            ]
            assert ensure_running(ours) == first
            stop(ours)
            assert ensure_running(ours, said.append).port == first.port
            assert len(said) == 3
            assert str(first.port) in ours.kubeconfig.read_text()
            assert status(theirs) is not None
        finally:
            stop(ours)


@pytest.mark.parametrize("somebody", [foreign_program, foreign_name_server])
def test_a_port_that_somebody_takes_at_the_last_moment_is_left_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, somebody: Callable[[], AbstractContextManager[int]]
) -> None:
    paths = SandboxPaths(checkout=CHECKOUT, folder=tmp_path)
    with somebody() as port:
        write_whole(paths.port_file, f"{port}\n")
        answers = iter([True, True])  # as if it had been free: for the leftover, and for the start

        def is_free(port: int, really: Callable[[int], bool] = lifecycle.is_free) -> bool:
            return next(answers, False) or really(port)

        monkeypatch.setattr(lifecycle, "is_free", is_free)
        try:
            assert ensure_running(paths).port == paths.port != port
        finally:
            stop(paths)


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


def test_a_server_that_fails_when_it_has_threads_already_ends_all_the_same(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)
    (tmp_path / "tls" / "port").mkdir(parents=True)
    with environment_of(paths), pytest.raises(SandboxProblem, match=r"did not start: IsADirectoryError.*server\.log"):
        ensure_running(paths)


def test_a_server_that_does_not_answer_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "START_SECONDS", 0)
    paths = sandbox_paths(tmp_path)
    with pytest.raises(SandboxProblem, match=r"did not answer within 0 s: see .*server\.log"):
        ensure_running(paths)
    assert lock_holder(paths.server_lock) is None


def test_a_server_that_fills_large_clusters_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "START_SECONDS", 0)
    paths = sandbox_paths(tmp_path)
    counter = paths.clusters / ".us-east-2" / ".resource-version"
    counter.parent.mkdir(parents=True)
    numbers = count()
    ask = lifecycle._ask  # pyright: ignore[reportPrivateUsage]

    def ask_while_it_fills(paths: SandboxPaths) -> Identity | None:
        counter.write_text(str(next(numbers)))
        return ask(paths)

    monkeypatch.setattr(lifecycle, "_ask", ask_while_it_fills)
    try:
        assert ensure_running(paths).folder == tmp_path
    finally:
        stop(paths)
