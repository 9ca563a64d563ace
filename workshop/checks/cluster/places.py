"""free-places: there is room for everybody, beside what runs already."""

from __future__ import annotations

from typing import Final

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed
from workshop.checks.clients import asked_of_cluster
from workshop.checks.coder.api import workspaces
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.names import NODE_POOL
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region
from workshop.observe.live_objects import LiveNode, LivePod

_SHOWN: Final = 3


class FreePlaces(RegionCheck):
    """Whatever runs or waits takes a place: leftovers, second ones, prebuilds (claimed ones are made again)."""

    id = "free-places"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster or Coder"
    needed = "a free place for each user"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """From the event's start on, somebody whose workspace runs needs no other place."""
        plan = site.plan.regions[region.name].nodes
        if not plan.users:
            return passed("no users are expected here", "nothing")
        room, pods, closed = places(site, region)
        free, needed = room - len(pods), _to_come(site, region, pods)
        found = f"{max(free, 0)} of {counted(room, 'place')} free"
        if closed:
            found = f"{found}; {', '.join(node.name for node in closed)} cordoned or not Ready"
        if free >= needed:
            return passed(found, f"{needed} for users")
        if pods:
            more = f" and {len(pods) - _SHOWN} more" if len(pods) > _SHOWN else ""
            found = f"{found}; taken by {', '.join(pod.name for pod in pods[:_SHOWN])}{more}"
        return failed(
            found,
            f"{needed} for users",
            "delete workspaces that nobody needs (coder list --all), or raise workshop:users",
        )


def places(site: Site, region: Region) -> tuple[int, tuple[LivePod, ...], list[LiveNode]]:
    """Places of the planned nodes, pods that take one, nodes that are cordoned or not Ready. Raises Inconclusive."""
    plan = site.plan.regions[region.name].nodes
    nodes = asked_of_cluster(site, region, lambda cluster: cluster.live_nodes(NODE_POOL))
    pods = asked_of_cluster(site, region, lambda cluster: cluster.workspace_pods(NODE_POOL))
    closed = [node for node in nodes if node.is_cordoned or not node.is_ready]
    # The pool's limits let it have one node more than planned.
    return plan.users_per_node * min(plan.nodes, plan.nodes + 1 - len(closed)), pods, closed


def users_to_come(site: Site, region: Region) -> int:
    """How many users of a region have no workspace there yet. Raises Inconclusive."""
    pods = asked_of_cluster(site, region, lambda cluster: cluster.workspace_pods(NODE_POOL))
    return _to_come(site, region, pods)


def _to_come(site: Site, region: Region, pods: tuple[LivePod, ...]) -> int:
    users = site.plan.regions[region.name].nodes.users
    return max(0, users - len(_owners(site, pods))) if pods and _has_begun(site) else users


def _has_begun(site: Site) -> bool:
    return site.settings.window is not None and site.now >= site.settings.window.start


def _owners(site: Site, pods: tuple[LivePod, ...]) -> set[str]:
    """Whose workspaces these are; a prebuild is nobody's yet."""
    names = [organization.name for organization in site.settings.organizations]
    known = [one for one in workspaces(site.systems.coder, names) if not one.is_prebuild]
    return {one.owner_name for one in known for pod in pods if one.id == pod.workspace_id or one.id in pod.name}
