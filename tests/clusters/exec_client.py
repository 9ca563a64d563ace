"""exec on real API servers, by the client with which the event saves work."""

from __future__ import annotations

from typing import NamedTuple

from lightkube import KubeConfig

from workshop.event.work.exec import Cluster, Container, Take
from workshop.sandbox.clusters.api import Access
from workshop.sandbox.json_values import Json


class Result(NamedTuple):
    """exit_code: 0 where the command ended well; stdout, stderr: what it printed."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def execute(access: Access, namespace: str, pod: str, *command: str, stdin: bytes | None = None) -> Result:
    """Runs a command in the pod's container main. Raises ExecError with the server's answer where it refuses."""
    stdout, stderr = bytearray(), bytearray()

    def write(take: Take) -> None:
        take(stdin or b"")

    with opened(access) as cluster:
        container = Container(namespace=namespace, pod=pod, name="main")
        given = None if stdin is None else write
        code = cluster.run(container, command, stdout=stdout.extend, stderr=stderr.extend, stdin=given)
    return Result(code, bytes(stdout), bytes(stderr))


def opened(access: Access) -> Cluster:
    """The cluster's pods."""
    kube_config: Json = KubeConfig
    config = {
        "clusters": [{"name": "it", "cluster": dict(access.cluster)}],
        "users": [{"name": "it", "user": {"token": access.token}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "current-context": "it",
    }
    return Cluster(kube_config.from_dict(config))
