"""A provider double: a cloud of plain objects in memory, with ids of its own and faults on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workshop.sandbox.providers.provider import (
    UNKNOWN,
    Checked,
    CheckFailure,
    Diff,
    Properties,
    ProviderError,
    Resource,
)


@dataclass
class Cloud:
    """What exists: id -> inputs. log: every call that changed something. before_call: a fault to inject."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    log: list[str] = field(default_factory=list[str])
    before_call: Callable[[str, str], None] = lambda _action, _name: None

    def provider(self, configuration: Properties) -> DoubleProvider:
        """Constructor for the engine."""
        return DoubleProvider(self, configuration)


class DoubleProvider:
    """Things have a name (made up from the URN if not given), a value, and a `zone` that can't change in place.

    `frozen` can't change either and is deleted first. `fail` refuses. Outputs add `address` and `echo`.
    """

    def __init__(self, cloud: Cloud, configuration: Properties) -> None:
        self._cloud = cloud
        self._prefix = configuration.get("prefix", "")

    def check(self, urn: str, kind: str, old_inputs: Properties | None, new_inputs: Properties, seed: bytes) -> Checked:
        inputs = dict(new_inputs)
        if "name" not in inputs:
            inputs["name"] = (old_inputs or {}).get("name") or f"{urn.rpartition('::')[2]}-{seed.hex()[:6]}"
        if inputs.get("value") == "invalid":
            return Checked(inputs=inputs, failures=(CheckFailure(property="value", reason="is invalid"),))
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
        keys = sorted({*old_inputs, *new_inputs} - {"__defaults"})
        changed = tuple(key for key in keys if old_inputs.get(key) != new_inputs.get(key))
        replaces = tuple(key for key in changed if key in ("name", "zone", "frozen"))
        return Diff(changed=changed, replaces=replaces, is_delete_before_replace="frozen" in replaces)

    def create(self, urn: str, kind: str, inputs: Properties, is_preview: bool) -> Resource:
        if is_preview:
            return Resource(id="", outputs={**inputs, "address": UNKNOWN, "echo": inputs.get("value")}, inputs=inputs)
        self._begin("create", inputs)
        id = f"{self._prefix}{inputs['name']}"
        if id in self._cloud.objects:
            raise ProviderError(f"{id} exists already")
        self._cloud.objects[id] = dict(inputs)
        return Resource(id=id, outputs=self._outputs(id), inputs=inputs)

    def read(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> Resource | None:
        if id not in self._cloud.objects:
            return None
        return Resource(id=id, outputs=self._outputs(id), inputs=self._cloud.objects[id])

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
        if is_preview:
            return {**old_outputs, **new_inputs, "echo": new_inputs.get("value")}
        self._begin("update", new_inputs)
        self._cloud.objects[id] = dict(new_inputs)
        return self._outputs(id)

    def delete(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> None:
        self._begin("delete", inputs)
        self._cloud.objects.pop(id, None)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        if token == "double:index:lookup":
            return {"found": f"{self._prefix}{arguments['name']}"}
        raise ProviderError(f"no function {token}")

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        id = f"{self._prefix}{inputs['name']}"
        return id if id in self._cloud.objects else None

    def _begin(self, action: str, inputs: Properties) -> None:
        self._cloud.before_call(action, inputs["name"])
        if inputs.get("fail") == action:
            raise ProviderError(f"told to fail {action}")
        self._cloud.log.append(f"{action} {inputs['name']}")

    def _outputs(self, id: str) -> dict[str, Any]:
        inputs = self._cloud.objects[id]
        return {**inputs, "address": f"{id}.example", "echo": inputs.get("value")}
