"""What a provider is asked about a record: plain values, without what only the engine knows."""

from __future__ import annotations

from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.values import Plain, plain
from workshop.sandbox.providers.provider import (
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    UpdateRequest,
    Waiting,
)


def create_request(new: Record, waiting: Waiting, *, is_preview: bool) -> CreateRequest:
    """To make it, or to say what a preview can know."""
    return CreateRequest(
        urn=new.urn,
        kind=new.type,
        inputs=plain(new.inputs),
        is_preview=is_preview,
        timeout_seconds=new.custom_timeouts.get("create", 0),
        waiting=waiting,
    )


def read_request(old: Record) -> ReadRequest:
    """To read it back."""
    return ReadRequest(urn=old.urn, kind=old.type, id=old.id, inputs=plain(old.inputs), outputs=plain(old.outputs))


def diff_request(old: Record, new: Record, inputs: Plain | None = None) -> DiffRequest:
    """To compare what is with what is wanted; inputs: in place of the wanted record's own."""
    return DiffRequest(
        urn=new.urn,
        kind=new.type,
        id=old.id,
        old_inputs=plain(old.inputs),
        old_outputs=plain(old.outputs),
        inputs=plain(new.inputs) if inputs is None else inputs,
        ignore_changes=tuple(new.ignore_changes),
    )


def update_request(old: Record, new: Record, waiting: Waiting, *, is_preview: bool) -> UpdateRequest:
    """To change it in place, or to say what a preview can know."""
    timeout_seconds = new.custom_timeouts.get("update", 0)
    return UpdateRequest(
        **vars(diff_request(old, new)), is_preview=is_preview, timeout_seconds=timeout_seconds, waiting=waiting
    )


def delete_request(old: Record) -> DeleteRequest:
    """To delete it."""
    return DeleteRequest(
        urn=old.urn,
        kind=old.type,
        id=old.id,
        inputs=plain(old.inputs),
        outputs=plain(old.outputs),
        timeout_seconds=old.custom_timeouts.get("delete", 0),
    )
