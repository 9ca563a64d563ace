"""`workshop rehearse --real`: Coder's own scale test on the platform itself, a week before the event."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import typer

from workshop.cli.problem import CannotRun
from workshop.cli.render.rehearsal import figure_table
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack
from workshop.model.counting import counted
from workshop.model.plan.plan import plan_of_event
from workshop.model.rehearsal.platform import HOURS, LOGINS_A_MINUTE, cost_usd, judge_platform
from workshop.model.rehearsal.verdict import Verdict
from workshop.model.settings.regions import Role
from workshop.rehearsal.platform import Journal, PlatformProblem, ScaleTest, find_cli, unfinished
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.paths import SandboxPaths

LIMITS: Final = "Not rehearsed: what people's programs do, models, and work that is saved."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Options of --real. template: of the workspaces, by its name."""

    template: str | None
    parameters: tuple[str, ...]
    is_clean_up: bool
    yes: bool


def rehearse_on_platform(target: Stack, wanted: Wanted, screen: Screen, *, as_json: bool) -> None:
    """Plays it and ends with 0 where the targets are met; asks first. Raises CannotRun, typer.Exit."""
    journal = SandboxPaths.from_environment().folder / f"scale-test-{target.name}.json"
    try:
        left = unfinished(journal)
        url = left.url if left and wanted.is_clean_up else _coder_url(target)
        program = find_cli()
        with screen.saying("Scale test") as say:
            test = ScaleTest(program=program, journal=journal, environment=_environment(target, url), say=say)
            if wanted.is_clean_up:
                if left is None:
                    raise CannotRun(f"No scale test of stack {target.name} was begun here, so none has left anything.")
                test.clean_up(target.name)
                screen.text.print("Deleted: workspaces of scale tests, and their users.")
                raise typer.Exit(0)
        _refuse_leftovers(journal, left)
        begun = _begin(target, wanted, url, screen)
        with screen.saying(f"Rehearsing {counted(begun.users, 'arrival')} on {url}") as say:
            test = ScaleTest(program=program, journal=journal, environment=_environment(target, url), say=say)
            created, traffic = test.play(begun, wanted.parameters)
    except PlatformProblem as problem:
        raise CannotRun(f"{problem}.") from None
    verdict = judge_platform(target.settings, begun.users, created, traffic)
    _show(target, verdict, screen, as_json=as_json)
    raise typer.Exit(0 if verdict.passed else 1)


def _begin(target: Stack, wanted: Wanted, url: str, screen: Screen) -> Journal:
    """Says what it will do and cost, and asks. Raises CannotRun where nobody can be asked, typer.Exit at no."""
    event = target.settings.event
    template = wanted.template or (event.template.partition("/")[2] if event else None)
    if template is None:
        raise CannotRun("Which template do workspaces have? --template NAME, or set event.template.")
    plan, users = plan_of_event(target.settings, target.zones), target.settings.users
    screen.text.print(
        f"{counted(users, 'user')} and workspaces of template {template} are made at once on {url}, are connected to "
        "for two minutes, and are deleted again, with whatever other scale tests have there. Users count in Coder's "
        "licence while they are there.\n"
        f"Cost: {cost_usd(plan):.2f} USD at most, the plan's nodes for {counted(HOURS, 'hour')}."
    )
    if users > LOGINS_A_MINUTE:
        screen.text.print(
            f"Coder takes {LOGINS_A_MINUTE} logins a minute from one address: the others will fail, unless the server "
            "runs with CODER_DANGEROUS_DISABLE_RATE_LIMITS for as long as this takes."
        )
    if not wanted.yes:
        if not screen.can_ask:
            raise CannotRun("Nobody is here to confirm that: run it in a terminal, or add --yes.")
        if screen.ask("Begin? [y/N]").lower() not in ("y", "yes"):
            screen.text.print("Nothing was done.")
            raise typer.Exit(1)
    return Journal(stack=target.name, template=template, users=users, url=url, begun_at=target.read_at)


def _refuse_leftovers(journal: Path, left: Journal | None) -> None:
    if left is not None:
        raise CannotRun(
            f"The rehearsal of {left.begun_at:%Y-%m-%d %H:%M} UTC with {counted(left.users, 'user')} did not clean up "
            f"({journal}): workshop rehearse --real --clean-up --stack {left.stack}"
        )


def _coder_url(target: Stack) -> str:
    if target.is_sandbox:
        return f"{SandboxPaths.from_environment().aws_endpoint}/coder"
    given = os.environ.get("CODER_URL")
    return given or "https://" + next(
        region.domain for region in target.settings.regions if region.role is Role.CONTROL_PLANE
    )


def _environment(target: Stack, url: str) -> Mapping[str, str]:
    """The CLI's: who is logged in is its own affair, or CODER_SESSION_TOKEN's."""
    token = {"CODER_SESSION_TOKEN": token_of(SandboxPaths.from_environment())} if target.is_sandbox else {}
    return {**os.environ, "CODER_URL": url, **token}


def _show(target: Stack, verdict: Verdict, screen: Screen, *, as_json: bool) -> None:
    missed = sum(one.passed is False for one in verdict.figures)
    headline = "The targets are met." if verdict.passed else f"Not so: {counted(missed, 'target')} missed."
    if as_json:
        answer = {
            "stack": target.name,
            "headline": headline,
            "passed": verdict.passed,
            "figures": [asdict(one) for one in verdict.figures],
            "notes": verdict.notes,
            "not_rehearsed": LIMITS,
        }
        screen.results.print(json.dumps(answer, indent=2), soft_wrap=True)
        return
    screen.results.print(headline)
    screen.results.print(figure_table(verdict))
    for note in verdict.notes:
        screen.results.print(note, highlight=False, markup=False)
    screen.results.print(LIMITS)
