"""Everything that is looked up before a stack is declared, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any, TypeVar

import pulumi

from workshop.model.names import NODE_CLASS, NODE_POOL
from workshop.model.observations import Absent, Assumed, Observation, Observations, PatchTarget, RegionObservations
from workshop.model.plan.plan import Plan
from workshop.model.plan.workloads import Deployment, region_workloads
from workshop.model.rotation import CronJob, region_rotation
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Settings
from workshop.model.settings.types import NOWHERE
from workshop.observe.cluster import Cluster
from workshop.observe.dns import observe_records, observe_zone_id
from workshop.observe.images import observe_pinned, observe_snapshot
from workshop.observe.look_up import look_up
from workshop.observe.preflight import observe_preflight
from workshop.observe.project import project_folder
from workshop.observe.providers import Providers
from workshop.observe.registry import observe_account, observe_image_digest, observe_replication, observe_repositories

T = TypeVar("T")


def observe_stack(settings: Settings, plan: Plan, providers: Providers) -> Observations:
    """Looks up what the stack's scope needs, through the providers it has; what is not asked for is assumed."""
    dns = providers.cloudflare
    registry = next(iter(providers.aws.values()), None)
    return Observations(
        account=observe_account(registry) if registry else not_asked(settings, "AWS account"),
        zone_ids={zone: observe_zone_id(dns, zone) for zone in plan.dns.zones} if dns else {},
        records=observe_records(dns, settings, plan.dns.domains) if dns else not_asked(settings, "Cloudflare records"),
        regions={region.name: observe_region(settings, region, providers) for region in settings.regions},
        preflight=observe_preflight(project_folder() / "preflight", pulumi.get_stack())
        if settings.preflight.required and not pulumi.runtime.is_dry_run()
        else None,
        pinned=observe_pinned(project_folder(), pulumi.get_stack(), settings),
        snapshot=observe_snapshot(settings, settings.database_instance)
        if registry and settings.database_instance not in (None, NOWHERE)
        else None,
    )


def observe_region(settings: Settings, region: Region, providers: Providers) -> RegionObservations:
    """Looks up one region's registry and cluster. A cluster whose identity is unknown is asked nothing else."""
    with ExitStack() as connections:
        cluster = cache(lambda: connections.enter_context(Cluster(settings.kubeconfig, region.cluster.context)))
        return _observe_region(settings, region, providers, cluster)


def _observe_region(
    settings: Settings, region: Region, providers: Providers, cluster: Callable[[], Cluster]
) -> RegionObservations:
    registry = providers.aws.get(region.name)
    unasked = not_asked(settings, f"ECR {region.name}")
    named = f"cluster {region.cluster.context} ({region.name}):"

    uid: Observation[str] = not_asked(settings, f"{named} identity")
    if region.name in providers.kubernetes:
        uid = look_up(f"{named} UID of kube-system", lambda: cluster().uid())

    def in_cluster(what: str, ask: Callable[[Cluster], T]) -> Observation[T]:
        if isinstance(uid, Assumed):
            return Assumed(source=f"{named} {what}", reason=uid.reason)
        if isinstance(uid, Absent):
            return Assumed(source=f"{named} {what}", reason="not asked for: the cluster has no identity")
        return look_up(f"{named} {what}", lambda: ask(cluster()))

    def patch_target(deployment: Deployment) -> Observation[PatchTarget]:
        return in_cluster(
            f"Deployment {deployment.key}", lambda found: found.patch_target(deployment.namespace, deployment.name)
        )

    def pod(cron_job: CronJob) -> Observation[Mapping[str, Any]]:
        return in_cluster(
            f"CronJob {cron_job.key}", lambda found: found.pod_of_cron_job(cron_job.namespace, cron_job.name)
        )

    coder = (settings.server if region.role is Role.CONTROL_PLANE else settings.proxy).namespace
    previous = settings.workspaces.previous_node_pool
    return RegionObservations(
        cluster_uid=uid,
        image_digest=observe_image_digest(registry, region.name, settings.image) if registry else unasked,
        workspace_images={
            image.repository: observe_image_digest(registry, region.name, image) if registry else unasked
            for image in (settings.mirror.images if settings.mirror else ())
        },
        repositories=observe_repositories(registry, region.name, settings.repositories) if registry else unasked,
        replication_rules=observe_replication(settings, region.name)
        if registry and region.role is Role.CONTROL_PLANE
        else unasked,
        deployments={
            deployment.key: patch_target(deployment) for deployment in region_workloads(settings, region).deployments
        },
        cron_jobs={
            cron_job.key: pod(cron_job)
            for cron_job in (region_rotation(settings, region).cron_jobs if settings.window else ())
        },
        scaled_object_fields=in_cluster("KEDA's ScaledObjects", lambda found: found.scaled_object_fields())
        if settings.autoscaling.enabled and region.hosts_provisioners
        else Assumed(source="KEDA", reason="not asked for"),
        prometheus_operator=in_cluster("the Prometheus operator", lambda found: found.prometheus_operator())
        if settings.monitoring
        else Assumed(source="the Prometheus operator", reason="not asked for"),
        previous_node_pool=in_cluster(f"NodePool {previous}", lambda found: found.node_pool(previous)),
        previous_nodes=in_cluster(f"nodes of {previous}", lambda found: found.nodes_of_pool(previous)),
        node_pool=in_cluster(f"NodePool {NODE_POOL}", lambda found: found.node_pool(NODE_POOL)),
        node_pool_vcpu=in_cluster(f"vCPU of NodePool {NODE_POOL}", lambda found: found.vcpu_of_pool(NODE_POOL)),
        node_class=in_cluster(f"EC2NodeClass {NODE_CLASS}", lambda found: found.node_class(NODE_CLASS)),
        load_balancers=in_cluster(f"Services in {coder}", lambda found: found.load_balancers(coder)),
        running_workspaces=in_cluster("workspace pods", lambda found: found.running_workspaces((NODE_POOL, previous))),
    )


def not_asked(settings: Settings, source: str) -> Assumed:
    """What this stack declares nothing of."""
    return Assumed(source=source, reason=f"not asked for: workshop:scope is {settings.scope}")
