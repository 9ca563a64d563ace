"""Operations that a crash cut short: found out by looking, never by guessing."""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

from workshop.sandbox.engine.records import Record
from workshop.sandbox.engine.values import plain
from workshop.sandbox.providers.provider import Properties, Provider

EXISTED: Final = "existed"
"""Extra field of a pending creation: id of what was there before, which a crashed create did not make."""


@runtime_checkable
class Finder(Protocol):
    """What a provider may offer besides Provider, so that an interrupted create is neither lost nor doubled."""

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        """The id of an object that a create with these inputs would have made; None if there is none.

        None too for kinds whose create may be repeated safely.
        """
        ...


def existing_id(provider: Provider, new: Record) -> Record:
    """The record with the id of what exists already under these inputs, to tell it from what create makes."""
    if not isinstance(provider, Finder):
        return new
    found = provider.find(new.urn, new.type, plain(new.inputs))
    return new.but(**{EXISTED: found}) if found else new
