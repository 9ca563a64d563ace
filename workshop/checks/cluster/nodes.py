"""previous-nodes, node-pool-ready, node-storage and daemonset-overhead: what workspaces will run on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pydantic import BaseModel

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed, warning
from workshop.checks.clients import asked_of_cluster
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.names import NODE_POOL
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region
from workshop.observe.live_objects import LiveNode
from workshop.observe.look_up import NotFound

FILE_SYSTEM_PERCENT: Final = 5
"""What a file system may keep of a volume for itself, as ext4 does; Karpenter's arithmetic leaves it out."""

_EXACTNESS: Final = Decimal("0.01")
"""GiB; kubelets count in bytes."""

_DAEMONSET_PODS: Final = 'kube_pod_info{created_by_kind="DaemonSet"}'
_REQUESTS: Final = (
    'sum by (node) (kube_pod_container_resource_requests{{resource="{resource}"}} and on (namespace, pod) {pods})'
)
QUERIES: Final = {
    "cpu_millicores": f"1000 * {_REQUESTS.format(resource='cpu', pods=_DAEMONSET_PODS)}",
    "memory_mib": f"{_REQUESTS.format(resource='memory', pods=_DAEMONSET_PODS)} / 1048576",
    "pods": f"count by (node) ({_DAEMONSET_PODS})",
}
"""By setting in daemonset_overhead: what kube-state-metrics knows of it, for each node."""


class PreviousNodes(RegionCheck):
    """The old pool's nodes take no more workspaces: their storage broke a workshop."""

    id = "previous-nodes"
    stage = Stage.BEFORE_UP
    asks = "a cluster"
    needed = "no node of the old pool that takes workspaces, and none on it"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """A node is harmless once it is cordoned and has no workspaces."""
        pool = site.settings.workspaces.previous_node_pool
        nodes = _nodes(site, region, pool)
        harmful = [node for node in nodes if not node.is_cordoned or node.workspaces]
        if not harmful:
            return passed(
                f"{pool}: {counted(len(nodes), 'node')}, all cordoned and empty" if nodes else f"{pool}: no nodes",
                self.needed,
            )
        found = ", ".join(
            f"{node.name} ({node.allocatable_gib:.0f} GiB, {counted(node.workspaces, 'workspace')})" for node in harmful
        )
        names = " ".join(node.name for node in harmful)
        fix = f"kubectl --context {region.cluster.context} cordon {names}"
        if any(node.workspaces for node in harmful):
            fix += ", then have their workspaces stopped"
        return failed(found, self.needed, fix)


class NodePoolReady(RegionCheck):
    """Karpenter can start nodes of our pool."""

    id = "node-pool-ready"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "NodePool and EC2NodeClass Ready, as they are now"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """What Karpenter says of both, of what they are now."""
        try:
            state = asked_of_cluster(site, region, lambda cluster: cluster.karpenter_state(NODE_POOL))
        except NotFound as absence:
            known = ", ".join(absence.known) or "none"
            return failed(f"{NODE_POOL} not found; there is {known}", self.needed, f"pulumi up --stack {site.stack}")
        fix = f"kubectl --context {region.cluster.context} describe nodepool,ec2nodeclass {NODE_POOL}"
        if state.problems:
            found = "; ".join(f"{condition}: {why}" for condition, why in state.problems.items())
            return failed(found, self.needed, fix)
        if state.stale:
            raise Inconclusive(f"Karpenter has not looked at the last change: {'; '.join(state.stale)}", fix)
        return passed(f"{NODE_POOL}: both Ready", self.needed)


class NodeStorage(RegionCheck):
    """The kubelets of live nodes offer the storage that was planned."""

    id = "node-storage"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "the planned storage on every live node"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """The smallest node counts."""
        plan = site.plan.regions[region.name].nodes
        if not plan.users:
            return passed("no users are expected here", "nothing")
        planned = plan.allocatable_storage_gib
        needed = f"{planned:.1f} GiB allocatable"
        smallest = min(_live(site, region), key=lambda node: node.allocatable_gib)
        found = f"{smallest.allocatable_gib:.1f} GiB on {smallest.name}"
        if smallest.allocatable_gib.quantize(_EXACTNESS) >= planned.quantize(_EXACTNESS):
            return passed(found, needed)
        fix = f"kubectl --context {region.cluster.context} get ec2nodeclass {NODE_POOL} -o yaml, then pulumi up"
        if smallest.allocatable_gib * 100 >= planned * (100 - FILE_SYSTEM_PERCENT):
            free = 100 - plan.storage_at_peak_gib * 100 / smallest.allocatable_gib
            return warning(f"{found}: {free:.1f} % free at peak", needed, "raise workshop:workspaces.headroom_percent")
        return failed(found, needed, fix)


class _Sample(BaseModel):
    metric: Mapping[str, str]
    value: tuple[float, Decimal]


class _Vector(BaseModel):
    result: list[_Sample]


class _Answer(BaseModel):
    data: _Vector


class DaemonSetOverhead(RegionCheck):
    """DaemonSets take what was planned for: more crowds workspaces out, fewer pods let in more than were sized."""

    id = "daemonset-overhead"
    stage = Stage.BEFORE_EVENT
    asks = "Prometheus or a cluster"
    needed = "no more than workshop:daemonset_overhead, and as many pods"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """By request, as the scheduler counts; the fullest node counts, and every node's room for workspaces."""
        plan = site.plan.regions[region.name].nodes
        if not plan.users:
            return passed("no users are expected here", "nothing")
        nodes = _live(site, region)
        measured = {key: self._by_node(site, query, {node.name for node in nodes}) for key, query in QUERIES.items()}
        most = {key: max(values.values()) for key, values in measured.items()}
        allowed = {key: Decimal(getattr(site.settings.daemonset_overhead, key)) for key in QUERIES}
        found = ", ".join(f"{key} {value.normalize():f}" for key, value in most.items())
        needed = ", ".join(f"{key} {value:f}" for key, value in allowed.items())
        over = [key for key in QUERIES if most[key] > allowed[key]]
        if over:
            return failed(
                found, needed, f"set workshop:daemonset_overhead.{over[0]} to the measured value, then pulumi up"
            )
        return self._of_density(nodes, measured["pods"], plan.users_per_node, found, needed)

    def _of_density(
        self, nodes: tuple[LiveNode, ...], pods: Mapping[str, Decimal], sized: int, found: str, needed: str
    ) -> CheckOutcome:
        """maxPods is what keeps small workspaces from sharing a node in greater number than its storage is for."""
        needed = f"{needed}; {counted(sized, 'workspace')} a node"
        for node in nodes:
            if not node.max_pods:
                raise Inconclusive(f"{node.name} does not say how many pods it takes", "see kubectl describe node")
            admitted = node.max_pods - int(pods[node.name])
            if admitted != sized:
                of_node = f"{node.name} takes {node.max_pods} pods, {pods[node.name]:f} of DaemonSets"
                return failed(
                    f"{found}; {of_node}: {counted(admitted, 'workspace')}",
                    needed,
                    f"set workshop:daemonset_overhead.pods to {pods[node.name]:f}, then pulumi up before anybody comes",
                )
        return passed(found, needed)

    def _by_node(self, site: Site, query: str, nodes: set[str]) -> Mapping[str, Decimal]:
        samples = site.prometheus.get("api/v1/query", _Answer, {"query": query}).data.result
        values = {one.metric.get("node", ""): one.value[1] for one in samples}
        if missing := sorted(nodes - values.keys()):
            raise Inconclusive(
                f"Prometheus has no data for {', '.join(missing)}",
                "check that kube-state-metrics of this cluster is scraped",
            )
        return {node: values[node] for node in nodes}


def _nodes(site: Site, region: Region, pool: str) -> tuple[LiveNode, ...]:
    return asked_of_cluster(site, region, lambda cluster: cluster.live_nodes(pool))


def _live(site: Site, region: Region) -> tuple[LiveNode, ...]:
    nodes = _nodes(site, region, NODE_POOL)
    if not nodes:
        raise Inconclusive(f"{NODE_POOL} has no node yet", "scripts/workshop preflight --write starts one")
    return nodes
