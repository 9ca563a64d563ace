"""`workshop monitoring`: what Prometheus and Grafana are given."""

from __future__ import annotations

from typing import ClassVar

import typer

from workshop.cli.lazy import Commands, LazyGroup


class _Monitoring(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "rules": ("workshop.cli.commands.monitoring.rules:rules", "Write the alert rules as Prometheus reads them."),
        "export": ("workshop.cli.commands.monitoring.export:export", "Write what Prometheus saw of an event."),
        "dashboards": ("workshop.cli.commands.monitoring.dashboards:dashboards", "Write the dashboards for Grafana."),
    }


app = typer.Typer(cls=_Monitoring, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def monitoring() -> None:
    """Alert rules, and what is measured."""
