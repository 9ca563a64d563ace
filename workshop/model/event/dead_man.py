"""The dead man's switch: what the keeper leaves in each cluster while it lives, and what is done when it is silent.

The CronJob's request says all moments itself, so that it needs no database, no Coder and no other region.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime

from workshop.model.names import MARK, NODE_POOL
from workshop.model.plan.event import TAIL
from workshop.model.rotation import Document
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

SILENCE: Final = timedelta(minutes=15)
"""A keeper whose heartbeat is older is taken for dead: it renews it every minute, and a node takes five to replace."""

SCHEDULE: Final = "*/5 * * * *"
"""Of the CronJob. It does nothing before its request says so."""

HEARTBEAT: Final = f"{MARK}-keeper"
HEARTBEAT_KEY: Final = "heartbeat"
"""Name of the ConfigMap in each cluster that the keeper renews, and the key in it."""


class Heartbeat(Document):
    """What the keeper leaves in a cluster. workspaces: ids of all seats there, which nobody else's pods have."""

    renewed_at: AwareDatetime
    workspaces: tuple[str, ...] = ()

    def is_fresh(self, now: datetime) -> bool:
        """Whether the keeper lives. One from the future is no sign of it."""
        return abs(now - self.renewed_at) <= SILENCE


class DeadManRequest(Document):
    """dead-man: from `after` on, where the keeper is silent, stops what the event's pool costs.

    namespace: of the heartbeat. node_pool: ours.
    """

    event: str
    after: AwareDatetime
    namespace: str
    node_pool: str


def dead_man_request(settings: Settings, namespace: str) -> DeadManRequest:
    """The request of every region's CronJob. Raises ValueError where no event or window is set."""
    event = given(settings.event)
    after = given(settings.window).start + event.latest_end + TAIL
    return DeadManRequest(event=event.name, after=after, namespace=namespace, node_pool=NODE_POOL)
