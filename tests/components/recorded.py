"""What a program registered, under mocks that stand for the engine."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
from google.protobuf import json_format
from pulumi.runtime import mocks, run_in_stack, settings
from pulumi.runtime.proto import resource_pb2


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One RegisterResource request, as the engine gets it."""

    type: str
    name: str
    urn: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    is_protected: bool
    is_retained: bool
    import_id: str
    depends_on: tuple[str, ...]
    before_delete: tuple[str, ...]
    after_update: tuple[str, ...]
    is_custom: bool
    replaced_by_changes_of: tuple[str, ...]
    is_deleted_before_replaced: bool
    ignores_changes_of: tuple[str, ...]


@dataclass
class Recorded:
    """Everything that was registered, in order; outputs by URN; hooks by name; calls of provider functions."""

    resources: list[Registration] = field(default_factory=list[Registration])
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    hooks: list[str] = field(default_factory=list[str])
    calls: list[str] = field(default_factory=list[str])

    def of_type(self, token: str) -> list[Registration]:
        """Registrations of one type."""
        return [resource for resource in self.resources if resource.type == token]

    def named(self, name: str) -> Registration:
        """The one registration with this name that isn't a component."""
        (found,) = (resource for resource in self.resources if resource.name == name and resource.is_custom)
        return found


class ProviderFailure(grpc.RpcError):
    """A provider function that failed, as the engine tells it over gRPC."""

    def code(self) -> grpc.StatusCode:
        """What kind of failure."""
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        """Its message."""
        return str(self)


Answer = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class RecordingMocks(mocks.Mocks):
    """Gives every resource an id and its inputs back; functions are answered by `answer`."""

    def __init__(self, recorded: Recorded, answer: Answer | None) -> None:
        self._recorded = recorded
        self._answer = answer

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", cast("dict[str, Any]", args.inputs)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        self._recorded.calls.append(args.token)
        if self._answer is None:
            return {}, []
        return self._answer(args.token, cast("dict[str, Any]", args.args)), []


class RecordingMonitor:
    """Keeps what the mocks are not told: parents, options and outputs. Methods are named as in the protocol."""

    def __init__(self, recorded: Recorded, answer: Answer | None) -> None:
        self._monitor: Any = mocks.MockMonitor(RecordingMocks(recorded, answer))
        self._recorded = recorded

    def __getattr__(self, method: str) -> object:
        return getattr(self._monitor, method)

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> object:  # noqa: N802
        response = self._monitor.RegisterResource(request)
        self._recorded.resources.append(
            Registration(
                type=request.type,
                name=request.name,
                urn=response.urn,
                parent=request.parent,
                provider=request.provider,
                inputs=json_format.MessageToDict(request.object),
                is_protected=request.protect,
                is_retained=request.retainOnDelete,
                import_id=request.importId,
                depends_on=tuple(request.dependencies),
                before_delete=tuple(request.hooks.before_delete),
                after_update=tuple(request.hooks.after_update),
                is_custom=request.custom,
                replaced_by_changes_of=tuple(request.replaceOnChanges),
                is_deleted_before_replaced=request.deleteBeforeReplace,
                ignores_changes_of=tuple(request.ignoreChanges),
            )
        )
        return response

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> object:  # noqa: N802
        self._recorded.outputs[request.urn] = json_format.MessageToDict(request.outputs)
        return self._monitor.RegisterResourceOutputs(request)

    def RegisterResourceHook(self, request: resource_pb2.RegisterResourceHookRequest) -> object:  # noqa: N802
        self._recorded.hooks.append(request.name)
        return self._monitor.RegisterResourceHook(request)


def run(program: Callable[[], object], answer: Answer | None = None, recorded: Recorded | None = None) -> Recorded:
    """Runs a program to its end and answers what it registered. Raises what the program raises."""
    recorded = recorded or Recorded()
    contextvars.Context().run(_run, program, recorded, answer)
    return recorded


def _nothing(_answer: object) -> None:
    """What a Pulumi program answers."""


def _run(program: Callable[[], object], recorded: Recorded, answer: Answer | None) -> None:
    loop, workers_loop = asyncio.new_event_loop(), asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # The mocks want a loop in every thread that serves them and close none: one thread, with one of ours.
    workers = ThreadPoolExecutor(1, initializer=asyncio.set_event_loop, initargs=(workers_loop,))
    loop.set_default_executor(workers)
    mocks.set_mocks(
        RecordingMocks(recorded, answer),
        project="workshop",
        stack="test",
        preview=False,
        monitor=cast("Any", RecordingMonitor(recorded, answer)),
    )
    settings.ROOT.set(None)  # so that the stack is registered once more, with what the program exports
    try:
        loop.run_until_complete(run_in_stack(lambda: _nothing(program())))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()
        workers_loop.close()
