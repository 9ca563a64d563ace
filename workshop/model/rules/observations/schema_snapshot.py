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
from workshop.model.settings.commands import key_of, set_command
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Scope, Settings
from workshop.model.settings.types import CLUSTER, NOWHERE

NAME: Final = "schema-snapshot"

MOST_OLD: Final = timedelta(hours=2)
"""What people did since is lost with the way back; ours."""


_WHY: Final = "an older server refuses a newer schema, so that going back takes the snapshot"
_NOT_SET: Final = f"{key_of(('database_instance',))} is not set, so that nobody sees a snapshot"
_SET: Final = (
    f"{set_command(('database_instance',), 'INSTANCE')} ({CLUSTER}NAME for Aurora; {NOWHERE} where it is elsewhere, "
    "once you have a snapshot)"
)


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Where nothing proves that the pinned image keeps the schema, and the server does not run it yet."""
    pinned, snapshot, instance = observations.pinned, observations.snapshot, settings.database_instance
    before = _running(settings, observations)
    if settings.scope is not Scope.ALL or instance == NOWHERE or not before:
        return
    if before.endswith(f"@{settings.image.digest}"):
        return
    if isinstance(pinned, Absent) and "@" not in before:
        return  # Helm's is taken over, to which there is no way back
    if isinstance(pinned, Found) and (pinned.value.is_rollback or not pinned.value.may_change_schema):
        return
    if instance is None:
        problem = f"the image that is pinned may migrate it, and {_NOT_SET}"
        is_judged = not isinstance(pinned, Assumed)
        yield Finding(rule=NAME, resource="Coder's database", problem=problem, why=_WHY, fix=_SET, is_judged=is_judged)
        return
    problem = pinned.failure if isinstance(pinned, Assumed) else _problem(snapshot) if snapshot else ""
    if not problem:
        return
    region = next(one for one in settings.regions if one.role is Role.CONTROL_PLANE)
    name, kind, of = instance, "db", "--db-instance-identifier"
    if instance.startswith(CLUSTER):
        name, kind, of = instance.removeprefix(CLUSTER), "db-cluster", "--db-cluster-identifier"
    yield Finding(
        rule=NAME,
        resource=f"database {name} in {region.name}",
        problem=f"the image that is pinned may migrate it, and {problem}",
        why=_WHY,
        fix=f"aws rds create-{kind}-snapshot --region {region.name} {of} {name} "
        f"--{kind}-snapshot-identifier before-{short(settings.image.digest or '')}",
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


def _running(settings: Settings, observations: Observations) -> str:
    """The server's image; "" where nobody saw it."""
    region = next(one for one in settings.regions if one.role is Role.CONTROL_PLANE)
    server = region_workloads(settings, region).server
    observed = server and observations.regions[region.name].deployments.get(server.key)
    if server is None or not isinstance(observed, Found):
        return ""  # patch-targets says so
    return observed.value.images.get(server.container, "")
