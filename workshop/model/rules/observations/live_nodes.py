"""live-nodes: nodes that run workspaces are not replaced under them by a change of their class or template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from workshop.model.counting import running_workspaces
from workshop.model.findings import Finding
from workshop.model.names import NODE_POOL
from workshop.model.observations import Assumed, Found, Observation, Observations, RegionObservations
from workshop.model.plan.nodes import NodePlan
from workshop.model.plan.plan import Plan
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Scope, Settings
from workshop.model.settings.window import Override
from workshop.model.window.drift import class_fields, differences, pool_fields
from workshop.model.window.overrides import or_take_the_risk
from workshop.model.window.phases import closes

NAME: Final = "live-nodes"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares what Karpenter hashes or matches (workshop.model.window.drift) of live class and pool with the plan."""
    if settings.scope is not Scope.ALL:
        return
    for region in settings.regions:
        here = observations.regions[region.name]
        changes = list(_changes(settings, region, plan.regions[region.name].nodes, here))
        is_held = plan.phase is not None and plan.phase.is_in_window
        obstacle = closes(settings.window) if is_held else _running(here.running_workspaces)
        if changes and obstacle:
            risk = or_take_the_risk(settings, Override.NODE_REPLACEMENT)
            yield Finding(
                rule=NAME,
                resource=f"workspace nodes in {region.name}",
                problem=f"{obstacle}, and {'; '.join(changes)}",
                why="Karpenter would replace the nodes and with them the workspaces",
                fix=f"set it back, {risk if is_held else 'or stop these workspaces first'}",
                is_judged=is_held or not isinstance(here.running_workspaces, Assumed),
                override=Override.NODE_REPLACEMENT if is_held else None,
            )


def _running(observed: Observation[Mapping[str, int]]) -> str:
    """Who would be hit, in words; empty when it is known that nobody is."""
    if isinstance(observed, Assumed):
        return f"whether workspaces run on them is unknown ({observed.source}: {observed.reason})"
    count = observed.value.get(NODE_POOL, 0) if isinstance(observed, Found) else 0
    return f"{running_workspaces(count)} on them" if count else ""


def _changes(settings: Settings, region: Region, nodes: NodePlan, here: RegionObservations) -> Iterator[str]:
    """What the settings and the plan say; the rest is the component's own and judged by policy drift-while-live."""
    workspaces = settings.workspaces
    if isinstance(here.node_class, Found):
        declared = {
            "amiFamily": workspaces.ami_family,
            "amiSelectorTerms": [{"alias": f"{workspaces.ami_family.lower()}@{region.ami_version}"}],
            "role": region.node_role,
            "kubelet.maxPods": nodes.max_pods,
            f"volume {workspaces.device}": f"{nodes.volume_gib}Gi",
        }
        yield from _differences(class_fields(here.node_class.value.spec), declared)
    if isinstance(here.node_pool, Found):
        declared = {
            "node.kubernetes.io/instance-type": sorted(workspaces.instance_types),
            "topology.kubernetes.io/zone": sorted(region.zones),
        }
        yield from _differences(pool_fields(here.node_pool.value.spec), declared)


def _differences(live: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[str]:
    return differences({field: value for field, value in live.items() if field in declared}, declared)
