"""A provider of toys, in memory: name can't be changed in place, size can, ceiling is up to the provider resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workshop.sandbox.providers.provider import (
    UNKNOWN,
    Checked,
    CheckFailure,
    Diff,
    NotReady,
    Properties,
    ProviderError,
    Resource,
)


class ToyBox:
    """What exists, shared by all stand-ins of a server. Its factory makes one for each provider resource."""

    def __init__(self) -> None:
        self.toys: dict[str, dict[str, Any]] = {}

    def factory(self, configuration: Properties) -> Toys:
        if configuration.get("ceiling") == "none":
            raise ProviderError("ceiling is none: a toy box needs one: set ceiling on the provider")
        return Toys(self.toys, configuration)


class Toys:
    def __init__(self, toys: dict[str, dict[str, Any]], configuration: Properties) -> None:
        self._toys = toys
        self._configuration = configuration

    def check(self, urn: str, kind: str, old_inputs: Properties | None, new_inputs: Properties, seed: bytes) -> Checked:
        inputs = dict(new_inputs)
        if inputs.get("size") == 0:
            return Checked(
                inputs=inputs, failures=(CheckFailure(property="size", reason="size is 0, must be 1 or more"),)
            )
        inputs.setdefault("label", old_inputs["label"] if old_inputs else f"label-{seed.hex()[:7]}")
        return Checked(inputs=inputs)

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
        changed = tuple(sorted(key for key in {*old_inputs, *new_inputs} if old_inputs.get(key) != new_inputs.get(key)))
        return Diff(changed=changed, replaces=tuple(key for key in changed if key == "name"))

    def create(self, urn: str, kind: str, inputs: Properties, is_preview: bool) -> Resource:
        if is_preview:
            return Resource(id="", outputs={**inputs, "serial": UNKNOWN}, inputs=inputs)
        if inputs["name"] == "forbidden":
            raise ProviderError("toy forbidden: the box refuses it")
        outputs = {**inputs, "serial": f"serial-of-{inputs['name']}", "ceiling": self._configuration.get("ceiling")}
        self._toys[inputs["name"]] = outputs
        made = Resource(id=inputs["name"], outputs=outputs, inputs=inputs)
        if inputs["name"] == "broken":
            raise NotReady("toy broken: its spring is loose", made)
        return made

    def read(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> Resource | None:
        toy = self._toys.get(id)
        if toy is None:
            return None
        return Resource(id=id, outputs=toy, inputs={key: toy[key] for key in ("name", "size", "label")})

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
        outputs: Mapping[str, Any] = {**old_outputs, **new_inputs}
        if not is_preview:
            self._toys[id] = dict(outputs)
        return outputs

    def delete(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> None:
        self._toys.pop(id, None)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        if arguments["name"] not in self._toys:
            raise ProviderError(f"toy {arguments['name']} does not exist")
        return {"size": self._toys[arguments["name"]]["size"], "ceiling": self._configuration.get("ceiling")}
