"""What the SDK talks to in place of a real engine: plain objects with the methods of its gRPC stubs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from pulumi.runtime.proto import callback_pb2, engine_pb2, provider_pb2, resource_pb2

from workshop.sandbox.engine.errors import EngineError, Unsupported
from workshop.sandbox.engine.planning.planner import Planner
from workshop.sandbox.engine.registration.goals import goal_of, goal_of_read
from workshop.sandbox.engine.registration.hooks import Hooks
from workshop.sandbox.engine.registration.workers import Workers
from workshop.sandbox.engine.steps.registry import Registry
from workshop.sandbox.engine.urns import package_of
from workshop.sandbox.engine.values import UNKNOWN_TEXT, from_struct, has_unknown, plain, to_struct
from workshop.sandbox.providers.provider import UNKNOWN, ProviderError

_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS,
)
"""What is done here, and from REPLACE_WITH on what is refused here by name: the SDK would advise to update the CLI."""


class Monitor:
    """Serves one run of the program. error: the first thing that went wrong; after it nothing is begun."""

    def __init__(
        self,
        planner: Planner,
        registry: Registry,
        hooks: Hooks,
        workers: Workers,
        *,
        config: Mapping[str, str],
        is_preview: bool,
    ) -> None:
        self.error: Exception | None = None
        self._planner = planner
        self._registry = registry
        self._hooks = hooks
        self._workers = workers
        self._config = config
        self._is_preview = is_preview

    @contextmanager
    def _turn(self) -> Generator[None]:
        with self._workers.turn():
            if self.error:
                raise EngineError("an earlier step failed") from self.error
            try:
                yield
            except Exception as error:
                self.error = error
                raise

    def GetDeploymentInfo(self, request: Empty, context: None = None) -> resource_pb2.DeploymentInfo:  # noqa: N802, ARG002
        """Which stack this is and what the engine can do."""
        return resource_pb2.DeploymentInfo(
            project=self._planner.project,
            stack=self._planner.stack,
            organization="organization",
            config=dict(self._config),
            dryRun=self._is_preview,
            supportedFeatures=_FEATURES,
        )

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Plans a resource and, in an update, brings it about."""
        with self._turn():
            record = self._planner.register(goal_of(request))
        return resource_pb2.RegisterResourceResponse(
            urn=record.urn,
            id=record.id,
            object=to_struct(record.outputs),
            unknown=record.urn in self._planner.skipped,
        )

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> Empty:  # noqa: N802
        """Keeps the outputs of a component or of the stack."""
        with self._turn():
            self._planner.register_outputs(request.urn, from_struct(request.outputs, request.urn))
        return Empty()

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        """Reads what the program gets without managing it."""
        with self._turn():
            id = UNKNOWN if request.id == UNKNOWN_TEXT else request.id
            record = self._planner.read(goal_of_read(request), id)
        return resource_pb2.ReadResourceResponse(
            urn=record.urn, id=record.id, properties=to_struct(record.outputs), unknown=id is UNKNOWN
        )

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        """Answers a provider function; takes no turn, since hooks ask while their resource has it."""
        if request.packageRef:
            raise Unsupported("parameterized packages (packageRef)", request.tok)
        ref = request.provider
        if not ref:
            ref = self._planner.known_default_provider(package_of(request.tok), request.version)
        if not ref:
            with self._turn():
                ref = self._planner.default_provider(package_of(request.tok), request.version, request.tok)
        try:
            answer = self._registry.at(ref, request.tok).invoke(
                request.tok, plain(from_struct(request.args, request.tok))
            )
        except ProviderError as error:
            failure = provider_pb2.CheckFailure(property="", reason=str(error))
            return resource_pb2.ResourceInvokeResponse(failures=[failure])
        if has_unknown(answer):
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response

    def RegisterResourceHook(self, request: resource_pb2.RegisterResourceHookRequest) -> Empty:  # noqa: N802
        """Remembers a hook of the program."""
        self._hooks.register(request)
        return Empty()

    def SignalAndWaitForShutdown(self, request: Empty) -> Empty:  # noqa: N802, ARG002
        """The program has declared everything; what is left is deleted while its hooks can still be called."""
        with self._turn():
            self._planner.finish()
        return Empty()

    def Call(self, request: resource_pb2.ResourceCallRequest) -> NoReturn:  # noqa: N802
        """Methods of resources are not supported."""
        self._refuse("methods of resources", request.tok)

    def ExistsResource(self, request: resource_pb2.ExistsResourceRequest) -> NoReturn:  # noqa: N802
        """Asking whether a resource exists is not supported."""
        self._refuse("exists", request.type)

    def RegisterPackage(self, request: resource_pb2.RegisterPackageRequest) -> NoReturn:  # noqa: N802
        """Parameterized packages are not supported."""
        self._refuse("parameterized packages", request.name)

    def RegisterStackTransform(self, request: callback_pb2.Callback) -> NoReturn:  # noqa: N802, ARG002
        """Transforms are not supported."""
        self._refuse("transforms", self._planner.stack)

    RegisterResourceTransform = RegisterStackTransform

    def RegisterStackInvokeTransform(self, request: callback_pb2.Callback) -> NoReturn:  # noqa: N802, ARG002
        """Transforms of invokes are not supported."""
        self._refuse("invoke transforms", self._planner.stack)

    def RegisterErrorHook(self, request: resource_pb2.RegisterErrorHookRequest) -> NoReturn:  # noqa: N802
        """Error hooks are not supported."""
        self._refuse("error hooks", request.name)

    def _refuse(self, feature: str, where: str) -> NoReturn:
        self.error = self.error or Unsupported(feature, where)
        raise self.error


class Engine:
    """Takes what the program logs. on_message: severity (info, warning, error) and text."""

    def __init__(self, on_message: Callable[[str, str], None] | None) -> None:
        self._on_message = on_message

    def Log(self, request: engine_pb2.LogRequest) -> Empty:  # noqa: N802
        """Hands a message on, debugging left out."""
        if self._on_message and request.severity != engine_pb2.DEBUG:
            self._on_message(engine_pb2.LogSeverity.Name(request.severity).lower(), request.message)
        return Empty()

    def RequirePulumiVersion(self, request: Message) -> engine_pb2.RequirePulumiVersionResponse:  # noqa: N802, ARG002
        """Any version will do: what is missing is refused where it is asked for."""
        return engine_pb2.RequirePulumiVersionResponse()
