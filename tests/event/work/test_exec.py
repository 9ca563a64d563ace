"""Commands in pods: streams of any size, ends that are known, and no half result."""

from __future__ import annotations

import os
import threading
import time
from importlib import import_module
from pathlib import Path

import pytest
from lightkube import KubeConfig

from tests.event.work.conftest import OHIO, new_pod
from workshop.event.work.exec import Cluster, Container, ExecError, Take
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths


def execute(
    cluster: Cluster, container: Container, *command: str, stdin: bytes | None = None
) -> tuple[int, bytes, bytes]:
    out, errors = bytearray(), bytearray()

    def write(take: Take) -> None:
        take(stdin or b"")

    given = None if stdin is None else write
    code = cluster.run(container, command, stdout=out.extend, stderr=errors.extend, stdin=given)
    return code, bytes(out), bytes(errors)


def test_streams_come_as_they_were_and_with_the_exit_code(cluster: Cluster, container: Container) -> None:
    sent = os.urandom(3 * 1024 * 1024)
    assert execute(cluster, container, "cat", stdin=sent) == (0, sent, b"")
    script = "echo $GREETING > kept; echo out; echo err >&2; exit 3"
    assert execute(cluster, container, "sh", "-c", script) == (3, b"out\n", b"err\n")
    assert execute(cluster, container, "cat", "kept") == (0, b"hello\n", b"")
    assert execute(cluster, container, "no-such-command") == (127, b"", b"no-such-command: there is no such command\n")
    assert execute(cluster, container, "sh", "-c", "kill -9 $$")[0] == 137


def test_what_the_cluster_refuses_is_said_in_its_words(cluster: Cluster, container: Container) -> None:
    missing = Container(namespace=container.namespace, pod="nobody", name="dev")
    with pytest.raises(ExecError, match='404 pods "nobody" not found'):
        execute(cluster, missing, "true")
    other = Container(namespace=container.namespace, pod=container.pod, name="sidecar")
    with pytest.raises(ExecError, match="400 container sidecar is not valid for pod"):
        execute(cluster, other, "true")


def test_a_stream_that_is_cut_is_no_end(cluster: Cluster, container: Container) -> None:
    """As when the node goes: the bytes so far may be all, and nobody knows."""

    def cut(_data: bytes) -> None:
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        cluster.run(container, ["cat", "/dev/zero"], stdout=cut, stderr=cut)
    with pytest.raises(ExecError, match=r"said nothing for 0\.2 s"):
        cluster.run(container, ["sleep", "30"], stdout=cut, stderr=cut, stall_seconds=0.2)


def test_no_connection_is_closed_while_it_is_read(
    cluster: Cluster, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number would be another file's by then, into which TLS writes: it damaged the event's database."""
    stream: Json = import_module("httpcore2._backends.sync").SyncStream
    read, close, reading, closed = stream.read, stream.close, list[object](), list[bool]()

    def reads(self: object, *arguments: object, **named: object) -> bytes:
        reading.append(self)
        try:
            return read(self, *arguments, **named)
        finally:
            reading.remove(self)

    def closes(self: object) -> None:
        closed.append(self in reading)
        close(self)

    monkeypatch.setattr(stream, "read", reads)
    monkeypatch.setattr(stream, "close", closes)

    def stop(_data: bytes) -> None:
        raise KeyError("stop")

    for _ in range(5):
        assert execute(cluster, container, "sh", "-c", "echo out") == (0, b"out\n", b"")
        with pytest.raises(KeyError):
            cluster.run(container, ["cat", "/dev/zero"], stdout=stop, stderr=stop)
        with pytest.raises(ExecError):
            cluster.run(container, ["sleep", "30"], stdout=stop, stderr=stop, stall_seconds=0.1)
    assert len(closed) >= 15
    assert not any(closed)


def test_a_command_that_never_ends_is_given_up(cluster: Cluster, container: Container) -> None:
    """Or one workspace could keep others from being saved."""
    said = bytearray()
    script = "while :; do echo still here; sleep 0.1; done"
    with pytest.raises(ExecError, match="the command took more than 1 s"):
        cluster.run(container, ["sh", "-c", script], stdout=said.extend, stderr=said.extend, most_seconds=1)
    assert said.startswith(b"still here\n")


def test_input_that_breaks_ends_the_command_and_is_raised(cluster: Cluster, container: Container) -> None:
    kept = bytearray()

    def write(take: Take) -> None:
        take(b"half")
        raise OSError("the archive ended early")

    with pytest.raises(OSError, match="the archive ended early"):
        cluster.run(container, ["cat"], stdin=write, stdout=kept.extend, stderr=kept.extend)


def test_a_command_may_end_without_reading_its_input(cluster: Cluster, container: Container) -> None:
    assert execute(cluster, container, "true", stdin=bytes(4 * 1024 * 1024)) == (0, b"", b"")


def test_what_a_command_said_arrives_though_it_left_its_input(cluster: Cluster, container: Container) -> None:
    """A server that closed with input unread would reset the connection, and what was on its way were lost."""
    taken = bytearray()

    def take(data: bytes) -> None:
        if not taken:
            time.sleep(0.5)
        taken.extend(data)

    def write(send: Take) -> None:
        for _ in range(100):
            send(bytes(100_000))

    command = ["head", "-c", "3000000", "/dev/zero"]
    assert cluster.run(container, command, stdin=write, stdout=take, stderr=take) == 0
    assert len(taken) == 3_000_000


def test_a_slow_reader_holds_the_command_up(cluster: Cluster, container: Container) -> None:
    """And others are answered meanwhile."""
    release, taken = threading.Event(), bytearray()

    def take(data: bytes) -> None:
        release.wait(30)
        taken.extend(data)

    script = "head -c 20000000 /dev/zero; echo done > written"
    slow = threading.Thread(
        target=cluster.run, args=(container, ["sh", "-c", script]), kwargs={"stdout": take, "stderr": take}
    )
    slow.start()
    try:
        assert execute(cluster, container, "cat", "written")[0] == 1
    finally:
        release.set()
        slow.join()
    assert len(taken) == 20_000_000
    assert execute(cluster, container, "cat", "written") == (0, b"done\n", b"")


def test_a_home_goes_with_its_pod(cluster: Cluster, container: Container, sandbox: SandboxPaths) -> None:
    home = execute(cluster, container, "pwd")[1].decode().strip()
    assert os.path.isdir(home)  # noqa: PTH112
    assert os.stat(home).st_mode & 0o777 == 0o700  # noqa: PTH116
    store = ManifestStore(sandbox.clusters / "coder-ohio")
    store.delete(kind_of("v1", "Pod"), container.namespace, container.pod)
    execute(cluster, new_pod(sandbox), "true")
    assert not os.path.exists(home)  # noqa: PTH110


def with_plugin(sandbox: SandboxPaths, program: str, version: str = "v1beta1") -> Cluster:
    """Credentials as EKS has them: a program prints a token."""
    plugin = {"apiVersion": f"client.authentication.k8s.io/{version}", "command": "sh", "args": ["-c", program]}
    made: Json = KubeConfig
    config = {
        "clusters": [{"name": "it", "cluster": {"server": sandbox.cluster_endpoint(OHIO)}}],
        "users": [{"name": "it", "user": {"exec": plugin}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "current-context": "it",
    }
    return Cluster(made.from_dict(config))


def test_a_token_is_asked_for_again_when_it_has_expired(
    sandbox: SandboxPaths, container: Container, tmp_path: Path
) -> None:
    """Those of EKS last for fifteen minutes, an event for hours."""
    answers = f"[ -e {tmp_path}/asked ] && token={token_of(sandbox)} || token=expired; : > {tmp_path}/asked\n"
    program = f'{answers}echo \'{{"status": {{"token": "\'$token\'"}}}}\''
    with with_plugin(sandbox, program) as cluster:
        with pytest.raises(ExecError, match="401"):
            execute(cluster, container, "true")
        assert execute(cluster, container, "true")[0] == 0


@pytest.mark.parametrize(
    ("program", "version", "reason"),
    [
        ("echo no >&2; exit 1", "v1beta1", "returned 1"),
        ("echo no", "v1beta1", "Expecting value"),
        ("true", "v9", "not implemented"),
    ],
)
def test_credentials_that_can_not_be_had_are_a_reason(
    sandbox: SandboxPaths, container: Container, program: str, version: str, reason: str
) -> None:
    with (
        with_plugin(sandbox, program, version) as cluster,
        pytest.raises(ExecError, match=f"there are no credentials for the cluster: .*{reason}"),
    ):
        execute(cluster, container, "true")
