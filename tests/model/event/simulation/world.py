"""People, builds, nodes and strangers of an event, as bad as they may be, on a clock that is moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

from tests.model.event.simulation.parts import Away, Build, Machine, Work
from tests.model.given import settings
from workshop.model.event.extensions import Extension
from workshop.model.event.seat_steps import FRESH
from workshop.model.event.seats import Seat
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import EventState
from workshop.model.ledger import NodeRun, bill
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given

LOOK = timedelta(seconds=30)
"""From look to look; the keeper's own are twice as close."""

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class World:
    """One event by its seed. lost: work that was stopped unsaved, with why that could not be helped; "" if it could."""

    def __init__(self, seed: int, *, outages: bool = True, hard: bool = True) -> None:
        self.random = Random(seed)
        users = self.random.randint(4, 16)
        event = {"name": "october", "template": "coder/docker", "latest_end": "4h", "budget_usd": 5000}
        event |= {"cap": "hard" if hard else "soft", "reserve": self.random.choice([0, 2])}
        event |= {"early_access": Random(f"early {seed}").choice(["0m", "4h", "3h"])}
        window = {"start": "2026-10-02T11:00+00:00", "duration": "3h"}
        asked = settings(users=str(users), window=window, event=event)
        plan = given(plan_event(asked))
        share = Decimal(self.random.choice([40, 60, 90, 150])) / 100
        budget = max(int(plan.all_come.total * share), 2)
        self.settings = settings(users=str(users), window=window, event=event | {"budget_usd": budget})
        self.event, self.plan = given(self.settings.event), given(plan_event(self.settings))
        self.regions = [region.name for region in self.settings.regions]
        self.per_node = 3
        self.limits = dict.fromkeys(self.regions, -(-users // self.per_node) + 1)
        self.now: datetime = (self.plan.early_at or self.plan.warm_at) - HOUR
        self.provisioners = self.random.randint(2, 5)
        self.machines: list[Machine] = []
        self.works: dict[tuple[str, str], Work] = {}
        self.closed: set[str] = set()
        self.seats = [
            Seat(number=number, owner=None, spans=(), region="", is_wanted=self.random.random() < 0.9)
            for number in range(1, users - self.event.reserve + 1)
        ]
        self.extensions: list[Extension] = []
        self.kept = EventState(seats=())
        self.looks: dict[str, datetime | None] = dict.fromkeys(self.regions)
        self.runs: dict[str, NodeRun] = {}
        self.saves: dict[int, tuple[datetime, Step]] = {}
        self.failed: dict[tuple[str, str], datetime] = {}
        self.away = list(self._outages()) if outages else []
        self.lost: list[tuple[str, str]] = []
        self.touched: list[str] = []
        self.steps: list[Step] = []

    def is_away(self, what: str) -> bool:
        """Whether it does not answer now."""
        return any(one.what == what and one.since <= self.now < one.until for one in self.away)

    def machines_running(self) -> list[Machine]:
        """Those that EC2 bills and on which no stranger is."""
        return [one for one in self.machines if one.ended_at is None and not one.strangers]

    def usd(self) -> Decimal:
        """What EC2 bills in truth, strangers' nodes after the settling left out."""
        until = self.kept.settled_at or self.now
        runs = [one for one in self.machines if one.launched_at < until]
        return sum(
            (self._run(one, min(one.ended_at or until, until)).usd(until, self._rate(one)) for one in runs), Decimal(0)
        )

    def _rate(self, machine: Machine) -> Decimal:
        return bill(
            self.event,
            self.plan,
            [self._run(machine, None)],
            {machine.region: machine.launched_at},
            machine.launched_at,
        ).usd_per_hour

    def _outages(self) -> Iterator[Away]:
        whole = self.plan.gone_at - self.plan.starts_at
        systems = [f"{kind} {region}" for kind in ("cluster", "ec2") for region in self.regions]
        for what in ("coder", "keeper", *systems):
            for _ in range(self.random.randint(0, 2)):
                since = self.plan.starts_at + whole * self.random.random()
                yield Away(what=what, since=since, until=since + MINUTE * self.random.choice([1, 2, 4, 20]))

    # People.

    def _people(self) -> None:
        draw = self.random.random
        for work in self.works.values():
            if work.build.status == "running" and work.agent_comes and draw() < 0.2 * _lively(work):
                work.changed_at = self.now
        if draw() < 0.001:
            self._finish(self.random.choice(self.seats).number)
        if draw() < 0.002 and self.now > (self.plan.early_at or self.plan.starts_at):
            self._restart()
        if self.works and Random(f"ttl {self.now}").random() < 0.004:
            self._change_ttl(Random(f"ttl {self.now}"))
        if draw() < 0.001 and self.now > self.plan.starts_at:
            seat, until = self.random.choice([None, 1, 2]), self.plan.ends_at - MINUTE * self.random.randint(0, 60)
            hours = self.random.choice([None, timedelta(hours=1)])
            if hours is not None:
                until += 3 * HOUR
            self.extensions.append(Extension(seat=seat, made_at=self.now, ends_at=until, hours=hours))
        if draw() < 0.002:
            stranger = f"stranger-{self.now:%H%M%S}"
            host = next((one for one in self.machines if one.ended_at is None and one.leaving_at is None), None)
            if host is not None and draw() < 0.5:
                host.strangers.add(stranger)
            else:
                self._launch(self.random.choice(self.regions), stranger)
        if draw() < 0.004:
            for machine in self.machines:
                if machine.strangers and self.kept.settled_at is not None:
                    machine.ended_at = machine.ended_at or self.now  # by Karpenter: it is no longer the event's
                machine.strangers.clear()
        if draw() < 0.0005:
            lost = next((one for one in self.machines if one.ended_at is None and not one.strangers), None)
            if lost is not None:
                self._end_machine(lost, "its node was lost")

    def _finish(self, number: int) -> None:
        self._change(number, finished_at=self.now)

    def _restart(self) -> None:
        """Somebody starts a stopped workspace, whatever its time."""
        stopped = [one for one in self.works.values() if one.build.status == "stopped"]
        if stopped and not self.is_away("coder") and self.kept.settled_at is None:
            self._build(self.random.choice(stopped), "start")

    def _change_ttl(self, random: Random) -> None:
        """Somebody clears it, or has it stop in half an hour, as anybody may for their own."""
        work = random.choice(list(self.works.values()))
        if random.random() < 0.5:
            work.ttl = work.deadline = None
        elif work.deadline is not None:
            work.deadline = self.now + 30 * MINUTE

    # Coder and the clusters.

    def _build(self, work: Work, transition: Literal["start", "stop", "delete"]) -> None:
        work.build = Build(number=work.build.number + 1, transition=transition, at=self.now)
        if transition == "start":
            work.changed_at = None

    def _builds(self) -> None:
        busy = sum(1 for one in self.works.values() if one.build.begun_at is not None and one.build.done_at is None)
        for work in sorted(self.works.values(), key=lambda one: one.build.at):
            build = work.build
            if build.begun_at is None and build.status == "pending" and busy < self.provisioners:
                build.begun_at, busy = self.now, busy + 1
                build.status = {"start": "starting", "stop": "stopping", "delete": "deleting"}[build.transition]
            elif build.begun_at is not None and build.done_at is None and self.now - build.begun_at >= MINUTE:
                build.done_at = self.now
                is_bad = build.transition == "start" and work.builds_badly and self.random.random() < 0.7
                ended = {"start": "running", "stop": "stopped", "delete": "deleted"}[build.transition]
                build.status = "failed" if is_bad else ended
                work.deadline = None if work.ttl is None or ended != "running" else self.now + work.ttl
                if build.transition != "start":
                    self._unplace(work, "")
            elif build.status == "running" and work.deadline is not None and work.deadline <= self.now:
                self._build(work, "stop")  # by Coder itself
        for key in [key for key, one in self.works.items() if one.build.status == "deleted"]:
            del self.works[key]

    def _unplace(self, work: Work, why: str) -> None:
        """Its pod goes, and what is in it."""
        for machine in self.machines:
            machine.seats.discard(work.id)
            machine.coming.discard(work.id)
        seat = self._seat_of(work)
        receipt = self.kept.receipts.get(seat.number)
        # What comes after the end is late.
        last = None if receipt is None or not receipt.is_final else receipt.at + FRESH
        is_saved = last is not None and last >= (work.changed_at or last)
        if work.changed_at is not None and not is_saved:
            self.lost.append((work.name, why or self._why_unsaved(seat)))
        work.changed_at = None

    def _why_unsaved(self, seat: Seat) -> str:
        """Why a seat could be stopped unsaved: its last receipts failed, or its cluster was away to the last."""
        receipt = self.kept.receipts.get(seat.number)
        if receipt is not None and not receipt.is_final:
            return receipt.reason
        stop = next(
            (one for one in reversed(self.steps) if one.seat == seat.number and one.action == Action.STOP), None
        )
        return "" if stop is None or "could not be saved" not in stop.why else stop.why

    def _nodes(self) -> None:
        for machine in self.machines:
            if machine.leaving_at is not None and machine.ended_at is None:
                for work in [one for one in self.works.values() if one.id in machine.seats]:
                    self._unplace(work, "its node was ended under it" if machine.seats else "")
                if not machine.hangs and self.now - machine.leaving_at >= 2 * MINUTE:
                    machine.ended_at = self.now
            elif machine.ended_at is None and machine.ready_at <= self.now:
                machine.seats |= machine.coming & {
                    one.id for one in self.works.values() if one.build.status == "running"
                }
                machine.strangers |= {one for one in machine.coming if one.startswith("stranger")}
                machine.coming.clear()
        open_machines = [one for one in self.machines if one.ended_at is None]
        placed = {seat for machine in open_machines for seat in machine.seats | machine.coming}
        for work in self.works.values():
            if work.build.status == "running" and work.id not in placed:
                self._place(work)

    def _place(self, work: Work) -> None:
        """On a node with room, or on one that Karpenter launches for it, and on which it is only a while later."""
        open_machines = [one for one in self.machines if one.ended_at is None and one.leaving_at is None]
        for machine in open_machines:
            if len(machine.seats | machine.coming) + len(machine.strangers) < self.per_node:
                machine.seats.add(work.id)
                return
        self._launch(self.random.choice(self.regions), work.id)

    def _launch(self, region: str, pod: str) -> None:
        """As Karpenter does for a pod that waits, within the pool's limit."""
        running = sum(1 for one in self.machines if one.region == region and one.ended_at is None)
        if region not in self.closed and running < self.limits[region]:
            name, hangs = f"i-{len(self.machines):05}", self.random.random() < 0.1
            self.machines.append(Machine(name, region, self.now, self.now + MINUTE, coming={pod}, hangs=hangs))

    def _end_machine(self, machine: Machine, why: str) -> None:
        machine.ended_at = self.now
        for work in [one for one in self.works.values() if one.id in machine.seats]:
            self._unplace(work, why)

    def _change(self, number: int, **changes: object) -> None:
        self.seats = [replace(one, **changes) if one.number == number else one for one in self.seats]  # pyright: ignore[reportArgumentType]

    def _seat_of(self, work: Work) -> Seat:
        return next(one for one in self.seats if one.name == work.name)

    def _run(self, machine: Machine, ended_at: datetime | None) -> NodeRun:
        kind = self.settings.workspaces.instance_types[0]
        return NodeRun(
            instance=machine.instance,
            region=machine.region,
            instance_type=kind,
            launched_at=machine.launched_at,
            ended_at=ended_at,
        )


def _lively(work: Work) -> float:
    """How often its person does something: some never do."""
    return 0.0 if work.name.endswith(("3", "7")) else 1.0
