"""spend-ceiling: a workshop costs no more than the settings allow, where they say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import set_command
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "spend-ceiling"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Compares the window's cost with the ceiling; without a window there is no length to multiply with."""
    cost, ceiling = plan.cost.usd_per_workshop, settings.spend_ceiling_usd
    if settings.scope is Scope.ALL and ceiling and cost is not None and cost > ceiling:
        yield Finding(
            rule=NAME,
            resource="workspace nodes",
            problem=f"the window costs {cost:.2f} USD, the ceiling is {ceiling} (workshop:spend_ceiling_usd)",
            why="nodes run for the whole window, preparation and cool-down included",
            fix=f"shorten workshop:window, or {set_command(('spend_ceiling_usd',), str(math.ceil(cost)))}",
        )
