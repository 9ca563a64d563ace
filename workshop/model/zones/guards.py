"""Guards of a zone: what holds bad changes of its records back. They change alone, and reviewers see them first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from workshop.model.counting import counted
from workshop.model.findings import Finding
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import Zone, ZoneFile
from workshop.model.zones.plan import DnsPlan, PlannedRecord

NAME: Final = "zone-guards"


@dataclass(frozen=True, kw_only=True)
class GuardChange:
    """One guard that is not what it was.

    guard: its key in the zone file, `zone file` for all of it, or `id`. before, after: as people write them, "" where
    there is none. place: file and line. is_loosened: whether something passes now that it refused.
    """

    zone: str
    guard: str
    before: str
    after: str
    place: str
    is_loosened: bool


def changed_guards(
    before: DnsPlan, after: DnsPlan, settings_before: Settings, settings_after: Settings
) -> tuple[GuardChange, ...]:
    """Every guard that differs, zone by zone."""
    zones = dict.fromkeys((*(one.zone.zone for one in before.files), *(one.zone.zone for one in after.files)))
    changes = [change for zone in zones for change in _of_files(before.file(zone), after.file(zone))]
    for zone in dict.fromkeys((*before.zones, *after.zones, *zones)):
        old, new = settings_before.zone_id(zone) or "", settings_after.zone_id(zone) or ""
        if old != new:
            changes.append(
                GuardChange(zone=zone, guard="id", before=old, after=new, place="workshop:zones", is_loosened=old != "")
            )
    return tuple(changes)


def judge_guards(before: DnsPlan, after: DnsPlan, changes: Iterable[GuardChange]) -> Iterator[Finding]:
    """Refuses to loosen a guard together with records that it guards. A zone's first records have none to change."""
    for change in changes:
        had, has = (_records(plan, change.zone) for plan in (before, after))
        changed = len({host for host, *_ in had ^ has})
        if change.is_loosened and had and changed:
            yield Finding(
                rule=NAME,
                resource=change.place,
                problem=f"{change.guard} of {change.zone} changes from {change.before or 'nothing'} to "
                f"{change.after or 'nothing'}, together with {counted(changed, 'host')} that it guards",
                why="a guard that gives way to a change holds nobody back from it",
                fix="change the guard alone and have that merged, then the records",
            )


def _of_files(old: ZoneFile | None, new: ZoneFile | None) -> Iterator[GuardChange]:
    if old is None or new is None:
        there = old or new
        if there is not None:
            yield GuardChange(
                zone=there.zone.zone,
                guard="zone file",
                before=old.path if old else "",
                after=new.path if new else "",
                place=there.path,
                is_loosened=new is None,
            )
        return
    for key, was, now, is_loosened in _values(old.zone, new.zone):
        if was != now:
            yield GuardChange(
                zone=new.zone.zone,
                guard=key,
                before=was,
                after=now,
                place=new.place(*key.split(".")),
                is_loosened=is_loosened,
            )


def _values(old: Zone, new: Zone) -> Iterator[tuple[str, str, str, bool]]:
    """Key, both values, and whether the later one lets more pass."""
    lists = (
        ("must_exist", old.must_exist, new.must_exist, not {*old.must_exist} <= {*new.must_exist}),
        ("destinations", old.destinations, new.destinations, not {*new.destinations} <= {*old.destinations}),
        ("domains", old.domains, new.domains, {*old.domains} != {*new.domains}),
    )
    for key, was, now, is_loosened in lists:
        yield key, ", ".join(sorted(was)), ", ".join(sorted(now)), is_loosened
    for key in type(old.limits).model_fields:
        was, now = getattr(old.limits, key), getattr(new.limits, key)
        yield f"limits.{key}", str(was), str(now), now > was


def _records(plan: DnsPlan, zone: str) -> set[tuple[str, ...]]:
    """What the records of a zone answer, and whether they may be deleted; their host first."""
    return {_said(record) for record in plan.records if record.zone == zone}


def _said(record: PlannedRecord) -> tuple[str, ...]:
    flags = f"{record.is_proxied} {record.is_retiring}"
    return (record.host, record.kind, record.target or "", str(record.ttl_seconds), flags)
