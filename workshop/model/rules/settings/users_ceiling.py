"""users-ceiling: no more users than the committed ceiling; catches 200 typed for 20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import set_command
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "users-ceiling"


def check(settings: Settings, _plan: Plan) -> Iterator[Finding]:
    """Compares users with max_users."""
    if settings.scope is Scope.ALL and settings.users > settings.max_users:
        yield Finding(
            rule=NAME,
            resource="workshop:users",
            problem=f"{settings.users} is more than workshop:max_users ({settings.max_users})",
            why="a mistyped number would start nodes for people who don't come",
            fix=f"if so many are expected, raise the ceiling: {set_command(('max_users',), str(settings.users))}",
        )
