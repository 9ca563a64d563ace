"""Calls of a provider, a line each: tests give values in the order in which the requests name them."""

from __future__ import annotations

from dataclasses import dataclass

from workshop.sandbox.engine.steps.pending import Finder
from workshop.sandbox.providers.provider import (
    Checked,
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    Diff,
    DiffRequest,
    Properties,
    Provider,
    ReadRequest,
    Resource,
    UpdateRequest,
)


@dataclass(frozen=True)
class Calls:
    provider: Provider

    def check(self, urn: str, kind: str, old: Properties | None, inputs: Properties, seed: bytes) -> Checked:
        return self.provider.check(CheckRequest(urn=urn, kind=kind, old_inputs=old, inputs=inputs, seed=seed))

    def diff(
        self,
        urn: str,
        kind: str,
        id: str,
        old: Properties,
        outputs: Properties,
        new: Properties,
        ignored: tuple[str, ...],
    ) -> Diff:
        return self.provider.diff(
            DiffRequest(
                urn=urn, kind=kind, id=id, old_inputs=old, old_outputs=outputs, inputs=new, ignore_changes=ignored
            )
        )

    def create(self, urn: str, kind: str, inputs: Properties, is_preview: bool) -> Resource:
        return self.provider.create(CreateRequest(urn=urn, kind=kind, inputs=inputs, is_preview=is_preview))

    def read(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> Resource | None:
        return self.provider.read(ReadRequest(urn=urn, kind=kind, id=id, inputs=inputs, outputs=outputs))

    def update(
        self,
        urn: str,
        kind: str,
        id: str,
        old: Properties,
        outputs: Properties,
        new: Properties,
        ignored: tuple[str, ...],
        is_preview: bool,
    ) -> Properties:
        return self.provider.update(
            UpdateRequest(
                urn=urn,
                kind=kind,
                id=id,
                old_inputs=old,
                old_outputs=outputs,
                inputs=new,
                ignore_changes=ignored,
                is_preview=is_preview,
            )
        )

    def delete(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> None:
        self.provider.delete(DeleteRequest(urn=urn, kind=kind, id=id, inputs=inputs, outputs=outputs))

    def invoke(self, token: str, arguments: Properties) -> Properties:
        return self.provider.invoke(token, arguments)

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        assert isinstance(self.provider, Finder)
        return self.provider.find(urn, kind, inputs)
