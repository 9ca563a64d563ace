"""`workshop sandbox clusters`: real API servers as the sandbox's clusters."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from workshop.cli.screen import Screen

if TYPE_CHECKING:
    from workshop.sandbox.clusters.lifecycle import ClusterStatus

app = typer.Typer(
    help="Real API servers as the sandbox's clusters, instead of folders of manifests.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def build() -> None:
    """Builds the program that runs the API servers, where it isn't at hand; `start` does so by itself."""
    from workshop.cli.answer import conversation
    from workshop.sandbox.clusters import binaries

    with conversation() as screen:
        parts = binaries.commands(_progress(screen))
        for part, (program, *_) in parts.items():
            screen.results.print(f"{part:<24} {program}")


@app.command()
def start() -> None:
    """Starts a Kubernetes API server for each region; the first time it builds the program for it."""
    from workshop.cli.answer import conversation
    from workshop.sandbox.clusters import lifecycle
    from workshop.sandbox.paths import SandboxPaths

    with conversation() as screen:
        paths = SandboxPaths.from_environment()
        clusters = lifecycle.start(paths, _progress(screen))
        _tell(screen, clusters)
        screen.results.print(f"kubectl: export KUBECONFIG={paths.kubeconfig}. Next: scripts/workshop up --users 20")


@app.command()
def stop() -> None:
    """Ends the API servers; the sandbox's clusters are folders of manifests again."""
    from workshop.cli.answer import conversation
    from workshop.sandbox.clusters import lifecycle
    from workshop.sandbox.paths import SandboxPaths

    with conversation() as screen:
        stopped = lifecycle.stop(SandboxPaths.from_environment())
        screen.results.print(
            "The API servers have stopped; what they held is there again after the next start."
            if stopped
            else "No API servers ran."
        )


@app.command()
def status() -> None:
    """Tells which API servers run, and where."""
    from workshop.cli.answer import conversation
    from workshop.sandbox.clusters import lifecycle
    from workshop.sandbox.paths import SandboxPaths

    with conversation() as screen:
        clusters = lifecycle.status(SandboxPaths.from_environment())
        _tell(screen, clusters)
        if not clusters:
            screen.results.print("The sandbox's clusters are folders of manifests: no API servers run.")
        elif not all(cluster.is_ready for cluster in clusters):
            screen.results.print("Bring them back: scripts/workshop sandbox clusters start")


def _progress(screen: Screen) -> Callable[[str], None]:
    return lambda what: screen.notes.print(f"{what[0].upper()}{what[1:]} ...")


def _tell(screen: Screen, clusters: "Sequence[ClusterStatus]") -> None:
    for cluster in clusters:
        screen.results.print(f"{cluster.context:<16} {cluster.server}  {'ready' if cluster.is_ready else 'not ready'}")
