"""Operations that a crash cut short: found out by looking, never by guessing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from workshop.sandbox.engine.errors import StepFailed
from workshop.sandbox.engine.state.deployment import Pending, State
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.steps.registry import Registry
from workshop.sandbox.engine.steps.requests import read_request
from workshop.sandbox.engine.urns import name_of
from workshop.sandbox.engine.values import plain, with_secrets_of
from workshop.sandbox.providers.provider import Properties, Provider, ProviderError, ReadRequest, Resource


@runtime_checkable
class Finder(Protocol):
    """What a provider may offer besides Provider, so that an interrupted create is neither lost nor doubled."""

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        """The id of what a create with these inputs, which never reported back, has made; None if it made nothing."""
        ...


def resolve_pending(state: State, registry: Registry, say: Callable[[str], None]) -> None:
    """Looks for what interrupted operations did and brings the state up to date. Raises StepFailed."""
    for urn, operation in list(state.pending.items()):
        try:
            found = _resolve(state, registry, operation)
        except ProviderError as error:
            raise StepFailed(urn, f"finding out what an interrupted run did ({operation.kind})", str(error)) from error
        say(f"{operation.record.type} {name_of(urn)}: an earlier run was cut short while {operation.kind} it: {found}")


def _resolve(state: State, registry: Registry, operation: Pending) -> str:
    record = operation.record
    provider = registry.serving(record)
    assert provider is not None
    if operation.kind == "creating":
        return _resolve_creation(state, provider, record)
    current = state.live(record.urn) if operation.kind == "updating" else state.records.get(record.key)
    if current is None:
        state.commit(end=record.urn)
        return "it is no longer in the state"
    found = provider.read(read_request(current))
    if found is None:
        state.commit(remove=[current.key], end=record.urn)
        return "it is gone"
    state.commit(put=[_as_found(current, found)], end=record.urn)
    return "its state was read back"


def _resolve_creation(state: State, provider: Provider, record: Record) -> str:
    if not isinstance(provider, Finder):
        state.commit(end=record.urn)
        return "its provider can't tell whether it exists; should creating it be refused, import it"
    id = provider.find(record.urn, record.type, plain(record.inputs))
    found = (
        provider.read(ReadRequest(urn=record.urn, kind=record.type, id=id, inputs=plain(record.inputs), outputs={}))
        if id
        else None
    )
    if found is None:
        state.commit(end=record.urn)
        return "it was not made"
    live = state.live(record.urn)
    replaced = [live.but(delete=True)] if live and not live.pending_replacement and live.id != found.id else []
    state.commit(put=[*replaced, _as_found(record, found)], end=record.urn)
    return f"it was made ({found.id}) and is in the state now"


def _as_found(record: Record, found: Resource) -> Record:
    return record.but(
        id=found.id,
        inputs=with_secrets_of(dict(found.inputs), record.inputs),
        outputs=with_secrets_of(dict(found.outputs), record.inputs),
    )
