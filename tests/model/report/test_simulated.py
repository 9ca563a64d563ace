"""Reports of events in which everything may fail: whatever was kept of them, there is a report, and it adds up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.model.event.simulation.keeper import Simulation
from workshop.model.event.receipts import Receipt
from workshop.model.event.seat_steps import at_this_look, state_of
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import Observed
from workshop.model.report.history import History, Line, SeatHistory
from workshop.model.report.report import Report, make_report


class Kept(Simulation):
    """A simulation of which is kept what the keeper keeps in its store."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.lines: list[Line] = []
        self.receipts: list[Receipt] = []
        self.states: dict[int, str] = {}

    def history(self) -> History:
        return History(
            seats=tuple(
                SeatHistory(
                    seat=one.number, is_wanted=one.is_wanted, failures=one.failures, finished_at=one.finished_at
                )
                for one in self.seats
            ),
            lines=tuple(self.lines),
            runs=tuple(self.runs.values()),
            looks={region: at for region, at in self.looks.items() if at is not None},
            receipts=tuple(self.receipts),
            ended_claims=self.kept.ended_claims,
            extensions=tuple(self.extensions),
            ended_at=None if self.kept.ending is None else self.kept.ending.at,
            reason="" if self.kept.ending is None else self.kept.ending.reason,
            settled_at=self.kept.settled_at,
        )

    def _seen(self) -> Observed:
        seen = super()._seen()
        for seat in self.seats if seen.workspaces is not None else []:
            state = state_of(at_this_look(seat, self.kept, seen), seen.now)
            if self.states.get(seat.number) != state:
                self.states[seat.number] = state
                self._note(Action.START, seat.name, state, is_state=True)
        return seen

    def _perform(self, step: Step) -> bool:
        self._note(step.action, step.subject, "begun")
        is_done = super()._perform(step)
        if not is_done or step.action is not Action.SAVE:
            self._note(step.action, step.subject, "done" if is_done else "failed")
        return is_done

    def _saved(self, number: int, step: Step) -> None:
        super()._saved(number, step)
        self.receipts.append(self.kept.receipts[number].model_copy(update={"key": f"archive-{len(self.receipts)}"}))
        self._note(step.action, step.subject, "done")

    def _note(self, action: Action, subject: str, phase: str, *, is_state: bool = False) -> None:
        name = "seat" if is_state else action.value
        self.lines.append(Line(at=self.now, action=name, subject=subject, phase=phase))


def check(report: Report, event: Kept) -> None:
    """What holds of every report."""
    kinds = sum((usd for kind, usd in report.money.actual.items() if kind != "ai"), Decimal(0))
    assert abs(kinds - report.money.spent) <= Decimal("0.05")
    assert all(usd >= 0 for usd in report.money.actual.values())
    assert report.money.saved == sum((one.usd for one in report.money.freed), Decimal(0))
    assert [one.usd for one in report.money.over_time] == sorted(one.usd for one in report.money.over_time)
    assert report.people.everybody.invited == len(event.seats)
    assert sum(report.people.engagement.values()) == (report.people.everybody.came or 0)
    assert report.starts.begun >= report.people.seats_used
    assert all(sum(one.counts.values()) == len(event.seats) for one in report.states)
    assert all(one.minutes is None or one.minutes >= 0 for one in report.incidents)
    assert sum(report.work.counts.values()) >= report.people.seats_used
    assert Report.model_validate_json(report.model_dump_json()) == report


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happened_the_report_adds_up(seed: int) -> None:
    event = Kept(seed)
    event.run()
    report = make_report(event.settings, event.history())
    check(report, event)
    assert report.is_settled
    assert report.money.running == 0


@pytest.mark.parametrize("lines", [0, 1, 40, 200])
def test_a_report_can_be_made_in_the_middle_of_it(lines: int) -> None:
    event = Kept(3)
    event.run()
    until = event.lines[lines].at
    event.lines = event.lines[: lines + 1]
    event.receipts = [one for one in event.receipts if one.at <= until]
    event.looks = dict.fromkeys(event.looks, until)
    event.runs = {name: run for name, run in event.runs.items() if run.launched_at <= until}
    report = make_report(event.settings, event.history())
    assert report.as_of >= until
    assert Report.model_validate_json(report.model_dump_json()) == report
