"""Resource hooks: functions of the program that run before and after a step, called back over gRPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from workshop.sandbox.engine.errors import EngineError, StepFailed
from workshop.sandbox.engine.registration.workers import Workers
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.urns import name_of
from workshop.sandbox.engine.values import to_struct
from workshop.sandbox.json_values import Json

Occasion = Literal["before_create", "after_create", "before_update", "after_update", "before_delete", "after_delete"]

OCCASIONS: tuple[Occasion, ...] = (
    "before_create",
    "after_create",
    "before_update",
    "after_update",
    "before_delete",
    "after_delete",
)


def state_name(occasion: Occasion) -> str:
    """The occasion as the state file spells it: before_create is BeforeCreate."""
    before, _, step = occasion.partition("_")
    return f"{before.capitalize()}{step.capitalize()}"


@dataclass(frozen=True)
class _Hook:
    target: str
    token: str
    on_dry_run: bool
    ignore_errors: bool


def details_of(error: grpc.RpcError) -> str | None:
    """What a failed call says; every error that grpc raises is also the call itself."""
    return error.details() if isinstance(error, grpc.Call) else None


class Hooks:
    """The hooks that the program has registered, by name."""

    def __init__(self, workers: Workers, *, is_preview: bool) -> None:
        self._workers = workers
        self._is_preview = is_preview
        self._hooks: dict[str, _Hook] = {}
        self._channels: dict[str, grpc.Channel] = {}

    def register(self, request: resource_pb2.RegisterResourceHookRequest) -> None:
        """Remembers a hook. Raises EngineError where the name is taken."""
        if request.name in self._hooks:
            raise EngineError(f"resource hook {request.name} is registered twice: give each hook a name of its own")
        callback = cast("callback_pb2.Callback", request.callback)  # pyright: ignore[reportUnknownMemberType]  the SDK's stubs look for its type in another place
        self._hooks[request.name] = _Hook(callback.target, callback.token, request.on_dry_run, request.ignore_errors)

    def run(self, occasion: Occasion, *, old: Record | None, new: Record | None) -> None:
        """Runs a resource's hooks for an occasion, in order. Raises StepFailed where one raises or is missing."""
        record = new or old
        if record is None:
            return
        for name in record.resource_hooks.get(state_name(occasion), ()):
            hook = self._hooks.get(name)
            if hook is None:
                raise StepFailed(
                    record.urn, f"hook {name}", "the program that registers this hook is not running or no longer does"
                )
            if self._is_preview and not hook.on_dry_run:
                continue
            error = self._call(hook, old, new, record)
            if error and not hook.ignore_errors:
                raise StepFailed(record.urn, f"hook {name}", error)

    def _call(self, hook: _Hook, old: Record | None, new: Record | None, record: Record) -> str:
        request = resource_pb2.ResourceHookRequest(
            urn=record.urn,
            id=record.id,
            name=name_of(record.urn),
            type=record.type,
            new_inputs=to_struct(new.inputs) if new else None,
            old_inputs=to_struct(old.inputs) if old else None,
            new_outputs=to_struct(new.outputs) if new and new.outputs else None,
            old_outputs=to_struct(old.outputs) if old and old.outputs else None,
        )
        if hook.target not in self._channels:
            self._channels[hook.target] = grpc.insecure_channel(hook.target)
        stub: Json = callback_pb2_grpc.CallbacksStub(self._channels[hook.target])
        invocation = callback_pb2.CallbackInvokeRequest(token=hook.token, request=request.SerializeToString())
        try:
            with self._workers.waiting():
                answer: callback_pb2.CallbackInvokeResponse = stub.Invoke(invocation)
        except grpc.RpcError as error:
            return details_of(error) or "the hook could not be called"
        return resource_pb2.ResourceHookResponse.FromString(answer.response).error

    def close(self) -> None:
        """Closes the connections to the program."""
        for channel in self._channels.values():
            channel.close()
