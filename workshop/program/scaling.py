"""Provisioners that follow the queue (docs/autoscaling.md): the exporter first, then KEDA's ScaledObject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from pulumi import ResourceOptions

from components.exporter import Exporter, ExporterArgs
from components.queue_scaling import QueueScaling, QueueScalingArgs
from workshop.model.exporter import PORT, TOKEN_VARIABLE, export_request, queue_url
from workshop.model.names import QUEUE_SCALER
from workshop.model.plan.plan import Plan
from workshop.model.plan.scaling import plan_scaling
from workshop.model.plan.workloads import region_workloads
from workshop.model.rotation import Floor
from workshop.model.settings.regions import Role
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.observe.providers import Providers

_PORTS: Final = {"http": 80, "https": 443}


def declare_scaling(settings: Settings, plan: Plan, providers: Providers) -> None:
    """One exporter and one ScaledObject in every region that hosts provisioners, where the settings ask for them."""
    scaling, autoscaling = plan_scaling(settings, plan), settings.autoscaling
    for region in settings.regions:
        if region.name not in scaling:
            continue
        in_cluster = ResourceOptions(provider=providers.kubernetes[region.name])
        request, numbers = export_request(settings, region), scaling[region.name]
        coder = urlsplit(request.coder_url)
        is_inside = region.role is Role.CONTROL_PLANE and autoscaling.coder_url is None
        exporter = Exporter(
            region.name,
            ExporterArgs(
                image=given(settings.rotation.image),
                request=request.text(),
                port=PORT,
                token_variable=TOKEN_VARIABLE,
                secret_name=autoscaling.secret_name,
                secret_key=autoscaling.secret_key,
                ports=() if is_inside else (coder.port or _PORTS[coder.scheme],),
                coder_namespace=settings.server.namespace if is_inside else None,
                readers=(autoscaling.keda_namespace,),
            ),
            in_cluster,
        )
        args = QueueScalingArgs(
            deployment=region_workloads(settings, region).provisioners[settings.default_organization.name],
            floor=numbers.floor,
            baseline=numbers.baseline,
            ceiling=numbers.ceiling,
            drain_seconds=numbers.drain_seconds,
            url=queue_url(region.name),
        )
        QueueScaling(region.name, args, ResourceOptions.merge(in_cluster, ResourceOptions(depends_on=[exporter])))


def floors_after(settings: Settings, plan: Plan) -> Mapping[str, Floor]:
    """What is kept of provisioners that follow the queue, by region, once the window is over."""
    namespace = settings.default_organization.namespace
    return {
        name: Floor(namespace=namespace, name=QUEUE_SCALER, replicas=scaling.baseline)
        for name, scaling in plan_scaling(settings, plan).items()
    }
