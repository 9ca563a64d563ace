"""Provisioners that follow the queue (docs/autoscaling.md): KEDA's ScaledObjects, after what they read."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Resource, ResourceOptions

from components.queue_scaling import QueueScaling, QueueScalingArgs
from workshop.model.exporter import queue_url
from workshop.model.names import QUEUE_SCALER
from workshop.model.plan.plan import Plan
from workshop.model.plan.scaling import plan_scaling
from workshop.model.plan.workloads import region_workloads
from workshop.model.rotation import Floor
from workshop.model.settings.stack import Settings
from workshop.observe.providers import Providers


def declare_scaling(settings: Settings, plan: Plan, providers: Providers, exporters: Mapping[str, Resource]) -> None:
    """One ScaledObject in every region that hosts provisioners, where settings ask for it. exporters: by region."""
    for region in settings.regions:
        numbers = plan_scaling(settings, plan).get(region.name)
        if numbers is None:
            continue
        options = ResourceOptions(provider=providers.kubernetes[region.name], depends_on=[exporters[region.name]])
        args = QueueScalingArgs(
            deployment=region_workloads(settings, region).provisioners[settings.default_organization.name],
            floor=numbers.floor,
            baseline=numbers.baseline,
            ceiling=numbers.ceiling,
            drain_seconds=numbers.drain_seconds,
            url=queue_url(region.name),
        )
        QueueScaling(region.name, args, options)


def floors_after(settings: Settings, plan: Plan) -> Mapping[str, Floor]:
    """What is kept of provisioners that follow the queue, by region, once the window is over."""
    namespace = settings.default_organization.namespace
    return {
        name: Floor(namespace=namespace, name=QUEUE_SCALER, replicas=scaling.baseline)
        for name, scaling in plan_scaling(settings, plan).items()
    }
