"""Where the records that are there differ from those that are planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from workshop.model.observations import ExistingRecord
from workshop.model.zones.plan import DnsPlan, PlannedRecord


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One difference. is_ours: whether a record that this stack plans is concerned."""

    host: str
    what: Literal["missing", "changed", "not declared"]
    planned: str
    found: str

    @property
    def is_ours(self) -> bool:
        """Undeclared records are left untouched."""
        return self.what != "not declared"


def drift_of(plan: DnsPlan, existing: Iterable[ExistingRecord]) -> tuple[Drift, ...]:
    """Compares record by record, by host and type; ACME challenges are left out."""
    there: dict[tuple[str, str], list[ExistingRecord]] = {}
    for record in existing:
        if not record.name.startswith("_acme-challenge."):
            there.setdefault((record.name, record.type), []).append(record)
    drifts: list[Drift] = []
    for planned in plan.records:
        found = there.pop((planned.host, planned.kind), [])
        if not found:
            drifts.append(Drift(host=planned.host, what="missing", planned=_planned(planned), found="nothing"))
        elif [_found(record) for record in found] != [_planned(planned)]:
            listed = "; ".join(_found(record) for record in found)
            drifts.append(Drift(host=planned.host, what="changed", planned=_planned(planned), found=listed))
    for (host, _), records in sorted(there.items()):
        listed = "; ".join(_found(record) for record in records)
        drifts.append(Drift(host=host, what="not declared", planned="", found=listed))
    return tuple(drifts)


def _planned(record: PlannedRecord) -> str:
    proxied = " proxied" if record.is_proxied else ""
    return f"{record.kind} {record.target} {record.ttl_seconds}{proxied}"


def _found(record: ExistingRecord) -> str:
    proxied = " proxied" if record.is_proxied else ""
    return f"{record.type} {record.content.removesuffix('.')} {record.ttl_seconds}{proxied}"
