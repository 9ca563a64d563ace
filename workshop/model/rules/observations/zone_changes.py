"""zone-changes: a change of records is small, in the right order, and deletes nothing that must stay.

A resolver keeps the old answer for as long as its TTL says; so a name is retargeted only while its TTL is short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from typing import Final

from workshop.model.counting import counted
from workshop.model.findings import Finding
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings
from workshop.model.zones.changes import Before, RecordChanges, ours_among, record_changes
from workshop.model.zones.file import ZoneLimits
from workshop.model.zones.plan import DnsPlan, PlannedRecord
from workshop.model.zones.read import FOLDER

NAME: Final = "zone-changes"

CUT_OVER_TTL_SECONDS: Final = 300
"""With a longer one than these five minutes, the old target would get visitors for too long (ours)."""


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares the plan with this stack's records as they are; without an answer, adoption refuses already."""
    if settings.declares_records and isinstance(observations.records, Found):
        yield from judge_changes(ours_among(observations.records.value, settings), plan.dns)


def judge_changes(before: Iterable[Before], plan: DnsPlan) -> Iterator[Finding]:
    """Judges the change from these records to the plan."""
    changes = record_changes(before, plan)
    yield from _caps(changes, plan)
    for old, new in changes.retargeted:
        yield from _cut_over(old, new)
    for old, new in changes.retyped:
        yield from _retyped(old, new)
    yield from _lost_zones(changes, plan)
    hosts = plan.by_host.keys()
    for old in changes.gone:
        yield from _gone(old, hosts, plan)


def _caps(changes: RecordChanges, plan: DnsPlan) -> Iterator[Finding]:
    retargeted = Counter(old.zone for old, _ in changes.retargeted)
    gone = Counter(old.zone for old in changes.gone)
    for changed, key, what in (
        (retargeted, "changed_targets", "retargeted"),
        (gone, "deletions", "deleted"),
    ):
        for zone, count in changed.items():
            file = plan.file(zone)
            limit: int = getattr(file.zone.limits if file else ZoneLimits(), key)
            if count > limit:
                yield Finding(
                    rule=NAME,
                    resource=_place(plan, zone, "limits", key),
                    problem=f"{counted(count, 'record')} {what} in one change of {zone}, {key} allows {limit}",
                    why="a mistake would take all of them at once",
                    fix=f"change {limit} at a time, or raise limits.{key} in a change of its own",
                )


def _lost_zones(changes: RecordChanges, plan: DnsPlan) -> Iterator[Finding]:
    """Zones with records of ours and without a file: nobody judges what is deleted there."""
    lost: dict[str, list[str]] = {}
    for old in changes.gone:
        if old.zone not in plan.domains:
            lost.setdefault(old.zone, []).append(old.host)
    for zone, hosts in lost.items():
        path = f"{FOLDER}/{zone}.yaml"
        listed = ", ".join(hosts[:3]) + (", ..." if len(hosts) > 3 else "")
        yield Finding(
            rule=NAME,
            resource=path,
            problem=f"it does not exist, and this stack has {counted(len(hosts), 'record')} in {zone} ({listed})",
            why="they would be deleted, and no must_exist and no limits would hold anybody back",
            fix=f"put {path} back; to give the zone up, retire its records, apply, remove them, apply, then remove the "
            "file",
        )


def _cut_over(old: Before, new: PlannedRecord) -> Iterator[Finding]:
    if old.ttl_seconds > CUT_OVER_TTL_SECONDS:
        yield Finding(
            rule=NAME,
            resource=new.place,
            problem=f"{old.host} is retargeted from {old.target} to {new.target} with TTL {old.ttl_seconds}, "
            f"at most {CUT_OVER_TTL_SECONDS} allowed",
            why=f"resolvers keep sending visitors to the old target for {old.ttl_seconds} s",
            fix=f"first lower ttl to {CUT_OVER_TTL_SECONDS} alone and apply it, wait {old.ttl_seconds} s, then change "
            "the target",
        )
    elif new.ttl_seconds > max(old.ttl_seconds, CUT_OVER_TTL_SECONDS):
        yield Finding(
            rule=NAME,
            resource=new.place,
            problem=f"{old.host} is retargeted while its TTL goes from {old.ttl_seconds} to {new.ttl_seconds}",
            why="if the new target is wrong, going back takes that long",
            fix=f"keep ttl {old.ttl_seconds}, apply it, run `workshop dns check`, then raise it",
        )


def _retyped(old: Before, new: PlannedRecord) -> Iterator[Finding]:
    """Cloudflare takes no CNAME beside an address (81053, 81054): the old record has to go before the new one comes.

    One resource is replaced in that order once it may be deleted. An AAAA record is a resource of its own: Pulumi
    creates it before it deletes another.
    """
    is_one_resource = "AAAA" not in (old.kind, new.kind)
    if is_one_resource and new.is_retiring and old.is_retiring is not False:
        return
    if new.is_regions:
        fix = "delete the old record at Cloudflare, take it out of workshop:adopt, and apply at once"
    elif is_one_resource:
        fix = f"{_RETIRE}change its target and keep retiring: true, so that it is deleted first and created anew"
    else:
        fix = f"{_RETIRE}remove it and apply; then add it with the new target. The name does not resolve in between"
    yield Finding(
        rule=NAME,
        resource=new.place,
        problem=f"{old.host} changes from {old.kind} to {new.kind}, but Cloudflare wants the old one gone first",
        why="the new record would be refused (81054), and the change stay partially applied",
        fix=fix,
    )


_RETIRE: Final = "set retiring: true on it as it is and apply that; then "


def _gone(old: Before, hosts: Set[str], plan: DnsPlan) -> Iterator[Finding]:
    place = _place(plan, old.zone, "records")
    if old.host not in hosts and old.host.startswith("*.") and old.host.removeprefix("*.") in hosts:
        yield Finding(
            rule=NAME,
            resource=place,
            problem=f"{old.host} is deleted and {old.host.removeprefix('*.')} stays",
            why="workspace apps under it would not resolve, or resolve to another place",
            fix=f"keep {old.host}, or retire both",
        )
    elif old.is_retiring is False:
        yield Finding(
            rule=NAME,
            resource=place,
            problem=f"{old.host} is deleted without having been retired",
            why="resolvers that have cached its absence don't see it again at once",
            fix=f"put it back with retiring: true, apply that, wait {old.ttl_seconds} s, then remove it",
        )


def _place(plan: DnsPlan, zone: str, *path: str) -> str:
    file = plan.file(zone)
    return file.place(*path) if file else f"zone {zone}"
