"""`workshop rehearse`: the workshop's load on real schedulers and the real Karpenter, without a cloud."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from workshop.cli.options import SANDBOX, AsJson, StackName, Users, Yes
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.render.rehearsal import print_verdict, verdict_json, verdict_junit
from workshop.cli.render.text import headline
from workshop.cli.screen import Screen
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.model.counting import counted
from workshop.model.event.roster.problems import RosterError
from workshop.model.plan.plan import plan_of_event
from workshop.model.rehearsal.arrivals import Arrivals, read_arrivals
from workshop.model.rehearsal.faults import Fault
from workshop.model.rehearsal.rehearsal import STAND_IN_IMAGE, Rehearsal
from workshop.model.rehearsal.stand_in import NoSuchRegion, on_sandbox
from workshop.model.rehearsal.verdict import is_as_expected, judge
from workshop.model.rules.judgement import judge_settings
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.stack import Scope
from workshop.sandbox.files import write_whole

_AHEAD: Final = timedelta(minutes=30)
"""From now to the start of the rehearsed event: nodes are made ready before it."""

_ALL: Final = "all"
_ARRIVAL: Final = "workshop:arrival"

Region = Annotated[str, typer.Option("--region", metavar="R", help="One region alone; all: every one with users.")]
List = Annotated[
    Path | None,
    typer.Option("--arrivals", metavar="FILE", help="Who comes: a table of registrations, or of when people came."),
]
Cold = Annotated[bool, typer.Option("--cold", help="No nodes are made ready before people come.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="The same seed gives the same arrivals.")]
Speed = Annotated[
    int, typer.Option("--speed", metavar="K", min=1, max=100, help="Times as fast as builds, boots and disks are.")
]
Faults = Annotated[Fault | None, typer.Option("--fault", help="What goes wrong, mostly in the first region.")]

OnAws = Annotated[
    bool,
    typer.Option(
        "--true/--fast", help="Pool and class as they are, by Karpenter's AWS provider; or its kwok provider."
    ),
]
Real = Annotated[bool, typer.Option("--real", help="On the platform itself, by Coder's own scale test; asks first.")]
Template = Annotated[
    str | None, typer.Option("--template", metavar="NAME", help="With --real: of the workspaces; unset: the event's.")
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="NAME=VALUE", help="With --real: a parameter of the template."),
]
CleanUp = Annotated[bool, typer.Option("--clean-up", help="With --real: delete what an earlier one has left.")]
JUnit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Also write the verdict as JUnit XML.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Also write it with pictures, to keep.")]


def rehearse(
    users: Users = None,
    stack: StackName = SANDBOX,
    region: Region = _ALL,
    arrivals: List = None,
    seed: Seed = 0,
    speed: Speed = 30,
    cold: Cold = False,
    fault: Faults = None,
    on_aws: OnAws = False,
    html: Html = None,
    junit: JUnit = None,
    real: Real = False,
    template: Template = None,
    parameter: Parameters = None,
    clean_up: CleanUp = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Plays everybody's arrival on control planes of this machine, and compares it with the plan.

    Ends with 0 where the plan holds, or where a fault does what it has to do; else with 1. Needs what
    `workshop sandbox clusters build` builds.

    With --real it is Coder's own scale test, on the platform itself: it says what it does and costs, and asks first.

    \b
    Examples:
      workshop rehearse --users 20
      workshop rehearse --users 20 --html rehearsal.html
      workshop rehearse --users 20 --fault small-volume
      workshop rehearse --users 20 --true
      workshop rehearse --stack workshop --arrivals registrations.csv --region us-east-2
      workshop rehearse --stack workshop --real --users 20
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        is_real = real or clean_up
        _check_options({"--template": template, "--parameter": parameter}, "with --real", is_right=is_real)
        elsewhere = {"--cold": cold, "--fault": fault, "--true": on_aws, "--html": html, "--junit": junit}
        _check_options({**elsewhere, "--region": region != _ALL}, "without --real", is_right=not is_real)
        _check_can_write(html, junit)
        listed = None if arrivals is None else _read_list(arrivals)
        target = read_stack(stack, users or (listed and listed.people), users_if_unknown=1 if clean_up else None)
        if is_real:
            from workshop.cli.commands.scale_test import (  # needs what reads the CLI's answers
                Wanted,
                rehearse_on_platform,
            )

            wanted = Wanted(template=template, parameters=tuple(parameter or ()), is_clean_up=clean_up, yes=yes)
            rehearse_on_platform(target, wanted, screen, as_json=as_json)
        config = _on_sandbox(target, screen)
        # Imported here: the sandbox's clusters are heavy, and --help needs none of it.
        from workshop.rehearsal.play import play
        from workshop.rehearsal.stage import stage as staged
        from workshop.rehearsal.stage import warm

        screen.text.print(headline(target))
        rehearsal = _rehearsal(target, _with_arrivals(config, listed), seed, speed, fault)
        rehearsal = replace(rehearsal, only=_only(rehearsal, region), is_cold=cold, on_aws=on_aws)
        if rehearsal.why_not:
            raise CannotRun(f"{rehearsal.why_not}.")
        if refused := judge_settings(rehearsal.settings, rehearsal.plan):
            reasons = "; ".join(map(str, refused))
            raise CannotRun(f"up would refuse this, so there is nothing to rehearse: {reasons}")
        with (
            screen.saying(f"Rehearsing {counted(rehearsal.users, 'arrival')}") as say,
            staged(rehearsal, say) as stage,
        ):
            warm(stage, rehearsal, say)
            played = play(stage, rehearsal, say)
        verdict = judge(rehearsal, played.regions)
        if html is not None:
            from workshop.cli.render.rehearsal_page import rehearsal_page  # its charts and templates are heavy

            write_whole(html, rehearsal_page(rehearsal, verdict, played.samples, played.regions))
        if junit is not None:
            write_whole(junit, verdict_junit(rehearsal, verdict))
        if as_json:
            screen.results.print(verdict_json(target.name, rehearsal, verdict), soft_wrap=True)
        else:
            print_verdict(rehearsal, verdict, screen.results)
        raise typer.Exit(0 if is_as_expected(rehearsal, verdict) else 1)


def _on_sandbox(target: Stack, screen: Screen) -> Mapping[str, str]:
    """The stack's config on the sandbox's systems; says which settings are the sandbox's."""
    if target.settings.scope is not Scope.ALL:
        raise CannotRun(f"Stack {target.name} has no nodes to rehearse: workshop:scope is {target.settings.scope}.")
    if target.is_sandbox:
        return target.config
    try:
        stand_in = on_sandbox(target.config, read_stack(SANDBOX, users_if_unknown=1).config)
    except NoSuchRegion as region:
        raise CannotRun(
            f"A rehearsal runs on the sandbox's clusters, and it has none in {region}, a region of stack "
            f"{target.name}: add the region to Pulumi.sandbox.yaml."
        ) from None
    taken = ", ".join(dict.fromkeys(re.sub(r"regions\[[^]]+\]", "regions[]", one) for one in stand_in.taken))
    print_message(screen.text, f"Settings of the cloud that are the sandbox's here: {taken}.")
    return stand_in.config


def _check_options(given: Mapping[str, object], where: str, *, is_right: bool) -> None:
    """Raises CannotRun for an option that would mean nothing here."""
    if not is_right and (names := [name for name, value in given.items() if value]):
        raise CannotRun(f"{', '.join(names)}: only {where}.")


def _check_can_write(*files: Path | None) -> None:
    """Before what takes minutes. Raises CannotRun."""
    for file in files:
        if file is not None and (file.is_dir() or not os.access(file.parent, os.W_OK)):
            raise CannotRun(f"{file} can't be written: name a file in a folder that is there.")


def _read_list(file: Path) -> Arrivals:
    try:
        return read_arrivals(file.read_bytes())
    except RosterError as error:
        raise CannotRun(f"{file.name}: {error}.") from None


def _with_arrivals(config: Mapping[str, str], listed: Arrivals | None) -> Mapping[str, str]:
    """People come when the list says; where it does not, as the settings say."""
    if listed is None or not listed.per_minute:
        return config
    arrival: dict[str, Any] = json.loads(config.get(_ARRIVAL) or "{}")
    arrival |= {"within": "0m", "per_minute": list(listed.per_minute)}
    return {**config, _ARRIVAL: json.dumps(arrival)}


def _only(rehearsal: Rehearsal, region: str) -> str | None:
    if region == _ALL:
        return None
    if region not in rehearsal.regions:
        raise CannotRun(
            f"Nobody's workspace is in {region}: --region is all, or one of {', '.join(rehearsal.regions)}."
        )
    return region


def _rehearsal(target: Stack, config: Mapping[str, str], seed: int, speed: int, fault: Fault | None) -> Rehearsal:
    """The stack's event as if it began in half an hour."""
    window = {
        "start": (target.read_at + _AHEAD).isoformat(timespec="minutes"),
        "duration": "4h",
        "overrides": ["image-change"],  # a stage that was set up a moment ago runs the platform's image still
    }
    config = {**config, "workshop:window": json.dumps(window)}
    settings = settings_from_config(config)
    if not settings.arrival.images:
        arrival = {**json.loads(config.get(_ARRIVAL) or "{}"), "images": [STAND_IN_IMAGE]}
        config["workshop:arrival"] = json.dumps(arrival)
        settings = settings_from_config(config)
    plan = plan_of_event(settings, target.zones)
    return Rehearsal(config=config, settings=settings, plan=plan, seed=seed, speed=speed, fault=fault)
