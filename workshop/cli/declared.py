"""What the program declares for given settings, recorded without an engine, a provider or a system behind it."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime import Settings as Runtime
from pulumi.runtime import configure, run_in_stack
from pulumi.runtime.proto import engine_pb2, resource_pb2
from pulumi.runtime.rpc import UNKNOWN

from workshop.model.observations import Assumed, Observations, RegionObservations
from workshop.model.plan.plan import Plan
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.program.providers import make_providers
from workshop.program.stack import declare_stack

NOT_SET: Final = "(not set)"
"""Stands where a setting has no value that a resource needs."""

NO_ACCOUNT: Final = "000000000000"
"""Stands for the AWS account, which has to have the form of one."""

NO_URL: Final = "https://not-set.invalid"
"""Stands for the address of LiteLLM (RFC 2606 keeps .invalid free)."""

NOT_KNOWN: Final = "(known after up)"
"""Stands for what only a provider can say."""

_ASSUMED: Final = Assumed(source="this system", reason="not asked for")
_FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
)


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One resource that a provider would make. inputs: as it would get them; is_protected: from deletion."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    is_protected: bool
    import_id: str

    @property
    def is_kubernetes(self) -> bool:
        """Whether it is an object in a cluster."""
        return self.type.startswith("kubernetes:")

    @property
    def is_record(self) -> bool:
        """Whether it is a DNS record."""
        return self.type == "cloudflare:index/dnsRecord:DnsRecord"


def declared_resources(settings: Settings, plan: Plan) -> tuple[Declared, ...]:
    """Every resource but components and providers, in the order of declaration.

    Nothing is looked up: what depends on what a system holds or on the time of day is declared as for a first `up`.
    """
    complete = _completed(settings, plan.dns.zones)
    dns = replace(plan.dns, records=tuple(replace(one, target=_or_not_set(one.target)) for one in plan.dns.records))
    recorder = _Recorder()

    def program() -> None:
        declare_stack(complete, replace(plan, dns=dns), _not_observed(complete), make_providers(complete))

    contextvars.Context().run(_run, program, recorder)
    return tuple(recorder.declared)


def _completed(settings: Settings, zones: tuple[str, ...]) -> Settings:
    """With a placeholder for everything that may be unset, so that the rest can be shown."""
    return settings.model_copy(
        update={
            "account": settings.account or NO_ACCOUNT,
            "zone": settings.zone.model_copy(update={"id": _or_not_set(settings.zone.id)}),
            "zones": {**dict.fromkeys(zones, NOT_SET), **settings.zones},
            "image": settings.image.model_copy(update={"digest": _or_not_set(settings.image.digest)}),
            "rotation": settings.rotation.model_copy(
                update={
                    "image": _or_not_set(settings.rotation.image),
                    "litellm_url": settings.rotation.litellm_url or NO_URL,
                }
            ),
            "regions": tuple(_completed_region(region) for region in settings.regions),
        }
    )


def _completed_region(region: Region) -> Region:
    cluster = region.cluster
    return region.model_copy(
        update={
            "cluster": cluster.model_copy(
                update={key: _or_not_set(getattr(cluster, key)) for key in ("name", "context", "uid", "oidc_issuer")}
            ),
            **{key: _or_not_set(getattr(region, key)) for key in ("load_balancer_host", "node_role", "ami_version")},
        }
    )


def _or_not_set(value: str | None) -> str:
    return NOT_SET if value is None else value


def _not_observed(settings: Settings) -> Observations:
    regions = {
        region.name: RegionObservations(
            cluster_uid=_ASSUMED,
            image_digest=_ASSUMED,
            deployments={},
            previous_node_pool=_ASSUMED,
            previous_nodes=_ASSUMED,
            node_pool=_ASSUMED,
            node_class=_ASSUMED,
            running_workspaces=_ASSUMED,
            repositories=_ASSUMED,
        )
        for region in settings.regions
    }
    return Observations(account=_ASSUMED, zone_ids={}, records=_ASSUMED, regions=regions)


class _Recorder:
    """Takes the engine's place; methods are named as in its protocol."""

    def __init__(self) -> None:
        self.declared: list[Declared] = []

    def GetDeploymentInfo(self, request: Empty) -> resource_pb2.DeploymentInfo:  # noqa: N802, ARG002
        """What can be recorded."""
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Records it, and answers as in a first preview: inputs come back, all else is unknown."""
        if request.custom and not request.type.startswith("pulumi:"):
            self.declared.append(
                Declared(
                    type=request.type,
                    name=request.name,
                    inputs=_plain(json_format.MessageToDict(request.object)),
                    is_protected=request.protect,
                    import_id=request.importId,
                )
            )
        urn = f"urn:pulumi:diff::workshop::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> Empty:  # noqa: N802, ARG002
        """Outputs declare nothing."""
        return Empty()

    def RegisterResourceHook(self, request: resource_pb2.RegisterResourceHookRequest) -> Empty:  # noqa: N802, ARG002
        """Nothing is deleted here."""
        return Empty()

    def SignalAndWaitForShutdown(self, request: Empty) -> Empty:  # noqa: N802, ARG002
        """There is nothing to wait for."""
        return Empty()

    def Log(self, request: engine_pb2.LogRequest) -> Empty:  # noqa: N802, ARG002
        """What it logs concerns who runs it."""
        return Empty()


def _plain(value: Any) -> Any:  # noqa: ANN401 - what a resource is given
    """Without floats, in which whole numbers travel, and with words for what is unknown."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return NOT_KNOWN if value == UNKNOWN else value


def _run(program: Callable[[], None], recorder: _Recorder) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(1))
    recording = cast("Any", recorder)
    configure(Runtime(project="workshop", stack="diff", monitor=recording, engine=recording, dry_run=True))
    was_collecting = gc.isenabled()
    gc.disable()  # a program makes much and drops little: of a thousand records this is two thirds of the time
    try:
        loop.run_until_complete(run_in_stack(program))
    finally:
        if was_collecting:
            gc.enable()
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()
