"""`workshop monitoring export`: what Prometheus saw of an event, as one file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import isnan
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from workshop.checks.service import Inconclusive, Service
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.model.counting import counted
from workshop.model.monitoring.baselines import WITHIN, Baselines, Figure, alerts_question, questions
from workshop.model.settings.window import Window
from workshop.model.window.phases import moment
from workshop.sandbox.files import write_whole

To = Annotated[Path, typer.Option("--to", metavar="FILE", help="File for the figures.")]
Url = Annotated[
    str | None,
    typer.Option("--prometheus", metavar="URL", help="Prometheus; unset: workshop:preflight.prometheus_url."),
]


class _Series(BaseModel):
    metric: Mapping[str, str]
    value: tuple[float, float]


class _Data(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    data: _Data


def export(to: To, prometheus: Url = None, users: Users = None, stack: StackName = SANDBOX) -> None:
    """Writes the event's figures to one JSON file: peaks, failures, waits, cost, routes, alerts. To be run within 48
    hours of its end, before Prometheus forgets.

    \b
    Examples:
      workshop monitoring export --to october.json --prometheus http://127.0.0.1:9090
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        window = target.settings.window
        if window is None:
            raise CannotRun(f"Stack {stack} has no window: nobody knows when the event was (docs/window.md)")
        end = window.start + window.duration
        if target.read_at < end:
            raise CannotRun(f"The event ends {moment(end)}: export then, its figures are not whole before")
        url = prometheus or target.settings.preflight.prometheus_url
        if url is None:
            raise CannotRun("workshop:preflight.prometheus_url is not set: name Prometheus with --prometheus URL")
        written = _baselines(target, window, Service(name="Prometheus", url=url))
        missing = [figure.id for figure in written.figures if not figure.values]
        if len(missing) == len(written.figures):
            raise CannotRun(f"Prometheus ({url}) has nothing of the event, {moment(window.start)} to {moment(end)}")
        try:
            write_whole(to, written.model_dump_json(indent=1) + "\n")
        except OSError as error:
            raise CannotRun(f"Cannot write {to}: {error.strerror}") from None
        print_message(screen.results, f"{counted(len(written.figures) - len(missing), 'figure')} in {to}.")
        if missing:
            print_message(screen.results, f"Not measured: {', '.join(missing)} (docs/metrics.md says what they need).")
        if target.read_at > end + WITHIN:
            late = f"The event ended {moment(end)}, more than 48 hours ago: compare with what people remember."
            print_message(screen.results, late)


def _baselines(target: Stack, window: Window, prometheus: Service) -> Baselines:
    """Raises CannotRun."""
    settings, end = target.settings, window.start + window.duration

    def ask(expression: str) -> list[_Series]:
        query = {"query": expression, "time": f"{end.timestamp():.0f}"}
        try:
            return prometheus.get("api/v1/query", _Answer, query).data.result
        except Inconclusive as reason:
            raise CannotRun(f"{reason.found}: {reason.fix}") from None

    lasted: timedelta = window.duration
    figures = tuple(
        Figure(
            id=asked.id,
            meaning=asked.meaning,
            unit=asked.unit,
            values={
                one.metric.get(asked.label, ""): round(one.value[1], 3) for one in ask(asked.expr) if _is_number(one)
            },
        )
        for asked in questions(settings, lasted)
    )
    return Baselines(
        stack=target.name,
        event=settings.event.name if settings.event else None,
        users_planned=settings.users,
        start=window.start,
        end=end,
        exported_at=target.read_at,
        figures=figures,
        alerts={one.metric.get("alertname", ""): int(one.value[1]) for one in ask(alerts_question(lasted))},
    )


def _is_number(series: _Series) -> bool:
    return not isnan(series.value[1])  # 0 of 0
