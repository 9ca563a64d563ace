"""A provider of toys, in memory: name can't be changed in place, size can, ceiling is up to the provider resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workshop.sandbox.providers.provider import (
    UNKNOWN,
    Checked,
    CheckFailure,
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    Diff,
    DiffRequest,
    NotReady,
    Properties,
    ProviderError,
    ReadRequest,
    Resource,
    UpdateRequest,
)


class ToyBox:
    """What exists, shared by all stand-ins of a server. Its factory makes one for each provider resource."""

    def __init__(self) -> None:
        self.toys: dict[str, dict[str, Any]] = {}
        self.timeouts: list[float] = []

    def factory(self, configuration: Properties) -> Toys:
        if configuration.get("ceiling") == "none":
            raise ProviderError("ceiling is none: a toy box needs one: set ceiling on the provider")
        return Toys(self, configuration)


class Toys:
    def __init__(self, box: ToyBox, configuration: Properties) -> None:
        self._toys, self._timeouts = box.toys, box.timeouts
        self._configuration = configuration

    def check(self, request: CheckRequest) -> Checked:
        inputs = dict(request.inputs)
        if inputs.get("size") == 0:
            return Checked(
                inputs=inputs, failures=(CheckFailure(property="size", reason="size is 0, must be 1 or more"),)
            )
        inputs.setdefault(
            "label", request.old_inputs["label"] if request.old_inputs else f"label-{request.seed.hex()[:7]}"
        )
        return Checked(inputs=inputs)

    def diff(self, request: DiffRequest) -> Diff:
        changed = tuple(
            sorted(
                key
                for key in {*request.old_inputs, *request.inputs}
                if request.old_inputs.get(key) != request.inputs.get(key)
            )
        )
        return Diff(changed=changed, replaces=tuple(key for key in changed if key == "name"))

    def create(self, request: CreateRequest) -> Resource:
        self._timeouts.append(request.timeout_seconds)
        if request.is_preview:
            return Resource(id="", outputs={**request.inputs, "serial": UNKNOWN}, inputs=request.inputs)
        if request.inputs["name"] == "forbidden":
            raise ProviderError("toy forbidden: the box refuses it")
        outputs = {
            **request.inputs,
            "serial": f"serial-of-{request.inputs['name']}",
            "ceiling": self._configuration.get("ceiling"),
        }
        self._toys[request.inputs["name"]] = outputs
        made = Resource(id=request.inputs["name"], outputs=outputs, inputs=request.inputs)
        if request.inputs["name"] == "broken":
            raise NotReady("toy broken: its spring is loose", made)
        return made

    def read(self, request: ReadRequest) -> Resource | None:
        toy = self._toys.get(request.id)
        if toy is None:
            return None
        return Resource(id=request.id, outputs=toy, inputs={key: toy[key] for key in ("name", "size", "label")})

    def update(self, request: UpdateRequest) -> Properties:
        self._timeouts.append(request.timeout_seconds)
        outputs: Mapping[str, Any] = {**request.old_outputs, **request.inputs}
        if not request.is_preview:
            self._toys[request.id] = dict(outputs)
        return outputs

    def delete(self, request: DeleteRequest) -> None:
        self._timeouts.append(request.timeout_seconds)
        self._toys.pop(request.id, None)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        if arguments["name"] not in self._toys:
            raise ProviderError(f"toy {arguments['name']} does not exist")
        return {"size": self._toys[arguments["name"]]["size"], "ceiling": self._configuration.get("ceiling")}
