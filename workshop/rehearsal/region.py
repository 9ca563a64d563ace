"""One region while it is played: whose workspace is where, and what nodes there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from workshop.model.names import NODE_POOL
from workshop.model.plan.arrival import Start, builds_on, clicks_and_builds, organization_of_seats
from workshop.model.plan.scaling import plan_scaling
from workshop.model.plan.workloads import PROVISIONER, Deployment, planned_replicas
from workshop.model.rehearsal.queue import Scaler
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.rehearsal.verdict import RegionSeen
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.pods.workspaces import WorkspacePod, apply_deployment, deployment_name, workspace_of

_PODS, _NODES, _EVENTS = (kind_of("v1", kind) for kind in ("Pod", "Node", "Event"))
_DEPLOYMENTS: Final = kind_of("apps/v1", "Deployment")
_WAITED: Final = re.compile(r"\((?:(?P<minutes>\d+)m)?(?P<number>[\d.]+)(?P<unit>m?s) including waiting\)")
_REFUSED: Final = "InsufficientCapacityError"
_BOOT: Final = "kubelet.sandbox/boot"

DISK_GROWS_FOR_SECONDS: Final = 120
"""In which a workspace takes all the disk that it may: the worst that a plan has to hold, sooner than people do."""


@dataclass(kw_only=True)
class Person:
    """One workspace. click, begun and built are seconds of the event; the others are real ones from the first click.

    started: when it ran first, as which pod; is_running: whether it does now; has_left: whether they are done with it.
    """

    number: int
    click: float
    begun: float
    built: float
    created: float | None = None
    node: str = ""
    started: float | None = None
    pod: str = ""
    is_running: bool = False
    has_left: bool = False


@dataclass(kw_only=True)
class Region:
    """nodes: our pool's that are there, by name: since when, and of which type. launched: all that ever were.

    boots: seconds until each of these was ready, as they are without speed. waiting: pods without a node, by name:
    what the scheduler says of each. evicted: pods that lost their place, and why. pods: of workspaces,
    that are there. with_images: nodes that had what workspaces run before the first did. keys and notes: as in
    RegionSeen.
    """

    name: str
    rehearsal: Rehearsal
    store: ApiServerStore
    namespace: str
    provisioners: int
    people: list[Person]
    scaler: Scaler | None = None
    nodes: dict[str, tuple[float, str]] = field(default_factory=dict[str, tuple[float, str]])
    launched: dict[str, tuple[float, str]] = field(default_factory=dict[str, tuple[float, str]])
    boots: dict[str, float] = field(default_factory=dict[str, float])
    waiting: dict[str, str] = field(default_factory=dict[str, str])
    evicted: dict[str, str] = field(default_factory=dict[str, str])
    pods: int = 0
    with_images: int = 0
    keys: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()

    def create(self, person: Person) -> None:
        """What the end of a build makes: a Deployment, as Coder's templates do. Raises ClusterRefusal."""
        workspaces, storage_gib = self.rehearsal.settings.workspaces, self.rehearsal.storage_gib(self.name)
        shape = self.rehearsal.shape_of(self.name, person.number)
        name = f"workshop-{person.number:02d}"
        apply_deployment(
            self.store,
            WorkspacePod(
                workspace_id=self._id(person),
                workspace_name=name,
                owner_id=name,
                owner_name=name,
                namespace=self.namespace,
                vcpu=shape.vcpu,
                memory_gib=shape.memory_gib,
                storage_gib=storage_gib,
                agent_token="",
                image=self.rehearsal.settings.arrival.images[0],
                annotations={
                    "kubelet.sandbox/disk": f"{workspaces.storage_gib}Gi",
                    "kubelet.sandbox/disk-grows-for": f"{DISK_GROWS_FOR_SECONDS / self.rehearsal.speed:g}s",
                },
            ),
        )

    def look(self, now: float) -> None:
        """Sees what has become of everybody. now: real seconds from the first click."""
        nodes = [
            node
            for node in self.store.list(_NODES)
            if node["metadata"].get("labels", {}).get("karpenter.sh/nodepool") == NODE_POOL
        ]
        if all(person.created is None for person in self.people):
            self.with_images = sum(map(self._has_images, nodes))
        found = {
            node["metadata"]["name"]: node["metadata"]["labels"].get("node.kubernetes.io/instance-type", "")
            for node in nodes
        }
        for name, kind in found.items():
            self.launched.setdefault(name, (now, kind))
        self.nodes = {name: self.launched[name] for name in found}
        self.boots |= {node["metadata"]["name"]: self._boot_seconds(node) for node in nodes}
        people = {self._id(person): person for person in self.people}
        for person in self.people:
            person.is_running = False
        self.waiting.clear()
        self.pods = 0
        for pod in self.store.list(_PODS, self.namespace):
            if (person := people.get(workspace_of(pod))) is not None:
                self.pods += 1
                self._look_at(pod, person, now)

    def leave(self, person: Person) -> None:
        """What the stop of a workspace does: its Deployment goes. Raises ClusterRefusal."""
        self.store.begin_delete(_DEPLOYMENTS, self.namespace, deployment_name(self._id(person)))
        person.has_left = True

    def fullest_node(self) -> str:
        """The node with most workspaces."""
        counts = Counter(person.node for person in self.people if person.is_running)
        return counts.most_common(1)[0][0]

    def seen(self) -> RegionSeen:
        """What there is to say of it."""
        counts = Counter(person.node for person in self.people if person.is_running)
        started = [person for person in self.people if person.started is not None]
        pulls = pull_seconds(self.store.list(_EVENTS, self.namespace))
        return RegionSeen(
            starts=tuple(self._start(person, pulls.get(person.pod, 0.0)) for person in started),
            running=sum(counts.values()),
            provisioners=self.provisioners,
            nodes={name: (kind, counts[name]) for name, (_, kind) in self.launched.items()},
            ready={one.key: _ready(self.store, one.namespace, one.name) for one in self._planned_deployments()},
            pending=dict(Counter(self._reasons())),
            evicted=dict(Counter(self.evicted.values())),
            scaler=self.scaler,
            with_images=self.with_images,
            keys=self.keys,
            notes=(*self.notes, *sorted(self._refusals())),
        )

    def seen_after(self, peak: RegionSeen) -> RegionSeen:
        """The same once people have left: what has gone since the peak, and what has not."""
        kept = len(peak.nodes.keys() & self.nodes.keys())
        return replace(peak, left_over=self.pods, kept=kept, evicted=dict(Counter(self.evicted.values())))

    def _has_images(self, node: Manifest) -> bool:
        has = {name for image in node.get("status", {}).get("images", ()) for name in image["names"]}
        return has.issuperset(self.rehearsal.settings.arrival.images)

    def _boot_seconds(self, node: Manifest) -> float:
        """In full, as the kubelet says on it."""
        return float(node["metadata"].get("annotations", {}).get(_BOOT, "0")) * self.rehearsal.speed

    def is_refused(self) -> bool:
        """Whether Karpenter has said of every pod that waits why it starts no node for it."""
        return self.waiting.keys() <= self._karpenter_says().keys()

    def _planned_deployments(self) -> Iterator[Deployment]:
        settings = self.rehearsal.settings
        region = next(one for one in settings.regions if one.name == self.name)
        for deployment, _ in planned_replicas(settings, self.rehearsal.plan, region):
            yield deployment

    def _reasons(self) -> Iterator[str]:
        """Karpenter's own where it has one, else the scheduler's."""
        said = self._karpenter_says()
        for pod, reason in self.waiting.items():
            yield f"Karpenter: {said[pod]}" if pod in said else reason

    def _karpenter_says(self) -> dict[str, str]:
        """Of pods for which it starts no node, by name."""
        return {
            event["involvedObject"]["name"]: event["message"]
            for event in self.store.list(_EVENTS, self.namespace)
            if event["reason"] == "FailedScheduling" and event.get("source", {}).get("component") == "karpenter"
        }

    def _refusals(self) -> set[str]:
        """What EC2 said where it launched no instance, as Karpenter's events have it."""
        said = (event["message"] for event in self.store.list(_EVENTS) if event["reason"] == _REFUSED)
        return {f"AWS refused a node: {message.partition('insufficient capacity, ')[2]}" for message in said}

    def _id(self, person: Person) -> str:
        return f"rehearsed-{self.name}-{person.number}"

    def _look_at(self, pod: Manifest, person: Person, now: float) -> None:
        status = pod.get("status", {})
        if status.get("reason") == "Evicted":
            why, _, _ = status.get("message", "").partition(" Threshold")  # how much there is left differs each time
            self.evicted[pod["metadata"]["name"]] = why
        elif not (node := pod["spec"].get("nodeName", "")):
            self.waiting[pod["metadata"]["name"]] = _reason(pod)
        elif status.get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]:
            person.is_running, person.node = True, node
            if person.started is None:
                person.started, person.pod = now, pod["metadata"]["name"]

    def _start(self, person: Person, pull: float) -> Start:
        """What was played faster counts in full; what the clusters took themselves counts as it was.

        pull: real seconds.
        """
        arrival, speed = self.rehearsal.settings.arrival, self.rehearsal.speed
        created, started = person.created or 0.0, person.started or 0.0
        since = self.launched[person.node][0]
        boot = max(0.0, self.boots[person.node] - speed * max(0.0, created - since))
        own = max(0.0, started - created - pull - (boot + arrival.agent_seconds) / speed)
        return Start(
            queue=person.begun - person.click,
            build=person.built - person.begun,
            bind=boot + own,
            pull=pull * speed,
            agent=float(arrival.agent_seconds),
        )


def region_of(rehearsal: Rehearsal, name: str, store: ApiServerStore) -> Region:
    """With the builds that its provisioners, as they stand ready, will have run, the oldest first."""
    namespace = organization_of_seats(rehearsal.settings).namespace
    provisioners = _ready(store, namespace, PROVISIONER)
    users = rehearsal.users_in(name)
    scaling = plan_scaling(rehearsal.settings, rehearsal.plan).get(name)
    scaler = Scaler(floor=provisioners, ceiling=scaling.ceiling) if scaling and provisioners else None
    arrivals = clicks_and_builds(rehearsal.settings.arrival, users, rehearsal.seed)
    builds = scaler.builds(arrivals) if scaler else builds_on(provisioners, arrivals if provisioners else ())
    people = [
        Person(number=number, click=click, begun=begun, built=begun + build)
        for number, (click, begun, build) in enumerate(builds, 1)
    ]
    return Region(
        name=name,
        rehearsal=rehearsal,
        store=store,
        namespace=namespace,
        provisioners=provisioners,
        people=people,
        scaler=scaler,
    )


def pull_seconds(events: Iterable[Manifest]) -> dict[str, float]:
    """Real seconds for which pods waited for their image, as the kubelet's events say: (1m2.5s including waiting)."""
    found: dict[str, float] = {}
    for event in events:
        if event["reason"] == "Pulled" and (said := _WAITED.search(event["message"])) is not None:
            seconds = float(said["number"]) / (1000 if said["unit"] == "ms" else 1)
            found[event["involvedObject"]["name"]] = 60 * int(said["minutes"] or 0) + seconds
    return found


def _ready(store: ApiServerStore, namespace: str, name: str) -> int:
    """Pods of a Deployment that are."""
    found = store.get(_DEPLOYMENTS, namespace, name) or {}
    return int(found.get("status", {}).get("readyReplicas", 0))


def _reason(pod: Manifest) -> str:
    for condition in pod.get("status", {}).get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return condition.get("message", condition.get("reason", ""))
    return "the scheduler has not looked at it"
