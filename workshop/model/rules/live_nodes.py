"""live-nodes: nodes that run workspaces are not replaced under them by a change of their class or template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from workshop.model.findings import Finding
from workshop.model.names import NODE_POOL
from workshop.model.observations import Assumed, Found, Observation, Observations, RegionObservations
from workshop.model.plan import NodePlan, Plan
from workshop.model.settings import Region, Scope, Settings

NAME: Final = "live-nodes"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares what Karpenter hashes or matches (design.md, "Nodes") of the live class and pool with the plan."""
    if settings.scope is not Scope.ALL:
        return
    for region in settings.regions:
        here = observations.regions[region.name]
        changes = list(_changes(settings, region, plan.regions[region.name].nodes, here))
        running = _running(here.running_workspaces)
        if changes and running:
            yield Finding(
                rule=NAME,
                resource=f"workspace nodes in {region.name}",
                problem=f"{running}, and {'; '.join(changes)}",
                why="Karpenter would replace the nodes and with them the workspaces",
                fix="set it back, or stop these workspaces first",
            )


def _running(observed: Observation[Mapping[str, int]]) -> str:
    """Who would be hit, in words; empty when it is known that nobody is."""
    if isinstance(observed, Assumed):
        return f"it is not known whether workspaces run on them ({observed.source}: {observed.reason})"
    count = observed.value.get(NODE_POOL, 0) if isinstance(observed, Found) else 0
    return f"{count} workspaces run on them" if count else ""


def _changes(settings: Settings, region: Region, nodes: NodePlan, here: RegionObservations) -> Iterator[str]:
    workspaces = settings.workspaces
    node_class = _spec(here.node_class)
    if node_class is not None:
        declared = {
            "amiFamily": workspaces.ami_family,
            "amiSelectorTerms": [{"alias": f"{workspaces.ami_family.lower()}@{region.ami_version}"}],
            "role": region.node_role,
            "kubelet.maxPods": nodes.max_pods,
            f"volume {workspaces.device}": f"{nodes.volume_gib}Gi",
        }
        live = {
            "amiFamily": node_class.get("amiFamily"),
            "amiSelectorTerms": node_class.get("amiSelectorTerms"),
            "role": node_class.get("role"),
            "kubelet.maxPods": _mapping(node_class.get("kubelet")).get("maxPods"),
            f"volume {workspaces.device}": _volume(node_class, workspaces.device),
        }
        yield from _differences(live, declared)
    pool = _spec(here.node_pool)
    if pool is not None:
        template = _mapping(_mapping(pool.get("template")).get("spec"))
        types = "node.kubernetes.io/instance-type"
        zones = "topology.kubernetes.io/zone"
        live = {types: _required(template, types), zones: _required(template, zones)}
        yield from _differences(live, {types: sorted(workspaces.instance_types), zones: sorted(region.zones)})


def _differences(live: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[str]:
    for field, value in declared.items():
        if live[field] != value:
            yield f"{field} would change from {live[field]} to {value}"


def _spec(observed: Observation[Any]) -> Mapping[str, Any] | None:
    return _mapping(observed.value.spec) if isinstance(observed, Found) else None


def _volume(node_class: Mapping[str, Any], device: str) -> Any:  # noqa: ANN401 - from a cluster, as it is
    for mapping in node_class.get("blockDeviceMappings") or ():
        if _mapping(mapping).get("deviceName") == device:
            return _mapping(_mapping(mapping).get("ebs")).get("volumeSize")
    return None


def _required(template: Mapping[str, Any], key: str) -> list[str]:
    for requirement in template.get("requirements") or ():
        if _mapping(requirement).get("key") == key:
            return sorted(str(value) for value in requirement.get("values") or ())
    return []


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - from a cluster, as it is
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
