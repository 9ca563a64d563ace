"""A provider double: a cloud of plain objects in memory, with ids of its own and faults on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
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
    Properties,
    ProviderError,
    ReadRequest,
    Resource,
    UpdateRequest,
)

_READY_SECONDS = 10


@dataclass
class Cloud:
    """What exists: id -> inputs. log: every call that changed something. before_call: a fault to inject.

    ready: what is ready, by name, only once its event is set.
    """

    objects: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    log: list[str] = field(default_factory=list[str])
    before_call: Callable[[str, str], None] = lambda _action, _name: None
    ready: dict[str, Event] = field(default_factory=dict[str, Event])

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

    def check(self, request: CheckRequest) -> Checked:
        inputs = dict(request.inputs)
        if "name" not in inputs:
            inputs["name"] = (request.old_inputs or {}).get(
                "name"
            ) or f"{request.urn.rpartition('::')[2]}-{request.seed.hex()[:6]}"
        if inputs.get("value") == "invalid":
            return Checked(inputs=inputs, failures=(CheckFailure(property="value", reason="is invalid"),))
        return Checked(inputs=inputs)

    def diff(self, request: DiffRequest) -> Diff:
        keys = sorted({*request.old_inputs, *request.inputs} - {"__defaults"})
        changed = tuple(key for key in keys if request.old_inputs.get(key) != request.inputs.get(key))
        replaces = tuple(key for key in changed if key in ("name", "zone", "frozen"))
        return Diff(changed=changed, replaces=replaces, is_delete_before_replace="frozen" in replaces)

    def create(self, request: CreateRequest) -> Resource:
        if request.is_preview:
            return Resource(
                id="",
                outputs={**request.inputs, "address": UNKNOWN, "echo": request.inputs.get("value")},
                inputs=request.inputs,
            )
        self._begin("create", request.inputs, request.timeout_seconds)
        id = f"{self._prefix}{request.inputs['name']}"
        if id in self._cloud.objects:
            raise ProviderError(f"{id} exists already")
        self._cloud.objects[id] = dict(request.inputs)
        self._await(request)
        return Resource(id=id, outputs=self._outputs(id), inputs=request.inputs)

    def read(self, request: ReadRequest) -> Resource | None:
        if request.id not in self._cloud.objects:
            return None
        return Resource(id=request.id, outputs=self._outputs(request.id), inputs=self._cloud.objects[request.id])

    def update(self, request: UpdateRequest) -> Properties:
        if request.is_preview:
            return {**request.old_outputs, **request.inputs, "echo": request.inputs.get("value")}
        self._begin("update", request.inputs, request.timeout_seconds)
        self._cloud.objects[request.id] = dict(request.inputs)
        self._await(request)
        return self._outputs(request.id)

    def delete(self, request: DeleteRequest) -> None:
        self._begin("delete", request.inputs, request.timeout_seconds)
        self._cloud.objects.pop(request.id, None)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        if token == "double:index:lookup":
            return {"found": f"{self._prefix}{arguments['name']}"}
        raise ProviderError(f"no function {token}")

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        id = f"{self._prefix}{inputs['name']}"
        return id if id in self._cloud.objects else None

    def _begin(self, action: str, inputs: Properties, timeout_seconds: float) -> None:
        self._cloud.before_call(action, inputs["name"])
        if inputs.get("fail") == action:
            raise ProviderError(f"told to fail {action}")
        limit = f" within {timeout_seconds:g} s" if timeout_seconds else ""
        self._cloud.log.append(f"{action} {inputs['name']}{limit}")

    def _await(self, request: CreateRequest | UpdateRequest) -> None:
        name = request.inputs["name"]
        if name in self._cloud.ready:
            with request.waiting():
                if not self._cloud.ready[name].wait(_READY_SECONDS):
                    raise ProviderError(f"{name} is not ready")

    def _outputs(self, id: str) -> dict[str, Any]:
        inputs = self._cloud.objects[id]
        return {**inputs, "address": f"{id}.example", "echo": inputs.get("value")}
