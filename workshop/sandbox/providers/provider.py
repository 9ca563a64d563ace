"""What a provider stand-in answers. Plain Python values; secrets are unwrapped, unknowns are UNKNOWN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, Protocol, final

Properties = Mapping[str, Any]
"""Camel-case keys as on the wire; values are dict, list, str, int, float, bool, None or UNKNOWN."""

Waiting = Callable[[], AbstractContextManager[None]]


@final
class Unknown:
    """A value that a preview cannot know yet. There is one: UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __copy__(self) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


ANSWER_SECONDS: Final = 30
"""Before a system that does not answer counts as giving no answer."""


class ProviderError(Exception):
    """The provider's system refused or failed; the message is shown as it is."""


class NoAnswer(ProviderError):
    """The system gave no answer, or failed while it worked: whether it did what was asked is not known."""


def refuse_other_endpoint(given: str, own: str) -> None:
    """Raises ProviderError for an endpoint that is not the sandbox's own: a stand-in carries requests to no other."""
    if given.rstrip("/") != own:
        raise ProviderError(f"the endpoint {given} is not this sandbox's, which is {own}")


@dataclass(frozen=True, kw_only=True)
class CheckFailure:
    """One input that is wrong."""

    property: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Inputs with defaults and auto-names filled in."""

    inputs: Properties
    failures: tuple[CheckFailure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Diff:
    """changed: input paths that differ; replaces: those that can't be changed in place."""

    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    is_delete_before_replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A provider object: its id and outputs, and the inputs as read back (read and import).

    drift: what others changed since the last run, where the provider can tell by whom; a sentence each (read).
    """

    id: str
    outputs: Properties
    inputs: Properties
    drift: tuple[str, ...] = ()


class NotReady(ProviderError):
    """What was to be made is there, but does not work: a Job that failed. resource: as it is."""

    def __init__(self, message: str, resource: Resource) -> None:
        super().__init__(message)
        self.resource = resource


@dataclass(frozen=True, kw_only=True)
class Request:
    """Whom a call is about. kind: the type token, such as aws:ecr/repository:Repository."""

    urn: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class CheckRequest(Request):
    """old_inputs: None for a new resource; seed makes auto-names the same in preview and update."""

    old_inputs: Properties | None
    inputs: Properties
    seed: bytes


@dataclass(frozen=True, kw_only=True)
class CreateRequest(Request):
    """inputs: as checked. timeout_seconds: how long it may take; 0 for as long as this provider usually waits.

    waiting: entered while a provider waits for what it has made; other calls may come meanwhile.
    """

    inputs: Properties
    is_preview: bool
    timeout_seconds: float = 0
    waiting: Waiting = nullcontext


@dataclass(frozen=True, kw_only=True)
class ReadRequest(Request):
    """inputs and outputs: as last known; both empty for an import."""

    id: str
    inputs: Properties
    outputs: Properties


@dataclass(frozen=True, kw_only=True)
class DeleteRequest(ReadRequest):
    """inputs and outputs: as last known. timeout_seconds: as in CreateRequest."""

    timeout_seconds: float = 0


@dataclass(frozen=True, kw_only=True)
class DiffRequest(Request):
    """What is (old) and what is wanted. ignore_changes: input paths that keep their old values."""

    id: str
    old_inputs: Properties
    old_outputs: Properties
    inputs: Properties
    ignore_changes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class UpdateRequest(DiffRequest):
    """As a diff, to be carried out unless it is a preview. timeout_seconds and waiting: as in CreateRequest."""

    is_preview: bool
    timeout_seconds: float = 0
    waiting: Waiting = nullcontext


class Provider(Protocol):
    """One package's stand-in, for one provider resource with its configuration.

    Every method may raise ProviderError.
    """

    def check(self, request: CheckRequest) -> Checked:
        """Validates and completes inputs."""
        ...

    def diff(self, request: DiffRequest) -> Diff:
        """Compares what is with what is wanted."""
        ...

    def create(self, request: CreateRequest) -> Resource:
        """Creates it; in a preview answers what can be known (outputs UNKNOWN elsewhere, id "")."""
        ...

    def read(self, request: ReadRequest) -> Resource | None:
        """Reads it back; None when it is gone."""
        ...

    def update(self, request: UpdateRequest) -> Properties:
        """Changes it in place and answers the new outputs."""
        ...

    def delete(self, request: DeleteRequest) -> None:
        """Deletes it; one that is gone already is no error."""
        ...

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Answers a provider function, such as aws:ecr/getImage:getImage."""
        ...
