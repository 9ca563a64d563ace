"""One look at everything that an event is about, all of it at once; what does not answer is said to be unseen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from workshop.event.coder import builds, workspaces
from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderError
from workshop.event.failure import EventFailure
from workshop.event.keeper.seat_keys import SeatKeys
from workshop.event.systems.cluster import Cluster, workspace_on
from workshop.event.systems.instances import Instance, instances_of_pool
from workshop.model.event.dead_man import Heartbeat
from workshop.model.event.seats import Seat
from workshop.model.event.world import Agent, Node, Pod, Region, Workspace
from workshop.model.ledger import NodeRun
from workshop.model.names import EVENT_NAMESPACE, NODE_POOL
from workshop.model.workspace_pods import is_workspace

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Systems:
    """What the keeper works with. clusters, ec2: by region; ec2 holds boto3's clients. seat_keys: None where seats have
    no keys of their own."""

    coder: Coder
    clusters: Mapping[str, Cluster]
    ec2: Mapping[str, Any]
    seat_keys: SeatKeys | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was found. provisioners: how many there are by status. proxies: whether each is healthy. problems: why
    something was not seen, by what it is."""

    workspaces: Mapping[tuple[str, str], Workspace] | None
    provisioners: Mapping[str, int] | None
    proxies: Mapping[str, bool] | None
    regions: Mapping[str, Region | None]
    runs: Mapping[str, tuple[NodeRun, ...] | None]
    problems: Mapping[str, str] = field(default_factory=dict[str, str])

    def said(self) -> dict[str, str]:
        """What was not seen, and whose work stands in the way of ending a node."""
        strangers = {
            f"node {node.claim} in {node.region}": f"kept as long as others work on it: {', '.join(node.strangers)}"
            for region in self.regions.values()
            if region is not None
            for node in region.nodes
            if node.strangers
        }
        return {**self.problems, **strangers}


def look(systems: Systems, event: str, organization: str, seats: Collection[Seat], now: datetime) -> Look:
    """Asks Coder, every cluster and EC2 in every region, beside each other. Raises nothing of theirs.

    Each cluster gets the keeper's heartbeat, by which its dead man's switch knows that somebody is there.
    """
    problems: dict[str, str] = {}
    known = {(seat.owner, seat.name): seat.workspace_id for seat in seats if seat.owner is not None}
    with ThreadPoolExecutor(3 + 3 * len(systems.clusters)) as pool:

        def ask(what: str, question: Callable[[], T]) -> Callable[[], T | None]:
            asked = pool.submit(question)

            def answer() -> T | None:
                try:
                    return asked.result()
                except (CoderError, EventFailure) as error:
                    problems[what] = str(error)
                    return None

            return answer

        found = ask("Coder", lambda: _workspaces(systems.coder, organization, known))
        provisioners = ask("Coder's provisioners", lambda: _provisioners(systems.coder, organization))
        proxies = ask("Coder's proxies", systems.coder.regions)
        ids = frozenset(seat.workspace_id for seat in seats if seat.workspace_id is not None)
        beat = Heartbeat(renewed_at=now, workspaces=tuple(sorted(ids)))
        beats = [
            ask(f"heartbeat in {name}", lambda cluster=cluster: cluster.renew(EVENT_NAMESPACE, beat))
            for name, cluster in systems.clusters.items()
        ]
        regions = {
            name: ask(f"cluster of {name}", lambda name=name, cluster=cluster: _region(name, cluster, event, ids))
            for name, cluster in systems.clusters.items()
        }
        runs = {
            name: ask(f"EC2 in {name}", lambda name=name, client=client: instances_of_pool(client, name, now))
            for name, client in systems.ec2.items()
        }
        for renewed in beats:
            renewed()
        instances = {name: answer() for name, answer in runs.items()}
        return Look(
            workspaces=found(),
            provisioners=provisioners(),
            proxies=proxies(),
            regions={name: _with_instances(answer(), instances.get(name)) for name, answer in regions.items()},
            runs={name: None if each is None else tuple(one.run for one in each) for name, each in instances.items()},
            problems=problems,
        )


def _with_instances(region: Region | None, instances: tuple[Instance, ...] | None) -> Region | None:
    """EC2 knows which claim an instance is for; that says more than the claim does while it starts."""
    of_claim = {one.claim: one.run.instance for one in instances or () if one.run.ended_at is None}
    if region is None:
        return None
    return replace(
        region,
        nodes=tuple(replace(node, instance=of_claim.get(node.claim, node.instance)) for node in region.nodes),
    )


def _workspaces(
    coder: Coder, organization: str, known: Mapping[tuple[str, str], str | None]
) -> Mapping[tuple[str, str], Workspace]:
    """Of seats alone. known: their owners and names, with the last workspace's id.

    Coder leaves out what may not be read: where one is missing, the token has to have all rights.
    """
    found = {(one.owner_name, one.name): one for one in coder.workspaces()} if known else {}
    if any(identity is not None and key not in found for key, identity in known.items()):
        place = coder.organization(organization)
        missing = [f"see organization {organization}"] if place is None else coder.missing_rights(place.id)
        if missing:
            raise EventFailure(f"the keeper's account may not {', '.join(missing)}: what is not listed may be there")
    return {key: _workspace(one) for key, one in found.items() if key in known}


def _workspace(found: workspaces.Workspace) -> Workspace:
    build: builds.Build = found.latest_build
    return Workspace(
        id=found.id,
        owner=found.owner_name,
        name=found.name,
        status=build.status,
        transition=build.transition,
        build=build.build_number,
        build_id=build.id,
        created_at=found.created_at,
        build_at=build.created_at,
        started_at=build.created_at if build.transition == "start" else None,
        deadline=build.deadline,
        is_ready=found.is_ready,
        failure=found.failure,
        used_at=found.last_used_at,
        agents=tuple(_agent(one) for one in build.agents),
    )


def _agent(found: builds.Agent) -> Agent:
    return Agent(
        name=found.name,
        status=found.status,
        lifecycle_state=found.lifecycle_state,
        reason=found.health.reason,
        connected_at=found.last_connected_at,
        unhealthy_apps=tuple(app.slug for app in found.apps if app.health == "unhealthy"),
    )


def _provisioners(coder: Coder, organization: str) -> Mapping[str, int]:
    known = coder.organization(organization)
    return {} if known is None else coder.provisioners_by_status(known.id)


def _region(name: str, cluster: Cluster, event: str, ids: frozenset[str]) -> Region:
    claims, pods = cluster.claims(NODE_POOL), cluster.pods()
    nodes = {claim.node for claim in claims if claim.node is not None}
    seats_on: dict[str, set[str]] = {node: set() for node in nodes}
    strangers_on: dict[str, list[str]] = {node: [] for node in nodes}
    seats: dict[str, Pod] = {}
    for pod in pods:
        metadata, node = pod["metadata"], pod["spec"].get("nodeName")
        workspace = workspace_on(pod, ids)
        if workspace is not None:
            status: Mapping[str, Any] = pod.get("status") or {}
            is_running = status.get("phase") == "Running" and not metadata.get("deletionTimestamp")
            if is_running or workspace not in seats:  # its Deployment may have another on its way, or leaving
                seats[workspace] = Pod(
                    workspace_id=workspace,
                    region=name,
                    namespace=metadata["namespace"],
                    name=metadata["name"],
                    is_running=is_running,
                )
            if node in nodes:
                seats_on[node].add(workspace)
        elif node in nodes and is_workspace(pod, is_on_workspace_node=True):
            strangers_on[node].append(f"{metadata['namespace']}/{metadata['name']}")
    return Region(
        nodes=tuple(
            Node(
                region=name,
                claim=claim.name,
                instance=claim.instance,
                seats=frozenset(seats_on.get(claim.node or "", ())),
                strangers=tuple(sorted(strangers_on.get(claim.node or "", ()))),
                is_leaving=claim.is_leaving,
            )
            for claim in claims
        ),
        pods=seats,
        is_closed=cluster.is_stopped(NODE_POOL, event),
    )
