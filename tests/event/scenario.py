"""The class that everything is made for: people, a budget, and whatever goes wrong on one evening, in a sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import httpx
from lightkube import KubeConfig

from tests.event.sandbox_event import NODES, PODS, SandboxEvent
from tests.sandbox.servers_for_tests import bearer
from workshop.event.dead_man import dead_man
from workshop.event.keeper.connections import kubeconfigs
from workshop.event.keeper.keeper import Keeper
from workshop.event.systems.cluster import Cluster
from workshop.model.event.dead_man import dead_man_request
from workshop.model.event.extensions import Extension
from workshop.model.event.preservation import Keeping, preservation
from workshop.model.names import EVENT_NAMESPACE, NODE_POOL
from workshop.model.settings.section import given
from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.state import Fault
from workshop.sandbox.servers.coder.state_file import editing
from workshop.sandbox.servers.faults import Fault as Answer
from workshop.sandbox.servers.faults import plant_faults

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CUT_OFF = "us-west-2"
A_DAY_BEFORE: Json = {"starts_in": 23 * HOUR, "early_access": "24h", "early_hours": "1h"}
"""What the event is told that is played: its seats may be tried by now."""


@dataclass
class Evening:
    """What was seen. said: the evening's course, a line each."""

    event: SandboxEvent
    look_seconds: float
    said: list[str] = field(default_factory=list[str])

    def say(self, text: str) -> None:
        self.said.append(f"{self.event.now():%H:%M} {text}")
        print(self.said[-1], flush=True)  # noqa: T201 - a script shows it

    def looks(self, keeper: Keeper, until: Callable[[], bool], what: str, step: timedelta = timedelta(0)) -> None:
        """Looks until then; the clock is moved by so much between looks."""
        for _ in range(240):
            keeper.once()
            if until():
                self.say(what)
                return
            self.event.move(step)
            time.sleep(self.look_seconds)
        raise AssertionError((what, self.event.states(), dict(self.event.store.records.event().look)))


def play(evening: Evening, people: int) -> None:
    """From early access a day before to settled. The caller judges what is left."""
    event, records = evening.event, evening.event.store.records
    broken = [1, 2, 3] if people > 3 else [1]
    with editing(event.paths) as contents:
        contents.faults = [
            Fault(template="docker", workspace=f"workshop-{seat:02}", times=1, error="terraform apply: exit status 1")
            for seat in broken
        ]
    with event.keeper() as keeper:
        evening.looks(keeper, lambda: event.states().count("ready") == people, f"{people} seats are tried a day before")
        event.move(HOUR)
        evening.looks(keeper, lambda: event.states().count("stopped") == people, "and stopped an hour later", MINUTE)
        evening.looks(keeper, lambda: not event.pool_claims(), "their nodes are gone", MINUTE)
        event.move(given(event.settings.window).start - 50 * MINUTE - event.now())
        evening.looks(keeper, lambda: event.states().count("ready") == people, f"{people} seats are ready")
    for seat in range(1, people + 1):
        event.run(seat, "sh", "-c", f"mkdir -p project && echo work of seat {seat} > project/notes.txt")
    stranger = _start_stranger(event)
    evening.say("everybody has worked, and a stranger has a workspace on a node of the event")

    early = list(range(people, people - max(people // 6, 1), -1))
    for seat in early:
        records.change_seat(seat, finished_at=event.now())
    _clear_ttl(event, 4 if people > 4 else 2)
    records.extend(Extension(seat=5 if people > 5 else 2, made_at=event.now(), ends_at=_end(event) + 10 * MINUTE))
    records.extend(
        Extension(seat=6 if people > 6 else 3, made_at=event.now(), ends_at=_end(event) + 2 * HOUR, hours=HOUR)
    )
    plant_faults(event.paths, {"/coder/": Answer(status=503, body="{}")})
    with event.keeper() as keeper:  # another one: the first was killed
        for _ in range(3):
            keeper.once()
        evening.say(f"Coder is away: {records.event().look.get('Coder', 'nobody noticed')[:60]}")
        event.move(4 * MINUTE)
        keeper.once()
        plant_faults(event.paths, {})
        evening.looks(
            keeper,
            lambda: all(event.states()[seat - 1] == "stopped" for seat in early),
            f"{len(early)} who finished early are saved and stopped",
            MINUTE / 2,
        )
        _restart(event, early[0])
        evening.looks(keeper, lambda: event.states()[early[0] - 1] == "stopping", "one of them starts again")
        evening.looks(keeper, lambda: event.states()[early[0] - 1] == "stopped", "and is saved and stopped again")
    event.move(_end(event) - 31 * MINUTE - event.now())
    with event.keeper() as keeper:
        for _ in range(3):
            keeper.once()
    event.move(26 * MINUTE)
    with event.keeper() as keeper:
        keeper.once()
    evening.say("everybody was warned and saved")

    cut = replace(event.systems, clusters={**event.systems.clusters, CUT_OFF: _nowhere()})
    event.systems = cut
    evening.say(f"{CUT_OFF} is cut off")
    event.move(6 * MINUTE)
    with event.keeper() as keeper:
        evening.looks(keeper, lambda: not _up(event), "no seat runs any more, as far as Coder knows", MINUTE)
    event.move(3 * HOUR)  # past the latest end and its tail; the keeper's last heartbeat there is old
    with Cluster(kubeconfigs(event.settings)[CUT_OFF]) as cluster:
        said = dead_man(dead_man_request(event.settings, EVENT_NAMESPACE), cluster, event.now())
    evening.say(f"the dead man's switch in {CUT_OFF}: {said}")
    with event.keeper() as keeper:
        evening.looks(keeper, lambda: records.event().settled_at is not None, "settled", MINUTE)
    assert _runs(event, stranger)
    evening.say("the stranger's workspace runs")


def judge(evening: Evening, people: int) -> None:
    """Nothing of the event runs, the stranger's node does, and no work is lost without a reason."""
    event = evening.event
    kept = preservation("october", range(1, people + 1), event.store.records.receipts())
    evening.say(f"{kept.counts}")
    assert all(one.keeping is Keeping.SAVED or one.reason for one in kept.seats)
    assert kept.counts[Keeping.LOST] == kept.counts[Keeping.UNSEEN] == 0
    assert len(event.pool_claims()) == 1, "the stranger's node stays, and no other"
    running = [run for run in event.store.ledger.runs() if run.ended_at is None]
    assert len(running) == 1
    usd = sum((run.usd(event.now(), Decimal("0.7")) for run in event.store.ledger.runs()), Decimal(0))
    evening.say(f"about {usd:.2f} USD of 200")
    assert usd < 200


def _end(event: SandboxEvent) -> datetime:
    """When seats end that have no more time."""
    window = given(event.settings.window)
    return window.start + window.duration


def _up(event: SandboxEvent) -> bool:
    """Whether a seat runs, as the keeper saw it last."""
    return bool({"starting", "ready", "stopping"} & {*event.states()})


def _start_stranger(event: SandboxEvent) -> str:
    """The engineer's own workspace, of the same template; answers its id."""
    coder = event.systems.coder
    organization = coder.organization("coder")
    assert organization is not None
    template = coder.template(organization.id, "docker")
    assert template is not None
    made = coder.create_workspace("sandbox", "stranger", template_id=template.id, parameters={"region": "us-east-2"})
    for _ in range(100):
        if _runs(event, made.id):
            return made.id
        time.sleep(0.2)
    raise AssertionError("the stranger's workspace does not run")


def _runs(event: SandboxEvent, workspace: str) -> bool:
    """Whether it has a pod that runs, on a node of our pool."""
    store = event.clusters()["us-east-2"]
    for pod in store.list(PODS):
        if pod["metadata"].get("labels", {}).get("com.coder.workspace.id") == workspace:
            node = store.get(NODES, None, pod["spec"].get("nodeName") or "none")
            pool = None if node is None else node["metadata"]["labels"].get("karpenter.sh/nodepool")
            return pod["status"].get("phase") == "Running" and pool == NODE_POOL
    return False


def _clear_ttl(event: SandboxEvent, seat: int) -> None:
    """As its person may: Coder then never stops it."""
    workspace = event.store.records.seats()[seat - 1].workspace_id
    url = f"{event.paths.aws_endpoint}/coder/api/v2/workspaces/{workspace}/ttl"
    assert httpx.put(url, json={"ttl_ms": None}, headers=bearer(event.paths), trust_env=False).is_success


def _restart(event: SandboxEvent, seat: int) -> None:
    event.systems.coder.build(event.store.records.seats()[seat - 1].workspace_id or "", "start")


def _nowhere() -> Cluster:
    """A cluster that can't be reached."""
    reached = {"clusters": [{"name": "x", "cluster": {"server": "http://127.0.0.1:9"}}]}
    as_whom = {"users": [{"name": "x", "user": {"token": "x"}}]}
    contexts = {"contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}], "current-context": "x"}
    return Cluster(KubeConfig.from_dict({**reached, **as_whom, **contexts}))  # pyright: ignore[reportUnknownMemberType]
