"""`workshop sandbox clusters`: real API servers as the sandbox's clusters."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.screen import Screen
from workshop.cli.session import reporting_problems
from workshop.sandbox.clusters import binaries, lifecycle
from workshop.sandbox.clusters.lifecycle import ClusterStatus
from workshop.sandbox.clusters.nodes import NO_NODES, Nodes
from workshop.sandbox.paths import SandboxPaths


def build() -> None:
    """Builds the program that runs the API servers, where it isn't at hand; `start` does so by itself.

    \b
    Examples:
      workshop sandbox clusters build
    """
    with reporting_problems() as screen:
        parts = binaries.commands(_progress(screen))
        for part, (program, *_) in parts.items():
            screen.results.print(f"{part:<24} {program}")


def start(
    plain_nodes: Annotated[
        int,
        typer.Option(min=0, help="Nodes to make in each cluster: its pods are then scheduled, and can be exec'd into."),
    ] = 0,
    instance_types: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Run Karpenter too, with this catalogue of its kwok provider."),
    ] = None,
) -> None:
    """Starts a Kubernetes API server for each region; the first time it builds the program for it.

    \b
    Examples:
      workshop sandbox clusters start
      workshop sandbox clusters start --plain-nodes 3
    """
    with reporting_problems() as screen:
        paths = SandboxPaths.from_environment()
        nodes = Nodes(plain=plain_nodes, instance_types=instance_types)
        wanted = lifecycle.everywhere(paths, nodes) if plain_nodes or instance_types else NO_NODES
        clusters = lifecycle.start(paths, _progress(screen), wanted)
        _tell(screen, clusters)
        screen.results.print(f"kubectl: export KUBECONFIG={paths.kubeconfig}. Next: scripts/workshop up --users 20")


def stop() -> None:
    """Ends the API servers; the sandbox's clusters are folders of manifests again.

    \b
    Examples:
      workshop sandbox clusters stop
    """
    with reporting_problems() as screen:
        stopped = lifecycle.stop(SandboxPaths.from_environment())
        screen.results.print(
            "The API servers have stopped; what they held is there again after the next start."
            if stopped
            else "No API servers ran."
        )


def status() -> None:
    """Tells which API servers run, and where.

    \b
    Examples:
      workshop sandbox clusters status
    """
    with reporting_problems() as screen:
        clusters = lifecycle.status(SandboxPaths.from_environment())
        _tell(screen, clusters)
        if not clusters:
            screen.results.print("The sandbox's clusters are folders of manifests: no API servers run.")
        elif not all(cluster.is_ready for cluster in clusters):
            screen.results.print("Bring them back: scripts/workshop sandbox clusters start")


def _progress(screen: Screen) -> Callable[[str], None]:
    return lambda what: screen.notes.print(f"{what[0].upper()}{what[1:]} ...")


def _tell(screen: Screen, clusters: Sequence[ClusterStatus]) -> None:
    for cluster in clusters:
        screen.results.print(f"{cluster.context:<16} {cluster.server}  {'ready' if cluster.is_ready else 'not ready'}")
