"""People come: each has a build on a provisioner, then a workspace; what comes of it is watched."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from workshop.model.names import NODE_POOL
from workshop.model.plan.arrival import Start, clicks_and_builds, organization_of_seats
from workshop.model.plan.plan import Plan
from workshop.model.rehearsal.verdict import RegionSeen
from workshop.model.settings.arrival import Arrival
from workshop.model.settings.stack import Settings
from workshop.rehearsal.stage import Stage
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.pods.workspaces import WorkspacePod, apply_deployment, workspace_of

_PODS, _NODES, _DEPLOYMENTS = (
    kind_of(version, kind) for version, kind in (("v1", "Pod"), ("v1", "Node"), ("apps/v1", "Deployment"))
)
_PROVISIONER: Final = "coder-provisioner"
DISK_GROWS_FOR_SECONDS: Final = 600
"""In which a workspace takes all the disk that it may: the worst that a plan has to hold, sooner than people do."""

_EVICTION_SECONDS: Final = 30
"""After which a kubelet has looked at a full disk, and a pod is gone."""

_LOOK_SECONDS: Final = 0.25
_PATIENCE_SECONDS: Final = 45
"""Real seconds without anything new after which what waits still is taken for stuck."""


@dataclass(kw_only=True)
class _Person:
    """One workspace. click, begun and built are seconds of the event; the others are real ones from the first click."""

    number: int
    click: float
    begun: float
    built: float
    created: float | None = None
    node: str = ""
    running: float | None = None


@dataclass(kw_only=True)
class _Region:
    """One region while it is played. nodes: our pool's, by name, since when they are there and of which type.

    evicted: pods that lost their place, and why.
    """

    name: str
    store: ApiServerStore
    namespace: str
    provisioners: int
    people: list[_Person]
    nodes: dict[str, tuple[float, str]] = field(default_factory=dict[str, tuple[float, str]])
    pending: Counter[str] = field(default_factory=Counter[str])
    evicted: dict[str, str] = field(default_factory=dict[str, str])


def play(
    stage: Stage, settings: Settings, plan: Plan, arrival: Arrival, seed: int, speed: int, say: Callable[[str], None]
) -> Mapping[str, RegionSeen]:
    """Plays the arrival; answers once everybody's workspace runs, or nothing has happened for a while."""
    organization = organization_of_seats(settings)
    regions = [
        _region(name, store, organization.namespace, clicks_and_builds(arrival, plan.regions[name].nodes.users, seed))
        for name, store in stage.stores.items()
        if plan.regions[name].nodes.users
    ]
    shape = max(settings.workspaces.shapes, key=lambda one: (one.vcpu, one.memory_gib))

    def workspace(person: _Person, region: _Region) -> WorkspacePod:
        name = f"workshop-{person.number:02d}"
        return WorkspacePod(
            workspace_id=f"rehearsed-{region.name}-{person.number}",
            workspace_name=name,
            owner_id=name,
            owner_name=name,
            namespace=region.namespace,
            vcpu=shape.vcpu,
            memory_gib=shape.memory_gib,
            storage_gib=settings.workspaces.storage_gib,
            agent_token="",
            annotations={
                "kubelet.sandbox/disk": f"{settings.workspaces.storage_gib}Gi",
                "kubelet.sandbox/disk-grows-for": f"{DISK_GROWS_FOR_SECONDS / speed:g}s",
            },
        )

    begun = time.monotonic()
    with ThreadPoolExecutor(max_workers=8) as pool:
        creating: list[Future[None]] = []
        last_news, before = begun, 0
        while True:
            now = time.monotonic() - begun
            for region in regions:
                for person in region.people:
                    if person.created is None and person.built <= now * speed:
                        person.created = now
                        creating.append(pool.submit(apply_deployment, region.store, workspace(person, region)))
                _look(region, now)
            running = sum(person.running is not None for region in regions for person in region.people)
            news = running + sum(person.created is not None for region in regions for person in region.people)
            if news != before:
                last_news, before = time.monotonic(), news
                nodes = sum(len(region.nodes) for region in regions)
                say(f"{running} of {plan.users} workspaces run, on {nodes} nodes")
            if running == sum(len(region.people) for region in regions):
                patience = (DISK_GROWS_FOR_SECONDS + _EVICTION_SECONDS) / speed
            else:
                patience = _PATIENCE_SECONDS
            if time.monotonic() - last_news > patience:
                for made in creating:
                    made.result()
                return {region.name: _seen(region, arrival, speed) for region in regions}
            time.sleep(_LOOK_SECONDS)


def _region(name: str, store: ApiServerStore, namespace: str, draws: tuple[tuple[float, float], ...]) -> _Region:
    """With the builds that its provisioners, as they stand ready, will have run, the oldest first."""
    deployment = store.get(_DEPLOYMENTS, namespace, _PROVISIONER) or {}
    provisioners = int(deployment.get("status", {}).get("readyReplicas", 0))
    free = [0.0] * provisioners
    people: list[_Person] = []
    for number, (click, build) in enumerate(draws if free else (), 1):
        begun = max(click, free[0])
        heapq.heapreplace(free, begun + build)
        people.append(_Person(number=number, click=click, begun=begun, built=begun + build))
    return _Region(name=name, store=store, namespace=namespace, provisioners=provisioners, people=people)


def _look(region: _Region, now: float) -> None:
    for node in region.store.list(_NODES):
        labels: dict[str, str] = node["metadata"].get("labels", {})
        if labels.get("karpenter.sh/nodepool") == NODE_POOL:
            kind = labels.get("node.kubernetes.io/instance-type", "")
            region.nodes.setdefault(node["metadata"]["name"], (now, kind))
    people = {f"rehearsed-{region.name}-{person.number}": person for person in region.people}
    region.pending.clear()
    for pod in region.store.list(_PODS, region.namespace):
        person = people.get(workspace_of(pod))
        if person is None:
            continue
        if pod.get("status", {}).get("reason") == "Evicted":
            region.evicted[pod["metadata"]["name"]] = pod["status"].get("message", "").strip()
            continue
        person.node = pod["spec"].get("nodeName", "")
        if not person.node:
            region.pending.update(_reasons(pod))
        elif person.running is None and pod.get("status", {}).get("phase") == "Running":
            person.running = now


def _reasons(pod: Manifest) -> Iterator[str]:
    for condition in pod.get("status", {}).get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield condition.get("message", condition.get("reason", ""))


def _seen(region: _Region, arrival: Arrival, speed: int) -> RegionSeen:
    counts = Counter(person.node for person in region.people if person.running is not None)
    return RegionSeen(
        starts=tuple(_start(person, region, arrival, speed) for person in region.people if person.running is not None),
        provisioners=region.provisioners,
        nodes={name: (kind, counts[name]) for name, (_, kind) in region.nodes.items()},
        pending=dict(region.pending),
        evicted=dict(Counter(region.evicted.values())),
    )


def _start(person: _Person, region: _Region, arrival: Arrival, speed: int) -> Start:
    """What was played faster counts in full; what the clusters took themselves counts as it was."""
    assert person.created is not None and person.running is not None  # noqa: PT018 - only those that run are asked
    since = region.nodes[person.node][0]
    boot = max(0.0, arrival.node_boot_seconds - speed * max(0.0, person.created - since))
    own = max(0.0, person.running - person.created - (boot + arrival.agent_seconds) / speed)
    return Start(
        queue=person.begun - person.click,
        build=person.built - person.begun,
        bind=boot + own,
        pull=0.0,
        agent=float(arrival.agent_seconds),
    )
