"""Which components a stack declares, and what settings, plan and observations give each of them.

Called when the rules have passed: what a component needs is set then, and what it patches has been observed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from pulumi import Resource, ResourceHookBinding, ResourceOptions

from components.admission import Admission, AdmissionArgs
from components.coder_proxy import CoderProxy, CoderProxyArgs
from components.coder_server import CoderServer, CoderServerArgs
from components.dns_records import DnsRecord, DnsRecords, DnsRecordsArgs
from components.image_registry import Destination, ImageRegistry, ImageRegistryArgs, Replication
from components.litellm import LiteLLM, LiteLLMArgs
from components.previous_node_pool import PreviousNodePool, PreviousNodePoolArgs
from components.provisioners import Provisioners, ProvisionersArgs
from components.workspace_nodes import WorkspaceNodes, WorkspaceNodesArgs
from workshop.model.event.keeper import kept_until
from workshop.model.names import EVENT_ANNOTATION, PHASE_ANNOTATION, USERS_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.plan.replication import replication_rules
from workshop.model.plan.workloads import fixed_provisioners, region_workloads
from workshop.model.rules.observations.event_kept import event_annotation
from workshop.model.settings.regions import Region, Role, Selector
from workshop.model.settings.registry import ReplicationRule
from workshop.model.settings.section import given
from workshop.model.settings.stack import Scope, Settings
from workshop.model.window.disruption import hold_over
from workshop.model.window.drift import live_nodes
from workshop.model.window.phases import interval
from workshop.observe.providers import Providers
from workshop.program.deletion import refuse_while_workspaces_run
from workshop.program.event import declare_event
from workshop.program.exporter import declare_exporters
from workshop.program.images import declare_image_mirror
from workshop.program.monitoring import declare_monitoring
from workshop.program.release import find_broken, refuse_broken, refuse_unseen
from workshop.program.rotation import declare_rotation
from workshop.program.scaling import declare_scaling
from workshop.program.warm import declare_warm_nodes


def declare_stack(settings: Settings, plan: Plan, observations: Observations, providers: Providers) -> None:
    """Declares what the stack's scope says, region by region."""
    if settings.scope in (Scope.ALL, Scope.REGISTRY):
        declare_registries(settings, providers)
    if settings.declares_records:
        declare_records(settings, plan, providers)
    if settings.scope is Scope.ALL:
        switches = declare_rotation(settings, plan, observations, providers)
        declare_event(settings, plan, providers)
        declare_nodes(settings, plan, observations, providers, switches)
        declare_warm_nodes(settings, plan, providers)
        declare_platform(settings, plan, observations, providers)
        exporters = declare_exporters(settings, plan, providers)
        declare_scaling(settings, plan, providers, exporters)
        declare_monitoring(settings, observations, providers, exporters)
        declare_admission(settings, providers)
        declare_image_mirror(settings, providers)


def declare_registries(settings: Settings, providers: Providers) -> None:
    """Repositories in every region; the control plane's registry replicates to the others."""
    replications = tuple(replication(rule) for rule in replication_rules(settings))
    for region in settings.regions:
        args = ImageRegistryArgs(
            repositories=settings.repositories,
            pinned_repository=settings.image.repository,
            replications=replications if region.role is Role.CONTROL_PLANE else (),
            adopt=settings.adopt,
        )
        ImageRegistry(region.name, args, ResourceOptions(provider=providers.aws[region.name]))


def declare_records(settings: Settings, plan: Plan, providers: Providers) -> None:
    """Host and wildcard of every region, and the records of every zone file."""
    for (group, zone), records in groupby(plan.dns.records, lambda record: (record.group, record.zone)):
        args = DnsRecordsArgs(
            zone_id=given(settings.zone_id(zone)),
            records=tuple(
                DnsRecord(
                    resource=record.resource,
                    host=record.host,
                    kind=record.kind,
                    target=given(record.target),
                    ttl_seconds=record.ttl_seconds,
                    comment=record.comment,
                    is_proxied=record.is_proxied,
                    is_retiring=record.is_retiring,
                )
                for record in records
            ),
            adopt=settings.adopt,
        )
        DnsRecords(group, args, ResourceOptions(provider=providers.cloudflare))


def declare_nodes(
    settings: Settings,
    plan: Plan,
    observations: Observations,
    providers: Providers,
    switches: Mapping[str, Sequence[Resource]],
) -> None:
    """A node pool in every region; the previous one is closed while the window is open, auto-resume set first."""
    held = settings.window if plan.phase is not None and plan.phase.is_in_window else None
    for region in settings.regions:
        in_cluster = ResourceOptions(provider=providers.kubernetes[region.name])
        nodes = plan.regions[region.name].nodes
        args = WorkspaceNodesArgs(
            instance_types=settings.workspaces.instance_types,
            zones=region.zones,
            ami_family=settings.workspaces.ami_family,
            ami_version=given(region.ami_version),
            device=settings.workspaces.device,
            volume_gib=nodes.volume_gib,
            max_pods=nodes.max_pods,
            limit_vcpu=nodes.limit_vcpu,
            limit_memory_gib=nodes.limit_memory_gib,
            node_role=given(region.node_role),
            subnet_tags=tags(region.subnet_selector, region),
            security_group_tags=tags(region.security_group_selector, region),
            adopt=settings.adopt,
            live=live_nodes(observations.regions[region.name]),
            annotations=pool_annotations(settings, plan, nodes.users),
            hold=hold_over(held) if held else None,
        )
        WorkspaceNodes(region.name, args, refuse_while_workspaces_run(settings, region), in_cluster)
        previous = observations.regions[region.name].previous_node_pool
        if held and isinstance(previous, Found):
            closed = PreviousNodePoolArgs(node_pool=settings.workspaces.previous_node_pool)
            after_switch = ResourceOptions(depends_on=[*switches.get(region.name, ())])
            PreviousNodePool(region.name, closed, ResourceOptions.merge(in_cluster, after_switch))


def pool_annotations(settings: Settings, plan: Plan, users: int) -> dict[str, str]:
    """A node pool's annotations: the phase, never the time, so that `up` in the same phase changes nothing."""
    annotations = {USERS_ANNOTATION: str(users)}
    if settings.window and plan.phase:
        annotations |= {PHASE_ANNOTATION: plan.phase, WINDOW_ANNOTATION: interval(settings.window)}
    if settings.window and settings.event:
        annotations[EVENT_ANNOTATION] = event_annotation(settings.event.name, kept_until(settings))
    return annotations


def declare_platform(settings: Settings, plan: Plan, observations: Observations, providers: Providers) -> None:
    """Replicas and images. The server comes first, then one proxy after the other, each once those before it work.

    The last is looked at once it is changed.
    """
    digest = given(settings.image.digest)
    observed = {name: region.image_digest for name, region in observations.regions.items()}
    observed_digests = {name: found.value for name, found in observed.items() if isinstance(found, Found)}
    pinned = observations.pinned
    is_rollback = isinstance(pinned, Found) and pinned.value.is_rollback
    released: list[Resource] = []
    regions = sorted(settings.regions, key=lambda region: region.role is Role.PROXY)
    for index, region in enumerate(regions):
        in_cluster = ResourceOptions(provider=providers.kubernetes[region.name])
        workloads = region_workloads(settings, region)
        is_last = region is regions[-1]
        after = [find_broken(settings, plan, regions, is_rollback=is_rollback)] if is_last else []
        repository = f"{settings.account}.dkr.ecr.{region.name}.amazonaws.com/{settings.image.repository}"
        if fixed := fixed_provisioners(settings, workloads):
            planned = plan.regions[region.name].provisioners
            replicas = {organization: planned[organization] for organization in fixed}
            args = ProvisionersArgs(replicas=replicas, deployments=fixed)
            Provisioners(region.name, args, in_cluster)
        if workloads.litellm:
            LiteLLM(region.name, LiteLLMArgs(replicas=plan.litellm, deployment=workloads.litellm), in_cluster)
        if workloads.server:
            args = CoderServerArgs(
                replicas=plan.server,
                deployment=workloads.server,
                repository=repository,
                digest=digest,
                observed_digests=observed_digests,
            )
            hooks = ResourceHookBinding(before_update=[refuse_unseen(settings, region)], after_update=[*after])
            released.append(CoderServer(region.name, args, hooks, in_cluster))
        if workloads.proxy:
            args = CoderProxyArgs(
                replicas=plan.proxy,
                deployment=workloads.proxy,
                repository=repository,
                digest=digest,
                observed_digests=observed_digests,
            )
            hook = refuse_broken(settings, plan, region, regions[:index], is_rollback=is_rollback)
            hooks = ResourceHookBinding(before_update=[hook], after_update=[*after])
            after_others = ResourceOptions.merge(in_cluster, ResourceOptions(depends_on=[*released]))
            released.append(CoderProxy(region.name, args, hooks, after_others))


def declare_admission(settings: Settings, providers: Providers) -> None:
    """Admission policies that warn or refuse template authors and others who edit the platform."""
    for region in settings.regions:
        workloads = region_workloads(settings, region)
        if coder := workloads.server or workloads.proxy:
            args = AdmissionArgs(
                action=settings.admission,
                storage_gib=settings.workspaces.storage_gib,
                workspace_namespaces=tuple(organization.namespace for organization in settings.organizations),
                coder=coder,
            )
            Admission(region.name, args, ResourceOptions(provider=providers.kubernetes[region.name]))


def replication(rule: ReplicationRule) -> Replication:
    """A rule as the component takes it."""
    destinations = tuple(Destination(region=one.region, registry_id=one.registry_id) for one in rule.destinations)
    return Replication(destinations=destinations, prefixes=rule.prefixes)


def tags(selector: Selector, region: Region) -> dict[str, str]:
    """What Karpenter looks for; the value defaults to the cluster's name."""
    return {selector.tag: selector.value or given(region.cluster.name)}
