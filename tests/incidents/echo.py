"""A provider for every kind: what is declared comes out. Incidents are replayed in previews, which touch nothing."""

from __future__ import annotations

from workshop.sandbox.providers.provider import Checked, Diff, Properties, Resource


class Echo:
    """Answers inputs as outputs."""

    def __init__(self, configuration: Properties) -> None:
        self.configuration = configuration

    def check(self, urn: str, kind: str, old_inputs: Properties | None, new_inputs: Properties, seed: bytes) -> Checked:
        return Checked(inputs=new_inputs)

    def diff(
        self,
        urn: str,
        kind: str,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: tuple[str, ...],
    ) -> Diff:
        return Diff()

    def create(self, urn: str, kind: str, inputs: Properties, is_preview: bool) -> Resource:
        return Resource(id="", outputs=inputs, inputs=inputs)

    def read(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> Resource | None:
        return None

    def update(
        self,
        urn: str,
        kind: str,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: tuple[str, ...],
        is_preview: bool,
    ) -> Properties:
        return new_inputs

    def delete(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> None:
        raise AssertionError("a preview deletes nothing")

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise AssertionError("an incident's program looks nothing up")
