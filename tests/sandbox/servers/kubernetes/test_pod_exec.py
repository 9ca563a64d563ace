"""exec in clusters that are folders: who may, what is refused, and that nothing runs on."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.event.work.conftest import NAMESPACE, OHIO, new_pod
from tests.sandbox.servers_for_tests import bearer
from workshop.event.work.exec import Container
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.homes import home_of
from workshop.sandbox.servers.kubernetes import pod_exec

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "v5.channel.k8s.io, v4.channel.k8s.io",
}


@pytest.fixture
def container(sandbox: SandboxPaths) -> Container:
    return new_pod(sandbox)


def ask(
    paths: SandboxPaths, container: Container, query: str = "command=true&stdout=true", **headers: str
) -> httpx.Response:
    """Of what does not become a websocket."""
    path = f"/api/v1/namespaces/{container.namespace}/pods/{container.pod}/exec?{query}"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(
        f"{paths.cluster_endpoint(OHIO)}{path}", headers={**bearer(paths), **UPGRADE, **given}, trust_env=False
    )


@pytest.mark.parametrize(
    ("query", "headers", "code", "message"),
    [
        ("command=true", {"Authorization": "Bearer nobody"}, 401, "wants its token"),
        ("command=true", {"Authorization": ""}, 401, "wants its token"),
        ("command=true", {"Origin": "http://127.0.0.1"}, 403, "pages in a browser"),
        ("command=true", {"Host": "rebound.example.com"}, 403, "127.0.0.1 and localhost only"),
        ("command=true", {"Sec_WebSocket_Protocol": "v4.channel.k8s.io"}, 400, "websocket of v5"),
        ("command=true", {"Sec_WebSocket_Key": ""}, 400, "websocket of v5"),
        ("command=true&tty=true", {}, 400, "no terminals"),
        ("stdout=true", {}, 400, "runs a command"),
        ("command=", {}, 400, "runs a command"),
        ("command=true&container=other", {}, 400, "container other is not valid"),
    ],
)
def test_what_is_refused(
    sandbox: SandboxPaths, container: Container, query: str, headers: dict[str, str], code: int, message: str
) -> None:
    answer = ask(sandbox, container, query, **headers)
    assert (answer.status_code, message in answer.json()["message"]) == (code, True), answer.text


def test_only_a_pod_that_runs_takes_commands(sandbox: SandboxPaths, container: Container) -> None:
    store, pods = ManifestStore(sandbox.clusters / OHIO), kind_of("v1", "Pod")
    pod = store.get(pods, NAMESPACE, container.pod)
    assert pod is not None
    store.set_status({**pod, "status": {"phase": "Pending"}}, "tests")
    assert ask(sandbox, container).json()["message"] == f"pod {container.pod} does not run"
    gone = Container(namespace=NAMESPACE, pod="nobody", name="dev")
    assert ask(sandbox, gone).status_code == 404
    assert ask(sandbox, Container(namespace="..", pod="nobody", name="dev")).status_code == 404


def raw(paths: SandboxPaths, container: Container, command: str) -> socket.socket:
    """A connection on which a command runs."""
    query = "&".join(["stdout=true", *(f"command={word}" for word in ("sh", "-c", command))])
    path = f"/clusters/{OHIO}/api/v1/namespaces/{container.namespace}/pods/{container.pod}/exec?{query}"
    headers = {**bearer(paths), **UPGRADE, "Host": "127.0.0.1"}
    lines = [f"GET {path.replace(' ', '%20')} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    connected = socket.create_connection(("127.0.0.1", paths.port), timeout=10)
    connected.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
    assert connected.recv(4096).startswith(b"HTTP/1.1 101 ")
    return connected


def runs(home: Path) -> bool:
    """Whether anything has the home as its working directory."""
    listed = subprocess.run(
        ["ls", "-l", *Path("/proc").glob("[0-9]*/cwd")], capture_output=True, text=True, check=False
    )
    return str(home) in listed.stdout


@pytest.fixture
def home(sandbox: SandboxPaths, container: Container) -> Path:
    pod = ManifestStore(sandbox.clusters / OHIO).get(kind_of("v1", "Pod"), NAMESPACE, container.pod)
    assert pod is not None
    return home_of(sandbox, OHIO, pod)


def eventually(home: Path, *, is_running: bool) -> None:
    deadline = time.monotonic() + 20
    while runs(home) is not is_running:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_command_ends_with_its_connection_and_what_it_started_too(
    sandbox: SandboxPaths, container: Container, home: Path
) -> None:
    connected = raw(sandbox, container, "sleep 600 & sleep 600")
    eventually(home, is_running=True)
    connected.close()
    eventually(home, is_running=False)


def test_what_is_no_websocket_ends_it_too(sandbox: SandboxPaths, container: Container, home: Path) -> None:
    with raw(sandbox, container, "sleep 600") as connected:
        eventually(home, is_running=True)
        connected.sendall(b"GET / HTTP/1.1\r\n\r\n")
        eventually(home, is_running=False)


def test_a_message_without_an_end_is_not_held(sandbox: SandboxPaths, container: Container, home: Path) -> None:
    with raw(sandbox, container, "sleep 600") as connected:
        eventually(home, is_running=True)
        frame = bytes([0x02, 0x80 | 126]) + (60_000).to_bytes(2) + bytes(4) + bytes(60_000)
        try:
            for _ in range(pod_exec.MESSAGE_BYTES // 60_000 + 2):
                connected.sendall(frame)
                frame = bytes([0x00]) + frame[1:]
        except OSError:
            pass
        eventually(home, is_running=False)


def test_the_environment_is_the_pods_own(sandbox: SandboxPaths, container: Container, home: Path) -> None:
    with raw(sandbox, container, "env > seen; echo done"):
        deadline = time.monotonic() + 20
        while not (home / "seen").exists() or "GREETING" not in (home / "seen").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    names = {line.partition("=")[0] for line in (home / "seen").read_text().splitlines()}
    assert names - {"PWD", "OLDPWD", "_", "SHLVL"} == {"PATH", "HOME", "GREETING"}


def test_requests_are_answered_while_commands_run(sandbox: SandboxPaths, container: Container) -> None:
    """More of them than the server has threads."""
    connections = [raw(sandbox, container, "sleep 600") for _ in range(20)]
    try:
        answer = httpx.get(f"{sandbox.cluster_endpoint(OHIO)}/readyz", headers=bearer(sandbox), trust_env=False)
        assert answer.status_code == 200
    finally:
        for one in connections:
            one.close()


def test_there_is_an_end_to_how_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_exec, "_running", threading.BoundedSemaphore(0))
    command = pod_exec.Command(words=["true"], home=tmp_path, variables={}, has_stdin=False)
    assert pod_exec.serve(lambda: pytest.fail("it was taken over"), "key", command) is False
