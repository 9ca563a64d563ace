"""How the systems of a stack are reached: from its settings and the environment, or in the sandbox."""

from __future__ import annotations

import os
from collections.abc import Callable

from workshop.checks.site import Site
from workshop.checks.systems import systems_of
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack
from workshop.model.outcome import Outcome
from workshop.model.plan.plan import plan_of_event
from workshop.observe.clock import now


def site_of(stack: Stack, run_preview: Callable[[], Outcome], screen: Screen) -> Site:
    """What there is to look at. Starts the sandbox where that is meant. Raises Refused where no plan exists at all."""
    settings = stack.settings
    if stack.is_sandbox:
        from workshop.cli.preflight.sandbox import sandbox_settings, sandbox_systems

        settings = sandbox_settings(stack, screen)
        systems = sandbox_systems(settings)
    else:
        systems = systems_of(settings, os.environ)
    return Site(
        stack=stack.name,
        settings=settings,
        plan=plan_of_event(settings, stack.zones),
        now=now(),
        systems=systems,
        run_preview=run_preview,
    )
