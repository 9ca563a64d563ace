"""What the CronJob that makes nodes ready is started with, and when it runs."""

from __future__ import annotations

from datetime import UTC, timedelta

from pydantic import AwareDatetime

from workshop.model.names import NODE_POOL, WARM_NODES
from workshop.model.plan.warm import GIVEN_UP, warm_at
from workshop.model.rotation import Document
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings


class WarmRequest(Document):
    """up: so many nodes of the pool from `begins` on, until all are ready or `ends`; then no pod of ours is left.

    deployment: the one that may be scaled, in a namespace of the same name. Moments have a year, which cron has not.
    """

    begins: AwareDatetime
    ends: AwareDatetime
    nodes: int
    node_pool: str
    deployment: str


def warm_request(settings: Settings, nodes: int) -> WarmRequest:
    """The request of one region's CronJob. Raises ValueError without a window."""
    window = given(settings.window)
    return WarmRequest(
        begins=warm_at(settings, window),
        ends=window.start + GIVEN_UP,
        nodes=nodes,
        node_pool=NODE_POOL,
        deployment=WARM_NODES,
    )


def warm_schedule(request: WarmRequest) -> str:
    """Cron fields, UTC: every minute of the hours, or where these span midnight of the days, in which there is to do.

    Ten minutes more, so that there is a run after the end. A few minutes too many do nothing: the request has moments.
    """
    first, last = request.begins.astimezone(UTC), request.ends.astimezone(UTC) + timedelta(minutes=10)
    if first.date() == last.date():
        return f"* {first.hour}-{last.hour} {first.day} {first.month} *"
    days = [first + timedelta(days=day) for day in range((last.date() - first.date()).days + 1)]
    return f"* * {_listed([day.day for day in days])} {_listed([day.month for day in days])} *"


def _listed(numbers: list[int]) -> str:
    return ",".join(str(number) for number in sorted({*numbers}))
