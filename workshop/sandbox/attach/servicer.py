"""One package's stand-ins behind Pulumi's gRPC protocol for resource providers."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer
from typing_extensions import override

from workshop.sandbox.attach.differences import diff_response
from workshop.sandbox.engine.errors import EngineError
from workshop.sandbox.engine.steps.registry import ProviderFactory, provider_configuration
from workshop.sandbox.engine.urns import type_of
from workshop.sandbox.engine.values import from_struct, to_struct
from workshop.sandbox.isolation import refuse_real_stack
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.providers.provider import (
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    NotReady,
    Provider,
    ProviderError,
    ReadRequest,
    UpdateRequest,
)


class StandIns(ResourceProviderServicer):
    """Serves one package: a stand-in for each provider resource that a program declares.

    No request says which provider resource it is meant for. The CLI opens one connection for each of them and
    configures it once, so the connection's address tells.

    Secrets, resource references and output values are declined: the CLI then sends plain values, and marks an
    output as secret wherever the input of that name was.
    """

    def __init__(self, factory: ProviderFactory, version: str) -> None:
        self._factory = factory
        self._version = version
        self._configured: dict[str, Provider] = {}

    @override
    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Declines every feature, and is there so that the CLI does not take the connection for a dead one."""
        return provider_pb2.ProviderHandshakeResponse()

    @override
    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> Empty:
        """Takes the engine's address, which stand-ins don't need."""
        return Empty()

    @override
    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Claims the version that the SDK asks for; the CLI warns of any other."""
        return plugin_pb2.PluginInfo(version=self._version)

    @override
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Takes a provider resource's inputs as they are; its stand-in judges them when it is configured."""
        return provider_pb2.CheckResponse(inputs=request.news)

    @override
    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Leaves the comparison of a provider resource's inputs to the CLI: no change of them replaces resources."""
        return provider_pb2.DiffResponse()

    @override
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Makes this connection's stand-in, for a sandbox stack only."""
        with _refusals_told(context):
            refuse_real_urn(request.urn)
            self._configured[context.peer()] = self._factory(
                provider_configuration(from_struct(request.args, request.urn))
            )
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @override
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Validates and completes inputs. Where there are no old inputs the CLI sends empty ones."""
        urn = request.urn
        with self._provider(urn, context) as provider:
            old = from_struct(request.olds, urn) or None
            checked = provider.check(
                CheckRequest(
                    urn=urn,
                    kind=type_of(urn),
                    old_inputs=old,
                    inputs=from_struct(request.news, urn),
                    seed=request.randomSeed,
                )
            )
        failures = [provider_pb2.CheckFailure(property=each.property, reason=each.reason) for each in checked.failures]
        return provider_pb2.CheckResponse(inputs=to_struct(checked.inputs), failures=failures)

    @override
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compares."""
        urn = request.urn
        with self._provider(urn, context) as provider:
            old, new = from_struct(request.old_inputs, urn), from_struct(request.news, urn)
            outputs, ignored = from_struct(request.olds, urn), tuple(request.ignoreChanges)
            return diff_response(
                provider.diff(
                    DiffRequest(
                        urn=urn,
                        kind=type_of(urn),
                        id=request.id,
                        old_inputs=old,
                        old_outputs=outputs,
                        inputs=new,
                        ignore_changes=ignored,
                    )
                ),
                old,
                new,
            )

    @override
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Creates, or answers what a preview can know."""
        urn = request.urn
        with self._provider(urn, context) as provider:
            created = provider.create(
                CreateRequest(
                    urn=urn,
                    kind=type_of(urn),
                    inputs=from_struct(request.properties, urn),
                    is_preview=request.preview,
                    timeout_seconds=request.timeout,
                )
            )
        return provider_pb2.CreateResponse(id=created.id, properties=to_struct(created.outputs))

    @override
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Reads back; an answer without id says that it is gone."""
        urn = request.urn
        with self._provider(urn, context) as provider:
            inputs, outputs = from_struct(request.inputs, urn), from_struct(request.properties, urn)
            found = provider.read(
                ReadRequest(urn=urn, kind=type_of(urn), id=request.id, inputs=inputs, outputs=outputs)
            )
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.id, properties=to_struct(found.outputs), inputs=to_struct(found.inputs)
        )

    @override
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Changes in place, or answers what a preview can know."""
        urn = request.urn
        with self._provider(urn, context) as provider:
            outputs = provider.update(
                UpdateRequest(
                    urn=urn,
                    kind=type_of(urn),
                    id=request.id,
                    old_inputs=from_struct(request.old_inputs, urn),
                    old_outputs=from_struct(request.olds, urn),
                    inputs=from_struct(request.news, urn),
                    ignore_changes=tuple(request.ignoreChanges),
                    is_preview=request.preview,
                    timeout_seconds=request.timeout,
                )
            )
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    @override
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Empty:
        """Deletes."""
        urn = request.urn
        with self._provider(urn, context) as provider:
            inputs, outputs = from_struct(request.old_inputs, urn), from_struct(request.properties, urn)
            provider.delete(
                DeleteRequest(
                    urn=urn,
                    kind=type_of(urn),
                    id=request.id,
                    inputs=inputs,
                    outputs=outputs,
                    timeout_seconds=request.timeout,
                )
            )
        return Empty()

    @override
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answers a function. It has no URN: that of the provider resource was judged when it was configured."""
        with _refusals_told(context):
            answer = self._stand_in(context).invoke(request.tok, from_struct(request.args, request.tok))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))  # its name is a word that Python reserves
        return response

    @override
    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """Stops nothing: no operation of a stand-in waits for anything."""
        return Empty()

    @contextmanager
    def _provider(self, urn: str, context: grpc.ServicerContext) -> Generator[Provider, None, None]:
        with _refusals_told(context):
            refuse_real_urn(urn)
            yield self._stand_in(context)

    def _stand_in(self, context: grpc.ServicerContext) -> Provider:
        provider = self._configured.get(context.peer())
        if provider is None:
            raise SandboxProblem(
                "the Pulumi CLI asked over a connection that it never configured, so the sandbox can't tell "
                "which provider it means: run the command again"
            )
        return provider


def refuse_real_urn(urn: str) -> None:
    """Raises SandboxProblem unless the URN's stack is sandbox or sandbox-*."""
    refuse_real_stack(urn.removeprefix("urn:pulumi:").partition("::")[0])


@contextmanager
def _refusals_told(context: grpc.ServicerContext) -> Generator[None, None, None]:
    """Answers a refusal with a status from which the CLI knows that nothing was changed."""
    try:
        yield
    except NotReady as failure:
        _tell_what_is_there(context, failure)
    except (ProviderError, SandboxProblem, EngineError) as refusal:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(refusal))


def _tell_what_is_there(context: grpc.ServicerContext, failure: NotReady) -> None:
    """Answers that a resource exists but does not work, so that the CLI keeps it in its state."""
    made = provider_pb2.ErrorResourceInitFailed(
        id=failure.resource.id,
        properties=to_struct(failure.resource.outputs),
        inputs=to_struct(failure.resource.inputs),
        reasons=[str(failure)],
    )
    detail = AnyMessage()
    detail.Pack(made)
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=str(failure), details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, str(failure))
