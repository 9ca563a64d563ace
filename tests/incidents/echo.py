"""A provider for every kind: what is declared comes out. Incidents are replayed in previews, which touch nothing."""

from __future__ import annotations

from workshop.sandbox.providers.provider import (
    Checked,
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    Diff,
    DiffRequest,
    Properties,
    ReadRequest,
    Resource,
    UpdateRequest,
)


class Echo:
    """Answers inputs as outputs."""

    def __init__(self, configuration: Properties) -> None:
        self.configuration = configuration

    def check(self, request: CheckRequest) -> Checked:
        return Checked(inputs=request.inputs)

    def diff(self, request: DiffRequest) -> Diff:
        return Diff()

    def create(self, request: CreateRequest) -> Resource:
        return Resource(id="", outputs=request.inputs, inputs=request.inputs)

    def read(self, request: ReadRequest) -> Resource | None:
        return None

    def update(self, request: UpdateRequest) -> Properties:
        return request.inputs

    def delete(self, request: DeleteRequest) -> None:
        raise AssertionError("a preview deletes nothing")

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise AssertionError("an incident's program looks nothing up")
