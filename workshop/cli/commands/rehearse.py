"""`workshop rehearse`: the workshop's load on real schedulers and the real Karpenter, without a cloud."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.rehearsal import print_verdict, verdict_json
from workshop.cli.render.text import headline
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.model.counting import counted
from workshop.model.plan.plan import plan_of_event
from workshop.model.rehearsal.faults import Fault
from workshop.model.rehearsal.rehearsal import STAND_IN_IMAGE, Rehearsal
from workshop.model.rehearsal.verdict import is_as_expected, judge
from workshop.model.settings.config import settings_from_config
from workshop.sandbox.files import write_whole

_AHEAD: Final = timedelta(minutes=30)
"""From now to the start of the rehearsed event: nodes are made ready before it."""

Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="The same seed gives the same arrivals.")]
Speed = Annotated[
    int, typer.Option("--speed", metavar="K", min=1, max=100, help="Times as fast as builds, boots and disks are.")
]
Faults = Annotated[Fault | None, typer.Option("--fault", help="What goes wrong in the first region.")]

Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Also write it with pictures, to keep.")]


def rehearse(
    users: Users = None,
    stack: StackName = SANDBOX,
    seed: Seed = 0,
    speed: Speed = 20,
    fault: Faults = None,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Plays everybody's arrival on control planes of this machine, and compares it with the plan.

    Ends with 0 where the plan holds, or where a fault does what it has to do; else with 1. Needs what
    `workshop sandbox clusters build` builds.

    \b
    Examples:
      workshop rehearse --users 20
      workshop rehearse --users 20 --html rehearsal.html
      workshop rehearse --users 20 --fault small-volume
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users)
        if not target.is_sandbox:
            raise CannotRun("A rehearsal plays the sandbox's stack: leave out --stack.")
        # Imported here: the sandbox's clusters are heavy, and --help needs none of it.
        from workshop.rehearsal.play import play
        from workshop.rehearsal.stage import stage as staged
        from workshop.rehearsal.stage import warm

        screen.text.print(headline(target))
        rehearsal = _rehearsal(target, seed, speed, fault)
        with (
            screen.saying(f"Rehearsing {counted(rehearsal.plan.users, 'arrival')}") as say,
            staged(rehearsal, say) as stage,
        ):
            warm(stage, rehearsal, say)
            played = play(stage, rehearsal, say)
        verdict = judge(rehearsal, played.regions)
        if html is not None:
            from workshop.cli.render.rehearsal_page import rehearsal_page  # its charts and templates are heavy

            write_whole(html, rehearsal_page(rehearsal, verdict, played.samples))
        if as_json:
            screen.results.print(verdict_json(rehearsal, verdict), soft_wrap=True)
        else:
            print_verdict(rehearsal, verdict, screen.results)
        raise typer.Exit(0 if is_as_expected(rehearsal, verdict) else 1)


def _rehearsal(target: Stack, seed: int, speed: int, fault: Fault | None) -> Rehearsal:
    """The stack's event as if it began in half an hour."""
    window = {
        "start": (target.read_at + _AHEAD).isoformat(timespec="minutes"),
        "duration": "4h",
        "overrides": ["image-change"],  # a stage that was set up a moment ago runs the platform's image still
    }
    config = {**target.config, "workshop:window": json.dumps(window)}
    settings = settings_from_config(config)
    if not settings.arrival.images:
        arrival = {**json.loads(config.get("workshop:arrival", "{}")), "images": [STAND_IN_IMAGE]}
        config["workshop:arrival"] = json.dumps(arrival)
        settings = settings_from_config(config)
    plan = plan_of_event(settings, target.zones)
    return Rehearsal(config=config, settings=settings, plan=plan, seed=seed, speed=speed, fault=fault)
