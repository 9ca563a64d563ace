"""identity: the account, the clusters and the zone are the ones in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Absent, Assumed, Found, Observation, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import SettingPath, key_of, set_command
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "identity"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares what each system says it is with what is set; what is not set, settings-complete names."""
    if settings.scope in (Scope.ALL, Scope.REGISTRY):
        yield from _compare("AWS account", ("account",), settings.account, observations.account)
    for zone in plan.dns.zones if settings.declares_records else ():
        path = ("zone", "id") if zone == settings.zone.name else ("zones", zone)
        yield from _compare(f"zone {zone}", path, settings.zone_id(zone), observations.zone_ids[zone])
    if settings.scope is Scope.ALL:
        for index, region in enumerate(settings.regions):
            observed = observations.regions[region.name].cluster_uid
            path = ("regions", index, "cluster", "uid")
            yield from _compare(f"cluster of {region.name}", path, region.cluster.uid, observed)


def _compare(resource: str, path: SettingPath, needed: str | None, observed: Observation[str]) -> Iterator[Finding]:
    if needed is None or (isinstance(observed, Found) and observed.value == needed):
        return
    if isinstance(observed, Found):
        problem = f"{observed.source} answers {observed.value}, {key_of(path)} is {needed}"
        fix = f"use the credentials or context of {needed}, or {set_command(path, observed.value)}"
    elif isinstance(observed, Absent):
        problem = f"not found ({observed.source}), {key_of(path)} is {needed}"
        fix = f"check {key_of(path)} and what the credentials may read"
    else:
        problem = observed.failure
        fix = "make it reachable with the credentials of this stack and run again"
    yield Finding(
        rule=NAME,
        resource=resource,
        problem=problem,
        why="changes would reach the wrong system",
        fix=fix,
        is_judged=not isinstance(observed, Assumed),
    )
