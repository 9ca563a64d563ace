"""A line comes to every terminal that takes it, and none of the others holds the keeper up."""

from __future__ import annotations

from lightkube import KubeConfig

from tests.event.work.conftest import new_pod, run
from workshop.event.work.exec import Cluster, Container
from workshop.event.work.terminal_notice import tell
from workshop.sandbox.paths import SandboxPaths

TEXT = 'workshop-07 stops in 5 minutes; "$(touch evil)" %s\\'


def terminals(sandbox: SandboxPaths) -> Container:
    return new_pod(sandbox, WORKSHOP_TERMINALS="terminals")


def test_every_terminal_has_the_line_once(sandbox: SandboxPaths, cluster: Cluster) -> None:
    pod = terminals(sandbox)
    run(cluster, pod, "mkdir terminals; touch terminals/0 terminals/12 terminals/ptmx")
    assert tell(cluster, pod, TEXT) == "written to 2 terminals"
    assert run(cluster, pod, "cat terminals/0") == run(cluster, pod, "cat terminals/12") == f"\r\n{TEXT}\r\n"
    assert run(cluster, pod, "cat terminals/ptmx; ls") == "terminals\n"


def test_one_that_takes_nothing_is_left_alone(sandbox: SandboxPaths, cluster: Cluster) -> None:
    pod = terminals(sandbox)
    run(cluster, pod, "mkdir terminals; touch terminals/0; mkfifo terminals/1")
    assert tell(cluster, pod, TEXT) == "written to 2 terminals"
    assert run(cluster, pod, "cat terminals/0") == f"\r\n{TEXT}\r\n"


def test_a_pod_without_terminals_or_a_cluster_that_is_away_is_no_failure(
    sandbox: SandboxPaths, cluster: Cluster
) -> None:
    assert tell(cluster, terminals(sandbox), TEXT) == "written to 0 terminals"
    gone = Container(namespace="coder-ws", pod="gone", name="dev")
    assert tell(cluster, gone, TEXT).startswith("no terminal could be reached: the cluster refused")
    config = {
        "clusters": [{"name": "x", "cluster": {"server": "http://127.0.0.1:9"}}],
        "users": [{"name": "x", "user": {"token": "x"}}],
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "current-context": "x",
    }
    with Cluster(KubeConfig.from_dict(config)) as away:  # pyright: ignore[reportUnknownMemberType]
        assert tell(away, gone, TEXT).startswith("no terminal could be reached: the cluster can't be reached")
