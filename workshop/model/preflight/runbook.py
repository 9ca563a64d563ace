"""The runbook's items: what is due when, what a check answers for, and what only a person can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Day(StrEnum):
    """When an item is due."""

    WEEK_BEFORE = "T-7"
    TWO_DAYS_BEFORE = "T-2"
    DAY_BEFORE = "T-1"
    DAY = "day"
    AFTER = "after"


_DUE: Final[Mapping[Day, timedelta]] = {
    Day.WEEK_BEFORE: timedelta(days=-7),
    Day.TWO_DAYS_BEFORE: timedelta(days=-2),
    Day.DAY_BEFORE: timedelta(days=-1),
    Day.DAY: timedelta(hours=-2),
}
"""From the start of the event; what comes after is due when the window has closed."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the runbook. checks: those that answer for it; none: a person does. command: how it is done."""

    id: str
    day: Day
    what: str
    command: str
    checks: tuple[str, ...] = ()


ITEMS: Final = (
    Item(
        id="users-known",
        day=Day.WEEK_BEFORE,
        what="the number of users is decided",
        command="scripts/workshop plan --users N",
    ),
    Item(
        id="quota",
        day=Day.WEEK_BEFORE,
        what="the EC2 quota covers the event",
        command="scripts/workshop preflight --before up",
        checks=("ec2-quota",),
    ),
    Item(
        id="hosts",
        day=Day.WEEK_BEFORE,
        what="hosts resolve everywhere and certificates outlast the event",
        command="scripts/workshop preflight --before up",
        checks=("hosts-resolve", "tls-lifetime"),
    ),
    Item(
        id="window-set",
        day=Day.WEEK_BEFORE,
        what="the window is set and committed",
        command="pulumi config set --path 'workshop:window.start' ...",
    ),
    Item(
        id="jobs-image",
        day=Day.WEEK_BEFORE,
        what="the image of the clusters' Jobs has what this version starts",
        command="docker run --rm IMAGE: its usage names revoke (docs/rotation.md)",
    ),
    Item(
        id="actions",
        day=Day.WEEK_BEFORE,
        what="what the last event left to do is done",
        command="scripts/workshop event actions list",
    ),
    Item(
        id="announced",
        day=Day.WEEK_BEFORE,
        what="announced, with date and registration",
        command="scripts/workshop event pages --to DIR",
    ),
    Item(
        id="invited",
        day=Day.TWO_DAYS_BEFORE,
        what="who registered is invited",
        command="scripts/workshop event invite ROSTER.csv",
    ),
    Item(
        id="prepared",
        day=Day.TWO_DAYS_BEFORE,
        what="agenda and guides are shared, exercises tried in a workspace",
        command="scripts/workshop event pages --to DIR",
    ),
    Item(
        id="identity",
        day=Day.TWO_DAYS_BEFORE,
        what="account, clusters and zone are the right ones",
        command="scripts/workshop preflight --before up",
        checks=("identity",),
    ),
    Item(
        id="image",
        day=Day.TWO_DAYS_BEFORE,
        what="one image in every registry",
        command="scripts/workshop preflight --before up",
        checks=("image-digests",),
    ),
    Item(
        id="litellm",
        day=Day.TWO_DAYS_BEFORE,
        what="LiteLLM has its database and accepts the key",
        command="scripts/workshop preflight --before up",
        checks=("litellm-ready", "litellm-key"),
    ),
    Item(
        id="gate",
        day=Day.TWO_DAYS_BEFORE,
        what="up is not refused, and nothing has drifted",
        command="scripts/workshop preflight --before up",
        checks=("gate-clean", "no-drift"),
    ),
    Item(
        id="reminded",
        day=Day.DAY_BEFORE,
        what="everybody is reminded, and who has not accepted is asked",
        command="scripts/workshop event remind",
    ),
    Item(
        id="previous-nodes",
        day=Day.DAY_BEFORE,
        what="the old pool takes no workspaces",
        command="scripts/workshop preflight --before up",
        checks=("previous-nodes",),
    ),
    Item(
        id="up",
        day=Day.DAY_BEFORE,
        what="scaled up",
        command="scripts/workshop up",
        checks=("stack-in-sync", "node-pool-ready", "running-digests", "litellm-pods"),
    ),
    Item(
        id="room",
        day=Day.DAY_BEFORE,
        what="there is room for everybody, and nothing takes it away",
        command="scripts/workshop preflight",
        checks=(
            "free-places",
            "other-pools",
            "namespace-quota",
            "autoscalers",
            "zone-capacity",
            "workspace-images",
            "template-images",
            "api-rate-limit",
        ),
    ),
    Item(
        id="templates",
        day=Day.DAY_BEFORE,
        what="workspaces last until the window has closed",
        command="scripts/workshop preflight",
        checks=("templates-last", "workspaces-last", "licence-lasts", "litellm-key-lasts", "litellm-key-limits"),
    ),
    Item(
        id="seats",
        day=Day.DAY_BEFORE,
        what="seats of the event, where one is set, can be made",
        command="scripts/workshop preflight",
        checks=("event-template", "event-provisioners", "workspace-bounds"),
    ),
    Item(
        id="smoke",
        day=Day.DAY_BEFORE,
        what="a workspace works in each region",
        command="scripts/workshop preflight --write",
        checks=("smoke-workspace", "node-storage", "daemonset-overhead"),
    ),
    Item(
        id="alert-seen",
        day=Day.DAY_BEFORE,
        what="the test alert was seen in the channel",
        command="scripts/workshop preflight --write, then ask there",
    ),
    Item(
        id="doors",
        day=Day.DAY,
        what="proxies, provisioners, nodes and monitoring are ready",
        command="scripts/workshop preflight",
        checks=(
            *("proxies-healthy", "subdomain-apps", "provisioners-idle", "no-backlog", "warm-nodes"),
            "queue-followed",
            *("targets-up", "rules-loaded"),
        ),
    ),
    Item(
        id="on-call",
        day=Day.DAY,
        what="a named person with access is on call for the whole event",
        command="write the name down here",
    ),
    Item(
        id="scaled-down",
        day=Day.AFTER,
        what="scaled down, rotation resumed",
        command="scripts/workshop up, once the window has closed",
    ),
    Item(
        id="thanked",
        day=Day.AFTER,
        what="people are thanked and asked for feedback",
        command="scripts/workshop event pages --to DIR",
    ),
    Item(
        id="reported",
        day=Day.AFTER,
        what="the report is made and kept",
        command="scripts/workshop event report",
    ),
    Item(
        id="looked-back",
        day=Day.AFTER,
        what="looked back within 48 hours; what is left to do is written down",
        command="scripts/workshop event retrospective --out FILE",
    ),
)


def due_from(day: Day, start: datetime) -> datetime:
    """From when the items of a day that is not after an event are due, by its start."""
    return start + _DUE[day]
