"""dead-man: stops what an event costs in one cluster, when its end has passed and its keeper is silent."""

from __future__ import annotations

from datetime import datetime

from workshop.event.failure import EventFailure
from workshop.event.systems.cluster import Claim, Cluster, has_workspace
from workshop.model.counting import counted
from workshop.model.event.dead_man import DeadManRequest


def dead_man(request: DeadManRequest, cluster: Cluster, now: datetime) -> str:
    """Does nothing before `after`, or while the keeper lives; may be repeated. Raises EventFailure.

    The pool is stopped first, or Karpenter would start a node again for each that is deleted. A node that anybody
    else's pod is on stays, cordoned. Without a heartbeat no pod is known to be a seat's, so only empty nodes go.
    """
    if now < request.after:
        return f"the event may last until {request.after}: nothing to do"
    heartbeat = cluster.heartbeat(request.namespace)
    if heartbeat is not None and heartbeat.is_fresh(now):
        return "the keeper lives: nothing to do"
    cluster.stop_pool(request.node_pool, request.event, now)
    claims = [claim for claim in cluster.claims(request.node_pool) if not claim.is_leaving]
    failed: list[str] = []
    for node in (claim.node for claim in claims if claim.node is not None):
        try:
            cluster.cordon(node)
        except EventFailure as failure:
            failed.append(str(failure))
    seats = frozenset(heartbeat.workspaces if heartbeat else ())
    shared = {pod["spec"].get("nodeName") for pod in cluster.pods() if not has_workspace(pod, seats)}
    ended, kept = _divided(claims, shared)
    for claim in ended:
        try:
            cluster.delete_claim(claim.name)
        except EventFailure as failure:
            failed.append(str(failure))
    if failed:
        raise EventFailure(f"{'; '.join(failed)}: tried again at the next run")
    stays = f"; {', '.join(kept)} stays: pods of others are on it" if kept else ""
    return f"the keeper is silent: NodePool {request.node_pool} is stopped, {counted(len(ended), 'node')} ended{stays}"


def _divided(claims: list[Claim], shared: set[str | None]) -> tuple[list[Claim], list[str]]:
    """Claims whose nodes nobody else uses, and the names of the other nodes."""
    ended = [claim for claim in claims if claim.node is None or claim.node not in shared]
    return ended, [claim.node for claim in claims if claim.node is not None and claim.node in shared]
