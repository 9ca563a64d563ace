"""An event in a sandbox: pools as `up` declares them, a roster, a keeper, and clocks that are moved together."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.sandbox import REGIONS, workshop
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.cli.sandbox_config import config_for_server
from workshop.event.keeper.connections import connected, kubeconfigs
from workshop.event.keeper.in_pods import InPods
from workshop.event.keeper.keeper import Keeper
from workshop.event.keeper.look import Systems
from workshop.event.store.boards import Boards
from workshop.event.store.cached import Store, opened
from workshop.event.store.records import SeatRecord
from workshop.event.work.exec import Cluster as ExecCluster
from workshop.event.work.exec import Container
from workshop.model.event.board.document import Board
from workshop.model.event.keeper import bucket_of, control_plane
from workshop.model.names import EVENT_NAMESPACE, NODE_POOL
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.observe.aws_clients import aws_client
from workshop.sandbox import lifecycle
from workshop.sandbox.clock import sandbox_now, set_clock
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.pods.keeper import keeper_environment
from workshop.sandbox.servers.coder.state import Contents
from workshop.sandbox.servers.kubernetes.stores import store_of

EVENT = {"name": "october", "template": "coder/docker", "latest_end": "4h", "budget_usd": 200}
_TICK_SECONDS = 0.25
"""The sandbox's controllers look once a second, whatever its clock shows."""

PODS, CLAIMS, NODES = (
    kind_of(version, kind) for version, kind in (("v1", "Pod"), ("karpenter.sh/v1", "NodeClaim"), ("v1", "Node"))
)


@dataclass(kw_only=True)
class SandboxEvent:
    """One event; its clock is the sandbox's."""

    paths: SandboxPaths
    settings: Settings
    systems: Systems
    in_pods: InPods
    store: Store

    @property
    def name(self) -> str:
        return given(self.settings.event).name

    def now(self) -> datetime:
        return sandbox_now(self.paths)

    def keeper(self) -> Keeper:
        """A new one, which takes over."""
        journal = self.paths.folder / f"{self.name}.jsonl"
        return Keeper(self.settings, self.systems, self.store, self.in_pods, clock=self.now, journal=journal)

    def move(self, by: timedelta) -> None:
        """Ours, Coder's and EC2's clock."""
        set_clock(self.paths, self.now() + by)

    def contents(self) -> Contents:
        """What the sandbox's Coder keeps."""
        return Contents.model_validate_json((self.paths.folder / "coder.json").read_bytes())

    def clusters(self) -> dict[str, ClusterStore]:
        return {region: store_of(self.paths, context) for region, context in REGIONS.items()}

    def run(self, seat: int, *command: str) -> bytes:
        """Runs a command in a seat's pod, as its person would."""
        record = next(one for one in self.store.records.seats() if one.seat == seat)
        for region, store in self.clusters().items():
            for pod in store.list(PODS):
                is_there = pod.get("status", {}).get("phase") == "Running"
                if is_there and pod["metadata"].get("labels", {}).get("com.coder.workspace.id") == record.workspace_id:
                    said = bytearray()
                    config = kubeconfigs(self.settings)[region]
                    container = Container(
                        namespace=pod["metadata"]["namespace"], pod=pod["metadata"]["name"], name="dev"
                    )
                    with ExecCluster(config) as cluster:
                        assert cluster.run(container, command, stdout=said.extend, stderr=said.extend) == 0
                    return bytes(said)
        raise AssertionError(f"seat {seat} has no pod")

    def until(self, keeper: Keeper, reached: Callable[[], bool], *, step: timedelta = timedelta(0)) -> list[str]:
        """Looks until then; answers what was done."""
        done: list[str] = []
        for _ in range(60):
            done += [f"{each.action} {each.subject}" for each in keeper.once().done]
            if reached():
                return done
            self.move(step)
            time.sleep(_TICK_SECONDS)
        raise AssertionError(done)

    def states(self) -> list[str]:
        return [one.state for one in self.store.records.seats()]

    def board(self) -> Board:
        """As the keeper kept it at its last look."""
        board = Boards(self.store.records.engine, self.name).last()
        assert board is not None
        return board

    def pool_claims(self) -> list[str]:
        return [
            one["metadata"]["name"]
            for store in self.clusters().values()
            for one in store.list(CLAIMS)
            if one["metadata"]["labels"].get("karpenter.sh/nodepool") == NODE_POOL
        ]


@contextmanager
def workshop_in(folder: Path, users: int = 20) -> Generator[SandboxPaths]:
    """A sandbox with the workshop's pools; nodes of other pools take nobody."""
    paths = sandbox_paths(folder)
    with environment_of(paths):
        lifecycle.ensure_running(paths)
        try:
            with ready_for_event(paths, users):
                yield paths
        finally:
            lifecycle.stop(paths)


@contextmanager
def ready_for_event(paths: SandboxPaths, users: int) -> Generator[None]:
    """Carries out `up`, keeps seats off nodes of other pools, and lets this process be the keeper."""
    write_whole(paths.overrides, json.dumps({"sandbox": {"workshop:users": str(users)}}))
    ran = workshop(paths, "up")
    assert ran.exit_code == 0, ran.document
    for context in REGIONS.values():
        store = store_of(paths, context)
        for node in store.list(NODES):
            if "karpenter.sh/nodepool" in node["metadata"]["labels"]:
                cordoned = {"metadata": {"name": node["metadata"]["name"]}, "spec": {"unschedulable": True}}
                store.apply({"apiVersion": "v1", "kind": "Node", **cordoned}, "tests", force=True)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in keeper_environment(paths).items():
            patch.setenv(name, value)
        yield


@contextmanager
def event_of(
    paths: SandboxPaths,
    name: str,
    people: int,
    url: str,
    *,
    users: int = 20,
    starts_in: timedelta = timedelta(minutes=30),
    **changes: object,
) -> Generator[SandboxEvent]:
    """An event of its own, whose seats start now; each ends three hours after its start."""
    start = (sandbox_now(paths) + starts_in).isoformat(timespec="minutes")
    config = {
        "workshop:users": str(users),
        "workshop:window": json.dumps({"start": start, "duration": "3h"}),
        "workshop:event": json.dumps({**EVENT, "name": name, "region_parameter": "region", **changes}),
    }
    committed = stack_config(*((CHECKOUT / file).read_text() for file in ("Pulumi.sandbox.yaml", "Pulumi.yaml")))
    settings = settings_from_config(config_for_server({**committed, **config}))
    for store in (store_of(paths, context) for context in REGIONS.values()):
        if store.get(kind_of("v1", "Namespace"), None, EVENT_NAMESPACE) is None:  # as `up` has it with an event
            store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": EVENT_NAMESPACE}}, "tests")
    with aws_client(settings, "s3", control_plane(settings).name) as s3:
        where = {"LocationConstraint": control_plane(settings).name}
        s3.create_bucket(Bucket=bucket_of(settings), CreateBucketConfiguration=where)
    with (
        opened(url, name) as store,
        connected(settings) as (systems, in_pods),
    ):
        numbers = range(1, people + 1)
        store.records.add_seats(
            [SeatRecord(seat=n, email=f"{name}{n}@example.com", name=f"Person {n}") for n in numbers]
        )
        yield SandboxEvent(paths=paths, settings=settings, systems=systems, in_pods=in_pods, store=store)


def is_settled(event: SandboxEvent) -> bool:
    return event.store.records.event().settled_at is not None


def finish(event: SandboxEvent, keeper: Keeper) -> None:
    """Leaves the next test's pool empty."""
    event.store.records.end(event.now(), "ended by command")
    event.until(keeper, lambda: is_settled(event), step=timedelta(minutes=1))
