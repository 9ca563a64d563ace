"""One resource in the state, in the terms of Pulumi's version 3 deployment (apitype.ResourceV3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from workshop.sandbox.engine.urns import urn_of_reference
from workshop.sandbox.engine.values import from_state, to_state
from workshop.sandbox.json_values import Json


class Record(BaseModel):
    """A resource as the state has it; fields that only the real CLI uses are kept as they came.

    delete: replaced, its deletion still to come. pending_replacement: deleted, its successor still to come.
    custom_timeouts: seconds by operation.
    """

    model_config = ConfigDict(frozen=True, extra="allow", alias_generator=to_camel, populate_by_name=True)

    urn: str
    custom: bool
    type: str
    delete: bool = False
    id: str = ""
    inputs: Mapping[str, Json] = {}
    outputs: Mapping[str, Json] = {}
    parent: str = ""
    protect: bool = False
    external: bool = False
    dependencies: list[str] = []
    init_errors: list[str] = []
    provider: str = ""
    property_dependencies: Mapping[str, list[str]] = {}
    pending_replacement: bool = False
    additional_secret_outputs: list[str] = []
    aliases: list[str] = []
    custom_timeouts: Mapping[str, float] = {}
    import_id: str = Field(default="", alias="importID")
    retain_on_delete: bool = False
    deleted_with: str = ""
    created: str | None = None
    modified: str | None = None
    ignore_changes: list[str] = []
    hide_diff: list[list[str | int]] = []
    replace_on_changes: list[str] = []
    resource_hooks: Mapping[str, list[str]] = {}

    @property
    def key(self) -> tuple[str, str]:
        """What tells records apart: one live record a URN, any number waiting for deletion."""
        return self.urn, self.id if self.delete else ""

    def but(self, **changes: Json) -> Record:
        """A copy with these fields changed."""
        return self.model_copy(update=changes)

    def all_dependencies(self) -> Iterator[str]:
        """URNs that must come before this one."""
        if self.parent:
            yield self.parent
        if self.provider:
            yield urn_of_reference(self.provider)
        if self.deleted_with:
            yield self.deleted_with
        yield from self.dependencies
        for urns in self.property_dependencies.values():
            yield from urns


def record_to_json(record: Record) -> dict[str, Json]:
    """The record as the state file has it, empty fields left out, and aliases: what named one means the URN now."""
    dumped = record.model_dump(by_alias=True, exclude={"inputs", "outputs", "aliases"})
    fields = {name: value for name, value in dumped.items() if value or name == "custom"}
    for name, properties in (("inputs", record.inputs), ("outputs", record.outputs)):
        if properties:
            fields[name] = to_state(properties)
    return fields


def record_from_json(fields: Mapping[str, Json]) -> Record:
    """Reads one resource. Raises ValueError (pydantic's included) where it isn't one."""
    record = Record.model_validate(fields)
    return record.but(inputs=from_state(dict(record.inputs)), outputs=from_state(dict(record.outputs)))


def in_dependency_order(records: Iterable[Record]) -> list[Record]:
    """The records so that each comes after what it depends on, otherwise in the order given."""
    records = list(records)
    waiting: dict[tuple[str, str], Record] = {record.key: record for record in records}
    by_urn: dict[str, list[Record]] = {}
    for record in records:
        by_urn.setdefault(record.urn, []).append(record)
    ordered: list[Record] = []
    for first in records:
        stack: list[tuple[Record, Iterator[str]]] = []
        if waiting.pop(first.key, None):
            stack.append((first, first.all_dependencies()))
        while stack:
            record, dependencies = stack[-1]
            needed = next(
                (found for urn in dependencies for found in by_urn.get(urn, ()) if found.key in waiting), None
            )
            if needed is None:
                ordered.append(record)
                stack.pop()
            else:
                del waiting[needed.key]
                stack.append((needed, needed.all_dependencies()))
    return ordered
