"""schema-snapshot: before the database may be migrated there is a snapshot to go back to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from workshop.model.counting import elapsed
from workshop.model.findings import Finding
from workshop.model.images.build import short
from workshop.model.observations import Absent, Assumed, Found, Observation, Observations
from workshop.model.plan.plan import Plan
from workshop.model.plan.workloads import region_workloads
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "schema-snapshot"

MOST_OLD: Final = timedelta(hours=2)
"""What people did since is lost with the way back; ours."""


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Where the history says that the pinned image may change the schema, and the server does not run it yet."""
    pinned, snapshot, instance = observations.pinned, observations.snapshot, settings.database_instance
    if settings.scope is not Scope.ALL or instance is None or snapshot is None or not _is_new(settings, observations):
        return
    region = next(one for one in settings.regions if one.role is Role.CONTROL_PLANE)
    if isinstance(pinned, Absent):
        return  # nobody promoted it, so nothing is known of its schema
    if isinstance(pinned, Found) and (pinned.value.is_rollback or not pinned.value.may_change_schema):
        return
    problem = pinned.failure if isinstance(pinned, Assumed) else _problem(snapshot)
    if not problem:
        return
    name = f"before-{short(settings.image.digest or '')}"
    yield Finding(
        rule=NAME,
        resource=f"database {instance} in {region.name}",
        problem=f"the image that is pinned may migrate it, and {problem}",
        why="an older server refuses a newer schema, so that going back takes the snapshot",
        fix=f"aws rds create-db-snapshot --region {region.name} --db-instance-identifier {instance} "
        f"--db-snapshot-identifier {name}",
        is_judged=not isinstance(snapshot, Assumed) and not isinstance(pinned, Assumed),
    )


def _problem(snapshot: Observation[datetime]) -> str:
    """Why it does not do; "" where it does."""
    if isinstance(snapshot, Assumed):
        return snapshot.failure
    if isinstance(snapshot, Absent):
        return "it has no snapshot that can be restored"
    age = snapshot.observed_at - snapshot.value
    return (
        "" if age <= MOST_OLD else f"the newest snapshot is {elapsed(age)} old, at most {elapsed(MOST_OLD)} are needed"
    )


def _is_new(settings: Settings, observations: Observations) -> bool:
    """Whether the server runs another image."""
    region = next(one for one in settings.regions if one.role is Role.CONTROL_PLANE)
    server = region_workloads(settings, region).server
    observed = server and observations.regions[region.name].deployments.get(server.key)
    if server is None or not isinstance(observed, Found):
        return False  # patch-targets says so
    return not observed.value.images.get(server.container, "").endswith(f"@{settings.image.digest}")
