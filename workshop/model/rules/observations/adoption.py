"""adoption: what exists already without our mark is adopted only where the settings say so, by resource name and id.

Resource names are `<region>-<child>`: `-<repository>`, `-host` and `-wildcard`, `-class` and `-pool`, `-saved-work`;
records of zone files are called by their host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from workshop.model.event.keeper import bucket_of, control_plane
from workshop.model.findings import Finding
from workshop.model.names import MARK, NODE_CLASS, NODE_POOL, is_marked, record_mark
from workshop.model.observations import (
    Absent,
    Assumed,
    ExistingObject,
    ExistingRecord,
    Found,
    Observation,
    Observations,
)
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import key_of, remove_command, set_command
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Scope, Settings
from workshop.model.zones.plan import PlannedRecord

NAME: Final = "adoption"


@dataclass(frozen=True, kw_only=True)
class Owned:
    """Something that this stack is going to own. name: its resource's; what: how people call it.

    id: by which it would be adopted, None where nothing is there. is_ours: it carries this project's mark.
    owner: whose configuration has it. mark: the one it would carry. unknown: why the lookup failed, "" where
    it did not.
    """

    name: str
    what: str
    id: str | None = None
    is_ours: bool = False
    owner: str = ""
    unknown: str = ""
    mark: str = MARK


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares what is there with what the settings adopt, and the other way round."""
    owned = list(_owned(settings, plan, observations))
    yield from _not_looked_up(owned)
    for one in owned:
        yield from _judge(one, settings.adopt.get(one.name))
    if settings.scope is Scope.ALL:
        known = {one.name for one in owned} | {f"{region.name}-replication" for region in settings.regions}
        for name in sorted(settings.adopt.keys() - known):
            yield Finding(
                rule=NAME,
                resource=key_of(("adopt", name)),
                problem=f"this stack has no resource {name}; it has {', '.join(sorted(known))}",
                why="the intended resource would not be adopted",
                fix=remove_command(("adopt", name)),
            )


def _not_looked_up(owned: list[Owned]) -> Iterator[Finding]:
    """One finding for all that the same failed lookup was about."""
    for reason in dict.fromkeys(one.unknown for one in owned if one.unknown):
        yield Finding(
            rule=NAME,
            resource=", ".join(one.what for one in owned if one.unknown == reason),
            problem=reason,
            why="creating a resource that exists fails and leaves the stack partially applied",
            fix="make it readable with the credentials of this stack and run again",
            is_judged=False,
        )


def _judge(one: Owned, adopted: str | None) -> Iterator[Finding]:
    path = ("adopt", one.name)
    if one.unknown:
        return
    if one.id is None and adopted is not None:
        yield Finding(
            rule=NAME,
            resource=one.what,
            problem=f"{key_of(path)} is {adopted}, which does not exist",
            why="there is nothing to adopt",
            fix=remove_command(path),
        )
    elif one.id is not None and not one.is_ours and adopted is None:
        yield Finding(
            rule=NAME,
            resource=one.what,
            problem=f"it exists without the mark {one.mark}, owned by {one.owner}",
            why="two owners would undo each other's changes",
            fix=f"take it out of {one.owner}'s configuration without deleting it, then {set_command(path, one.id)}",
        )
    elif one.id is not None and adopted is not None and adopted != one.id:
        yield Finding(
            rule=NAME,
            resource=one.what,
            problem=f"{key_of(path)} is {adopted}, what exists is {one.id}",
            why="the wrong object would be adopted",
            fix=set_command(path, one.id),
        )


def _owned(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Owned]:
    for region in settings.regions:
        here = observations.regions[region.name]
        if settings.scope in (Scope.ALL, Scope.REGISTRY):
            yield from _repositories(settings, region, here.repositories)
        if settings.scope is Scope.ALL:
            yield _cluster_object(region, "class", f"EC2NodeClass {NODE_CLASS}", NODE_CLASS, here.node_class)
            yield _cluster_object(region, "pool", f"NodePool {NODE_POOL}", NODE_POOL, here.node_pool)
    if settings.scope is Scope.ALL and settings.event and settings.account:
        # Named for account and event, so it is nobody else's; one that is kept from before is adopted by that name.
        bucket = bucket_of(settings)
        name = f"{control_plane(settings).name}-saved-work"
        yield Owned(name=name, what=f"bucket {bucket}", id=bucket, is_ours=True)
    if settings.declares_records:
        at_host: dict[str, list[ExistingRecord]] = {}
        for one in observations.records.value if isinstance(observations.records, Found) else ():
            at_host.setdefault(one.name, []).append(one)
        for record in plan.dns.records:
            yield _record(settings, record, observations.records, at_host.get(record.host, []))


def _repositories(settings: Settings, region: Region, observed: Observation[Mapping[str, bool]]) -> Iterator[Owned]:
    for repository in settings.repositories:
        name, what = f"{region.name}-{repository}", f"ECR repository {repository} in {region.name}"
        if isinstance(observed, Assumed):
            yield Owned(name=name, what=what, unknown=observed.failure)
        elif isinstance(observed, Found) and repository in observed.value:
            yield Owned(name=name, what=what, id=repository, is_ours=observed.value[repository], owner="Terraform")
        else:
            yield Owned(name=name, what=what)


def _record(
    settings: Settings,
    record: PlannedRecord,
    observed: Observation[tuple[ExistingRecord, ...]],
    at_host: list[ExistingRecord],
) -> Owned:
    name, what = record.resource, f"DNS record {record.host}"
    if isinstance(observed, Assumed):
        return Owned(name=name, what=what, unknown=observed.failure)
    conflicting = [one for one in at_host if _conflicts(one.type, record.kind)]
    ids = {f"{settings.zone_id(record.zone)}/{one.id}": one for one in conflicting}
    adopted = settings.adopt.get(name, "")
    identity = adopted if adopted in ids else next(iter(ids), None)
    if identity is None:
        return Owned(name=name, what=what)
    comment = ids[identity].comment
    others = [scope for scope in Scope if scope is not settings.scope and is_marked(comment, scope)]
    owner = f"a stack of scope {others[0]}" if others else "somebody else"
    return Owned(
        name=name,
        what=what,
        id=identity,
        is_ours=is_marked(comment, settings.scope),
        owner=owner,
        mark=record_mark(settings.scope),
    )


def _conflicts(existing: str, planned: str) -> bool:
    """Whether Cloudflare refuses a record of one type beside one of the other."""
    return existing == planned or (existing in ("A", "AAAA", "CNAME") and "CNAME" in (existing, planned))


def _cluster_object(region: Region, child: str, what: str, id: str, observed: Observation[ExistingObject]) -> Owned:
    name, what = f"{region.name}-{child}", f"{what} in {region.name}"
    if isinstance(observed, Absent):
        return Owned(name=name, what=what)
    if isinstance(observed, Assumed):
        return Owned(name=name, what=what, unknown=observed.failure)
    owner = observed.value.owner or "somebody else"
    return Owned(name=name, what=what, id=id, is_ours=observed.value.is_ours, owner=owner)
