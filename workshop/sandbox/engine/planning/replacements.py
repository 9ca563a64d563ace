"""Which resources must go before one that is deleted first and then replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workshop.sandbox.engine.paths import any_covers
from workshop.sandbox.engine.state.records import Record, in_dependency_order
from workshop.sandbox.engine.steps.registry import Registry
from workshop.sandbox.engine.steps.requests import diff_request
from workshop.sandbox.engine.urns import urn_of_reference
from workshop.sandbox.engine.values import plain
from workshop.sandbox.providers.provider import UNKNOWN


def dependents_to_replace(
    root: Record, olds: Mapping[str, Record], registered: Mapping[str, Any], registry: Registry
) -> list[Record]:
    """Resources that have to be replaced with the root, in dependency order, the root left out.

    One that merely depends on it stays; one of whose inputs may change so that its provider would have
    to replace it goes, and so does one that is deleted with it or served by a provider that goes.
    registered: URNs that the program has declared already in this run; they can't depend on the root.
    """
    doomed: dict[str, Record] = {root.urn: root}
    for record in in_dependency_order(olds.values()):
        if record.urn in registered or record.urn in doomed or not record.custom or record.external:
            continue
        if _goes(record, doomed, registry):
            doomed[record.urn] = record
    del doomed[root.urn]
    return list(doomed.values())


def _goes(record: Record, doomed: Mapping[str, Record], registry: Registry) -> bool:
    if record.deleted_with in doomed or (record.provider and urn_of_reference(record.provider) in doomed):
        return True
    moving = {key for key, urns in record.property_dependencies.items() if any(urn in doomed for urn in urns)}
    if not moving & record.inputs.keys():
        return False
    provider = registry.serving(record)
    assert provider is not None
    inputs = {key: UNKNOWN if key in moving else plain(value) for key, value in record.inputs.items()}
    diff = provider.diff(diff_request(record, record, inputs))
    return bool(diff.replaces) or any(any_covers(record.replace_on_changes, path) for path in diff.changed)
