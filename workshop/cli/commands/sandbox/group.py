"""`workshop sandbox`: the server behind the sandbox, its data and its clusters."""

from __future__ import annotations

from typing import ClassVar

import typer

from workshop.cli.lazy import Commands, LazyGroup


class _Clusters(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "start": ("workshop.cli.commands.sandbox.clusters:start", "Start a Kubernetes API server for each region."),
        "stop": ("workshop.cli.commands.sandbox.clusters:stop", "End them; the clusters are folders again."),
        "status": ("workshop.cli.commands.sandbox.clusters:status", "Show which API servers run, and where."),
        "build": ("workshop.cli.commands.sandbox.clusters:build", "Build the program that runs the API servers."),
    }


class _Sandbox(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "start": ("workshop.cli.commands.sandbox.server:start", "Start the server; other commands do so themselves."),
        "stop": ("workshop.cli.commands.sandbox.server:stop", "Stop the server; its data stays."),
        "status": ("workshop.cli.commands.sandbox.server:status", "Show whether the server runs, and where."),
        "attach": ("workshop.cli.commands.sandbox.attach:attach", "Serve the sandbox to the real Pulumi CLI."),
        "clusters": ("workshop.cli.commands.sandbox.group:clusters_app", "Real API servers as the sandbox's clusters."),
        "reset": ("workshop.cli.commands.sandbox.server:reset", "Delete everything that the sandbox holds."),
    }


app = typer.Typer(cls=_Sandbox, add_completion=False, no_args_is_help=True, rich_markup_mode=None)
clusters_app = typer.Typer(cls=_Clusters, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def sandbox() -> None:
    """The server behind the sandbox, and its data."""


@clusters_app.callback()
def clusters() -> None:
    """Real API servers as the sandbox's clusters, instead of folders of manifests."""
