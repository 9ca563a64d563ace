"""other-pools: no other pool takes workspaces, and none loses the nodes of servers and provisioners in the window."""

from __future__ import annotations

import json
from typing import Any, Final

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed, warning
from workshop.checks.clients import asked_of_cluster
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.names import NODE_POOL
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region
from workshop.model.settings.window import Window
from workshop.model.window.disruption import hold_over
from workshop.model.window.other_pools import Budget, disruptions
from workshop.observe.live_objects import OtherPool

_CLOSED: Final = json.dumps({"spec": {"limits": {"cpu": "0"}}})


class OtherPools(RegionCheck):
    """Pools that belong to others: the previous one's nodes are previous-nodes' matter."""

    id = "other-pools"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "other pools closed to workspaces, and held in the window"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """By what is declared of them: taints, limits, budgets, expiry and the AMI of their class."""
        known = (NODE_POOL, site.settings.workspaces.previous_node_pool)
        pools, window = asked_of_cluster(site, region, lambda cluster: cluster.other_pools(known)), site.settings.window
        kubectl = f"kubectl --context {region.cluster.context}"
        entered = [one for one in pools if one.spec.lets_workspaces_in and (one.open_nodes or not one.spec.is_closed)]
        if entered:
            found = ", ".join(f"{one.name} ({counted(len(one.open_nodes), 'open node')})" for one in entered)
            fix = (
                f"{kubectl} patch nodepool {entered[0].name} --type merge -p '{_CLOSED}', and cordon its nodes; "
                "or give it a taint that workspaces do not tolerate"
            )
            return failed(f"workspaces may land on {found}", self.needed, fix)
        if window is None:
            return warning(
                f"{counted(len(pools), 'other pool')}; no window is set",
                self.needed,
                "pulumi config set --path workshop:window...",
            )
        at_risk = [
            (one, why) for one in pools if (why := list(disruptions(one.spec, one.node_class, window, one.born)))
        ]
        if not at_risk:
            return passed(f"{counted(len(pools), 'other pool')}, held in the window", self.needed)
        found = "; ".join(f"{pool.name} {', '.join(why)}" for pool, why in at_risk)
        return failed(found, self.needed, "; ".join(f"{kubectl} {_hold(pool, window)}" for pool, _ in at_risk))


def _hold(pool: OtherPool, window: Window) -> str:
    """The command that holds it from the window's opening to its close; budgets lapse by themselves."""
    hold = hold_over(window)
    budgets = [*pool.spec.disruption.budgets, Budget(nodes="0", schedule=hold.schedule, duration=hold.duration)]
    patch: dict[str, Any] = {"disruption": {"budgets": [one.model_dump(exclude_none=True) for one in budgets]}}
    if pool.spec.template.spec.expire_after != "Never":
        patch["template"] = {"spec": {"expireAfter": "Never"}}
    return f"patch nodepool {pool.name} --type merge -p '{json.dumps({'spec': patch})}'"
