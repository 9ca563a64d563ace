"""join-host: the page to which invitations lead is on a host of its own, where no participant can serve anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import set_command
from workshop.model.settings.stack import Settings

NAME: Final = "join-host"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """Compares the host with every region's domain, below which workspaces' apps are."""
    event = settings.event
    if event is None or event.join_host is None:
        return
    host = event.join_host
    region = next((one for one in settings.regions if f".{host}".endswith(f".{one.domain}")), None)
    if region is not None:
        where = "is" if host == region.domain else f"is below {region.domain},"
        yield Finding(
            rule=NAME,
            resource=f"event {event.name}",
            problem=f"its page {host} {where} where {region.name} serves apps (workshop:event.join_host)",
            why="a participant's app there could take the page's cookies, and look like it",
            fix=set_command(("event", "join_host"), f"join.{settings.zone.name}"),
        )
