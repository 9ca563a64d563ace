"""How records change, between what is or was there and what is planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workshop.model.names import is_marked
from workshop.model.observations import ExistingRecord
from workshop.model.settings.stack import Settings
from workshop.model.zones.plan import DnsPlan, PlannedRecord


@dataclass(frozen=True, kw_only=True)
class Before:
    """A record of ours as it is or was. is_retiring: None where that can't be seen."""

    zone: str
    host: str
    kind: str = "CNAME"
    target: str
    ttl_seconds: int
    is_retiring: bool | None = None


@dataclass(frozen=True, kw_only=True)
class RecordChanges:
    """retargeted: (before, after) where a host gets another target; gone: records that are deleted.

    retyped: (before, after) where a host's CNAME becomes an address or the other way round.
    """

    retargeted: tuple[tuple[Before, PlannedRecord], ...]
    gone: tuple[Before, ...]
    retyped: tuple[tuple[Before, PlannedRecord], ...]


def ours_among(existing: Iterable[ExistingRecord], settings: Settings) -> tuple[Before, ...]:
    """Records that this stack owns already, by their mark or because they are adopted."""
    adopted = set(settings.adopt.values())
    return tuple(
        Before(
            zone=one.zone,
            host=one.name,
            kind=one.type,
            target=one.content.removesuffix(".").lower(),
            ttl_seconds=one.ttl_seconds,
        )
        for one in existing
        if is_marked(one.comment, settings.scope) or f"{settings.zone_id(one.zone)}/{one.id}" in adopted
    )


def planned_before(plan: DnsPlan) -> tuple[Before, ...]:
    """What an earlier version of settings and zone files planned."""
    return tuple(
        Before(
            zone=record.zone,
            host=record.host,
            kind=record.kind,
            target=record.target or "",
            ttl_seconds=record.ttl_seconds,
            is_retiring=record.is_retiring,
        )
        for record in plan.records
    )


def record_changes(before: Iterable[Before], plan: DnsPlan) -> RecordChanges:
    """Compares by host: one that keeps any of its targets is not retargeted."""
    before, after = tuple(before), plan.by_host
    declared = {(record.host, record.kind == "AAAA") for record in plan.records}
    return RecordChanges(
        retargeted=tuple((one, after[one.host][0]) for one in before if _is_retargeted(one, after)),
        gone=tuple(one for one in before if (one.host, one.kind == "AAAA") not in declared),
        retyped=tuple(
            (one, record)
            for one in before
            for record in after.get(one.host, ())
            if (one.kind == "CNAME") != (record.kind == "CNAME")
        ),
    )


def _is_retargeted(one: Before, after: Mapping[str, tuple[PlannedRecord, ...]]) -> bool:
    return one.host in after and all((record.target or "") != one.target for record in after[one.host])
