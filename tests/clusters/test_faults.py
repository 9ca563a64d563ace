"""An API server that is busy, fails, hangs or is gone, and processes that outlive their starter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.clusters.objects import CONFIG_MAP, config_map
from tests.sandbox.servers_for_tests import environment_of, free_port, sandbox_paths
from workshop.sandbox.clusters import binaries, lifecycle, processes
from workshop.sandbox.clusters.api import Access, Api
from workshop.sandbox.clusters.credentials import write_credentials
from workshop.sandbox.clusters.running import api_servers, folder_of
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.merging import ClusterRefusal
from workshop.sandbox.manifests.store import ClusterSilence
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.problem import SandboxProblem

OBJECT = (
    '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a", "uid": "1", "finalizers": ["example/held"]}}'
)
CONFLICT = '{"reason": "Conflict", "message": "Apply failed with 1 conflict: conflict with \\"helm\\": .data.a"}'


@contextmanager
def answering(*answers: tuple[int, str]) -> Generator[tuple[str, list[str]]]:
    """A server that gives these answers in turn, the last for ever; its URL and the requests that it got."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.command)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            code, body = answers[min(len(asked), len(answers)) - 1]
            if code == 0:
                hung.wait(10)
                return
            self.send_response(code)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 -- the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:
            pass

    hung = Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            hung.set()
            server.shutdown()
            thread.join()


def store_at(url: str, tmp_path: Path) -> ApiServerStore:
    write_credentials(tmp_path)
    access = Access(server=url, authority=(tmp_path / "ca.crt").read_text(encoding="utf-8"), token="t")
    return ApiServerStore(Api("coder-ohio", access, timeout_seconds=0.2), delete_seconds=0.1)


def test_a_busy_server_is_asked_again(tmp_path: Path) -> None:
    with answering((429, "{}"), (429, "{}"), (200, OBJECT)) as (url, asked):
        assert store_at(url, tmp_path).get(CONFIG_MAP, "default", "a")
    assert len(asked) == 3


def test_a_server_that_stays_busy_is_given_up(tmp_path: Path) -> None:
    with answering((429, "{}")) as (url, asked), pytest.raises(ClusterRefusal, match="answered 429"):
        store_at(url, tmp_path).get(CONFIG_MAP, "default", "a")
    assert len(asked) == 11


def test_a_failing_server_is_named_and_not_asked_again(tmp_path: Path) -> None:
    timed_out = (500, '{"message": "etcdserver: request timed out"}')
    with answering(timed_out) as (url, asked), pytest.raises(ClusterSilence) as refused:
        store_at(url, tmp_path).create(config_map("a"), "tests")
    assert str(refused.value) == (
        "the API server of coder-ohio answered 500: etcdserver: request timed out: run this again"
    )
    assert asked == ["POST"]


def test_a_conflict_is_told_in_the_servers_words(tmp_path: Path) -> None:
    answers = (404, '{"reason": "NotFound"}'), (409, CONFLICT)
    with answering(*answers) as (url, _), pytest.raises(ClusterRefusal, match='conflict with "helm"') as refused:
        store_at(url, tmp_path).apply(config_map("a"), "tests", force=False)
    assert refused.value.reason == "Conflict"


def test_a_server_that_hangs_leaves_the_change_unknown(tmp_path: Path) -> None:
    with answering((0, "")) as (url, _), pytest.raises(ClusterSilence) as refused:
        store_at(url, tmp_path).create(config_map("a"), "tests")
    assert refused.value.reason == "Unreachable"
    assert "did not answer POST" in str(refused.value)


def test_a_server_that_is_gone_is_told_with_the_command_that_starts_it(tmp_path: Path) -> None:
    with pytest.raises(ClusterSilence, match="workshop sandbox clusters start") as refused:
        store_at(f"http://127.0.0.1:{free_port()}", tmp_path).get(CONFIG_MAP, "default", "a")
    assert refused.value.reason == "Unreachable"


def test_a_delete_that_a_finalizer_holds_up_says_which(tmp_path: Path) -> None:
    with answering((200, OBJECT)) as (url, _), pytest.raises(ClusterRefusal, match="example/held"):
        store_at(url, tmp_path).delete(CONFIG_MAP, "default", "a")


def test_a_process_outlives_its_starter_and_is_found_and_ended(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from workshop.sandbox.clusters.processes import spawn; "
        f"spawn(Path({str(tmp_path)!r}), 'sleeper', ['sleep', '600'], {{'PATH': '/usr/bin:/bin'}})"
    )
    subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, check=True)
    assert processes.running(tmp_path) == ("sleeper",)
    with pytest.raises(SandboxProblem, match="runs already"):
        processes.spawn(tmp_path, "sleeper", ["true"], {})
    processes.end(tmp_path, ["sleeper"])
    assert processes.running(tmp_path) == ()


def test_a_process_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.5)
    stubborn = "trap '' TERM; exec sleep 600"
    processes.spawn(tmp_path, "stubborn", ["sh", "-c", stubborn], {"PATH": os.environ["PATH"]})
    try:
        processes.end(tmp_path, ["stubborn"])
    finally:
        assert not processes.is_running(tmp_path, "stubborn")


def test_nothing_is_killed_whose_record_is_old(tmp_path: Path) -> None:
    (tmp_path / "etcd.process").write_text(f"{os.getpid()}\n", encoding="utf-8")
    processes.end(tmp_path, ["etcd"])  # would end this very process
    assert processes.running(tmp_path) == ()


def test_without_go_the_ways_to_get_the_program_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("WORKSHOP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    with pytest.raises(SandboxProblem) as problem:
        binaries.commands()
    for way in ("install Go", f"{tmp_path}/cache", "KUBEBUILDER_ASSETS", "folders of manifests"):
        assert way in str(problem.value)


def test_programs_are_looked_for_where_kubernetes_tools_keep_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("WORKSHOP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path / "assets"))
    for folder, name in (("assets", "etcd"), ("path", "etcd"), ("path", "controlplane")):
        program = tmp_path / folder / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    found = binaries.find()
    assert found is not None
    assert found["etcd"] == (str(tmp_path / "assets" / "etcd"),)
    assert found["kube-apiserver"] == (str(tmp_path / "path" / "controlplane"), "kube-apiserver")


@pytest.mark.clusters
def test_servers_that_were_killed_are_started_again_with_what_they_held(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)
    with environment_of(paths):
        try:
            lifecycle.start(paths)
            store = ApiServerStore(Api("coder-ohio", api_servers(paths)["coder-ohio"]))
            store.create(config_map("kept"), "tests")
            folder = folder_of(paths)
            for name in processes.running(folder):
                os.kill(int((folder / f"{name}.process").read_text(encoding="utf-8")), signal.SIGKILL)
            processes.end(folder, processes.running(folder))
            assert [cluster.is_ready for cluster in lifecycle.status(paths)] == [False, False, False]
            assert [cluster.is_ready for cluster in lifecycle.start(paths)] == [True, True, True]
            again = ApiServerStore(Api("coder-ohio", api_servers(paths)["coder-ohio"]))
            assert again.get(CONFIG_MAP, "default", "kept") is not None
        finally:
            assert lifecycle.stop(paths)
        assert processes.running(folder_of(paths)) == ()
        assert lifecycle.status(paths) == ()
