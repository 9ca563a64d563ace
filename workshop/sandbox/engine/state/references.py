"""What records refer to, when it is renamed or gone."""

from __future__ import annotations

from collections.abc import Container

from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.urns import urn_of_reference


def renamed(record: Record, old: str, new: str) -> Record:
    """The record with one URN in place of another, its own included."""
    if old not in {record.urn, *record.all_dependencies()}:
        return record

    def now(urn: str) -> str:
        return new if urn == old else urn

    is_provider_renamed = record.provider and urn_of_reference(record.provider) == old
    return record.but(
        urn=now(record.urn),
        parent=now(record.parent),
        deleted_with=now(record.deleted_with),
        dependencies=[now(urn) for urn in record.dependencies],
        property_dependencies={k: [now(urn) for urn in urns] for k, urns in record.property_dependencies.items()},
        provider=f"{new}::{record.provider.rpartition('::')[2]}" if is_provider_renamed else record.provider,
    )


def pruned(record: Record, present: Container[str]) -> Record:
    """The record without dependencies on what is gone, and without properties that depend on nothing."""
    kept = {key: [urn for urn in urns if urn in present] for key, urns in record.property_dependencies.items()}
    return record.but(
        deleted_with=record.deleted_with if record.deleted_with in present else "",
        dependencies=[urn for urn in record.dependencies if urn in present],
        property_dependencies={key: urns for key, urns in kept.items() if urns},
    )
