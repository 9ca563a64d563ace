"""A whole event: the keeper's decisions are the product's, all else is made up. Nothing is timed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from tests.model.event.simulation.parts import Away, Build, Machine, Work
from tests.model.event.simulation.world import HOUR, LOOK, MINUTE, SECOND, World
from workshop.model.event.decisions import decide
from workshop.model.event.extensions import extended
from workshop.model.event.receipts import Receipt, Result
from workshop.model.event.seats import CODERS_NET, SAVE_TIME, Seat, own_spans, workspace_name
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import Ending, Node, Observed, Pod, Region, Workspace
from workshop.model.ledger import bill
from workshop.model.settings.section import given


class Simulation(World):
    """One event by its seed, with its keeper."""

    def run(self) -> None:
        """Until a day after the event."""
        end = self.plan.gone_at + 30 * HOUR
        while self.now < end:
            self._people()
            self._builds()
            self._nodes()
            if not self.is_away("keeper"):
                self._keeper()
            quiet = self.kept.settled_at is not None and not self.machines_running()
            self.now += HOUR if quiet else LOOK

    # The keeper, with the product's decisions.

    def _keeper(self) -> None:
        spans = own_spans(self.event, self.plan, given(self.settings.window), None)
        self.seats = [replace(one, spans=extended(spans, one.number, self.extensions)) for one in self.seats]
        self.kept = replace(self.kept, seats=tuple(self.seats))
        for number, (ready_at, step) in list(self.saves.items()):
            if self.now >= ready_at:
                del self.saves[number]
                self._saved(number, step)
        seen = self._seen()
        for step in decide(self.event, self.kept, seen):
            failed_at = self.failed.get((step.action, step.subject))
            if failed_at is not None and self.now - failed_at < MINUTE:
                continue
            if self.random.random() < 0.002:
                self.away.append(Away("keeper", self.now, self.now + MINUTE))  # killed in the middle
                self.saves.clear()
                return
            self.steps.append(step)
            if not self._perform(step):
                self.failed[step.action, step.subject] = self.now

    def _seen(self) -> Observed:
        for region in self.regions:
            if not self.is_away(f"ec2 {region}"):
                self.looks[region] = self.now
                for one in self.machines:
                    if one.region == region:
                        self.runs.setdefault(one.instance, self._run(one, None))
                        if one.ended_at is not None and self.runs[one.instance].ended_at is None:
                            self.runs[one.instance] = self._run(one, self.now)
        workspaces = None
        if not self.is_away("coder"):
            workspaces = {key: self._workspace(one) for key, one in self.works.items()}
            for seat in list(self.seats):
                found = workspaces.get((seat.owner or "", seat.name))
                if found is not None and found.is_ready:
                    self._change(seat.number, ready_build=found.build)
            self.kept = replace(self.kept, seats=tuple(self.seats))
        busy = sum(1 for one in self.works.values() if one.build.begun_at is not None and one.build.done_at is None)
        return Observed(
            now=self.now,
            workspaces=workspaces,
            idle_provisioners=0 if workspaces is None else self.provisioners - busy,
            regions={one: None if self.is_away(f"cluster {one}") else self._region(one) for one in self.regions},
            instances={
                region: None
                if self.is_away(f"ec2 {region}")
                else {one.instance: one.launched_at for one in self.machines if _bills(one, region)}
                for region in self.regions
            },
            bill=bill(self.event, self.plan, self.runs.values(), self.looks, self.now),
        )

    def _workspace(self, work: Work) -> Workspace:
        build = work.build
        up_since = None if build.done_at is None else build.done_at
        is_placed = any(work.id in one.seats and one.ready_at <= self.now for one in self.machines)
        return Workspace(
            id=work.id,
            owner=work.owner,
            name=work.name,
            status=build.status,
            transition=build.transition,
            build=build.number,
            build_id=f"{work.id}-{build.number}",
            created_at=build.at,
            build_at=build.at,
            started_at=build.at if build.transition == "start" else None,
            deadline=work.deadline,
            is_ready=build.status == "running" and is_placed and work.agent_comes and up_since is not None,
            failure="terraform failed" if build.status == "failed" else "",
        )

    def _region(self, region: str) -> Region:
        mine = [one for one in self.machines if one.region == region and one.ended_at is None]
        ids = {one.workspace_id for one in self.seats}
        return Region(
            nodes=tuple(
                Node(
                    region=region,
                    claim=f"claim-{one.instance}",
                    instance=one.instance,
                    seats=frozenset(one.seats & ids),
                    strangers=tuple(sorted(one.strangers)),
                    is_leaving=one.leaving_at is not None,
                )
                for one in mine
                if not (one.hangs and one.leaving_at is not None)
            ),
            pods={
                seat: Pod(
                    workspace_id=seat, region=region, namespace="coder-ws", name=seat, is_running=seat in one.seats
                )
                for one in mine
                for seat in one.seats | one.coming
            },
            is_closed=region in self.closed,
        )

    def _perform(self, step: Step) -> bool:
        """Whether it was done: what is away, or has a bad moment, does nothing."""
        coder = step.action in (
            *(Action.ACCOUNT, Action.BAN, Action.CREATE, Action.START, Action.STOP),
            *(Action.REPLACE, Action.CANCEL, Action.DELETE, Action.RELEASE, Action.EXTEND),
        )
        if coder and (self.is_away("coder") or self.random.random() < 0.02):
            return False
        if step.region is not None and self.random.random() < 0.02:
            return False
        match step.action:
            case Action.END:
                self.kept = replace(self.kept, ending=Ending(at=self.now, reason=step.why))
            case Action.SETTLE:
                self.kept = replace(self.kept, settled_at=self.now)
            case Action.CLOSE_POOL:
                self.closed.add(step.region or "")
            case Action.END_CLAIM:
                self._end_claim(step)
            case Action.TERMINATE:
                machine = self._machine(step.instance)
                if machine.strangers:
                    self.touched.append(machine.instance)
                self._end_machine(machine, "its node was terminated under it")
            case _:
                return self._of_seat(step)
        return True

    def _end_claim(self, step: Step) -> None:
        machine = self._machine(step.instance)
        if machine.strangers or any(one.startswith("stranger") for one in machine.coming):
            self.touched.append(machine.instance)
        machine.leaving_at = self.now
        ended = {**self.kept.ended_claims, machine.instance: self.kept.ended_claims.get(machine.instance, self.now)}
        self.kept = replace(self.kept, ended_claims=ended)

    def _of_seat(self, step: Step) -> bool:
        seat = next(one for one in self.seats if one.number == step.seat)
        work = self.works.get((seat.owner or "", seat.name))
        match step.action:
            case Action.ACCOUNT:
                self._change(seat.number, owner=f"person-{seat.number}")
            case Action.BAN:
                banned, claimed = self.kept.banned | {seat.owner or ""}, self.kept.claimed | {seat.number}
                self.kept = replace(self.kept, banned=banned, claimed=claimed)
            case Action.RELEASE:
                banned, claimed = self.kept.banned - {seat.owner or ""}, self.kept.claimed - {seat.number}
                self.kept = replace(self.kept, banned=banned, claimed=claimed)
            case Action.WARN:
                assert step.minutes is not None
                assert step.end is not None
                given_notices = self.kept.notices | {(seat.number, step.minutes, step.end)}
                self.kept = replace(self.kept, notices=given_notices)
            case Action.SAVE:
                took = SECOND * self.random.choice([5, 30, 90])
                self.saves.setdefault(seat.number, (self.now + took, step))
            case Action.CREATE:
                assert work is None, "a seat was made twice"
                self._create(seat, (step.end or self.now) + SAVE_TIME + CODERS_NET - self.now)
            case Action.EXTEND:
                assert work is not None
                assert work.deadline is not None, "one that is cleared stays so"
                work.deadline = (step.end or self.now) + SAVE_TIME + CODERS_NET
            case _:
                assert work is not None
                self._change_build(step, seat, work)
        return True

    def _create(self, seat: Seat, ttl: timedelta) -> None:
        made = Work(
            id=f"workspace-{seat.number}-{self.now:%d%H%M%S}",
            owner=seat.owner or "",
            name=workspace_name(seat.number),
            build=Build(number=1, transition="start", at=self.now),
            ttl=ttl,
            builds_badly=self.random.random() < 0.1,
            agent_comes=self.random.random() < 0.95,
        )
        self.works[made.owner, made.name] = made
        self._change(seat.number, workspace_id=made.id)

    def _change_build(self, step: Step, seat: Seat, work: Work) -> None:
        if step.action == Action.CANCEL:
            if work.build.done_at is None and self.random.random() < 0.5:  # most templates let nobody cancel
                work.build.done_at, work.build.status = self.now, "canceled"
            return
        if work.build.done_at is None:
            return  # 409
        if step.action == Action.REPLACE:
            self._change(seat.number, failures=seat.failures + 1)
        transitions: dict[Action, Literal["start", "stop", "delete"]] = {Action.START: "start", Action.STOP: "stop"}
        self._build(work, transitions.get(step.action, "delete"))

    def _saved(self, number: int, step: Step) -> None:
        """A save ends: what is in its receipt was read when it began."""
        seat = next(one for one in self.seats if one.number == number)
        work = self.works.get((seat.owner or "", seat.name))
        pod = next((one for one in self.machines if work is not None and work.id in one.seats), None)
        result = Result.SAVED
        reason = ""
        if work is None or pod is None or self.is_away(f"cluster {pod.region}") or self.random.random() < 0.05:
            result, reason = Result.FAILED, "the stream was cut"
        is_saved = result == Result.SAVED
        receipt = Receipt(
            seat=number,
            workspace_id=step.workspace_id or "",
            build_number=1 if work is None else work.build.number,
            at=self.now,
            result=result,
            reason=reason,
            key="archive" if is_saved else "",
            sha256="0" * 64 if is_saved else "",
            bytes=int(is_saved),
        )
        self.kept = replace(self.kept, receipts={**self.kept.receipts, number: receipt})

    def _machine(self, instance: str | None) -> Machine:
        return next(one for one in self.machines if one.instance == instance)


def _bills(machine: Machine, region: str) -> bool:
    return machine.region == region and machine.ended_at is None
