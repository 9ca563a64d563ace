"""warm-nodes: nodes stand ready before people come, with images on them."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed, warning
from workshop.checks.clients import asked_of_cluster
from workshop.checks.site import Site
from workshop.model.names import NODE_POOL, WARM_NODES
from workshop.model.plan.warm import MAKING_READY, plan_warm
from workshop.model.preflight.record import Stage
from workshop.model.settings.commands import set_command
from workshop.model.settings.regions import Region
from workshop.model.window.phases import moment
from workshop.observe.live_objects import LiveNode


class WarmNodes(RegionCheck):
    """The planned nodes are Ready, and what workspaces run has been pulled."""

    id = "warm-nodes"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "the planned nodes, Ready, with images pulled"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """From when they are made ready until people have come; a node that is late is a warning at first."""
        planned, warm = site.plan.regions[region.name].nodes.nodes, plan_warm(site.settings)
        if not planned or warm is None:
            return passed("no users are expected here" if warm else "no window is set: nobody knows when", "nothing")
        if site.now < warm.ready_from:
            return passed(f"nodes are made ready from {moment(warm.ready_from)} on", "nothing yet")
        if site.now >= warm.given_up_at:
            return passed("people have come", "nothing any more")
        wanted = {image.rpartition("@")[2] for image in site.settings.arrival.images}
        nodes = asked_of_cluster(site, region, lambda cluster: cluster.live_nodes(NODE_POOL))
        ready = [node for node in nodes if node.is_ready and not node.is_cordoned]
        pulled = sum(wanted <= node.image_digests for node in ready)
        found = f"nodes warm {len(ready)} of {planned}" + (f", images pulled {pulled} of {planned}" if wanted else "")
        if pulled >= planned:
            return _of_size(site, ready, found, self.needed)
        fix = f"kubectl --context {region.cluster.context} -n {WARM_NODES} get pods,jobs; "
        fix += f"kubectl --context {region.cluster.context} get nodeclaims"
        if site.now < warm.ready_from + MAKING_READY:
            return warning(found, self.needed, f"wait until {moment(warm.ready_from + MAKING_READY)}, else {fix}")
        return failed(found, self.needed, fix)


def _of_size(site: Site, nodes: Sequence[LiveNode], found: str, needed: str) -> CheckOutcome:
    """Images that take more than volumes were sized with are a warning: nothing here changes volumes by itself."""
    most, sized = max(node.images_gib for node in nodes), site.settings.workspaces.images_and_logs_gib
    found = f"{found}, {most:.1f} GiB packed" if most else found
    if most <= sized:
        return passed(found, needed)
    command = set_command(("workspaces", "images_and_logs_gib"), str(2 * ceil(most)))
    needed = f"{needed}, within {sized} GiB (workshop:workspaces.images_and_logs_gib)"
    return warning(
        found, needed, f"{command}; unpacked they take about twice as much (assumed); up replaces nodes for it"
    )
