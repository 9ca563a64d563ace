"""A report of an event that was played: what it counts, what it says of what nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.model.report.played import ABSENT, BROKEN, EARLY, END, HOUR, IDLE, MINUTE, SETTLED, START, given, played
from workshop.model.event.preservation import Keeping
from workshop.model.event.seats import workspace_name
from workshop.model.report.history import History, Line
from workshop.model.report.incidents import Kind
from workshop.model.report.metric import NOT_MEASURED
from workshop.model.report.people import Engagement
from workshop.model.report.report import NothingKept, Report, make_report

NOTHING = History(looks={}, ended_claims={})


def made(**changes: Any) -> Report:  # noqa: ANN401 - fields of a History
    return make_report(given(), replace(played(), **changes))


def metric(report: Report, id_: str) -> tuple[str, bool | None]:
    return next((one.value, one.is_met) for one in report.metrics if one.id == id_)


def test_people_are_counted_by_what_is_known_of_them() -> None:
    people = made().people
    everybody = people.everybody
    assert (everybody.invited, everybody.accepted, everybody.tested, everybody.came) == (12, 11, 5, 10)
    assert people.external is not None
    assert (people.external.invited, people.external.came) == (4, 2)
    assert people.engagement == {
        Engagement.HIGH: 8,
        Engagement.MEDIUM: 2,
        Engagement.LOW: 0,
        Engagement.UNKNOWN: 0,
    }
    assert people.completed == 10


def test_who_leaves_before_the_end_has_not_completed_unless_they_say_that_they_are_done() -> None:
    gone = Line(at=END - HOUR, action="seat", subject="workshop-01", phase="stopped")
    lines = tuple(
        line
        for line in played().lines
        if line.subject != "workshop-01" or line.action != "seat" or line.at < END - HOUR
    )
    assert made(lines=(*lines, gone)).people.completed == 9
    seats = tuple(replace(one, finished_at=END - HOUR) if one.seat == 1 else one for one in played().seats)
    assert made(lines=(*lines, gone), seats=seats).people.completed == 10


def test_without_saves_and_door_nobody_knows_who_came() -> None:
    lines = tuple(line for line in played().lines if line.action != "save")
    report = made(lines=lines, visits=(), asked=(), hands=(), invitations=())
    assert report.people.everybody.came is None
    assert report.people.internal is None
    assert metric(report, "completion") == (NOT_MEASURED, None)
    assert metric(report, "concurrent-users") == (NOT_MEASURED, None)


def test_work_that_never_changed_is_low_engagement() -> None:
    visits = (*played().visits, replace(played().visits[0], person=workspace_name(IDLE)))
    assert made(visits=visits).people.engagement[Engagement.LOW] == 1


def test_starts_are_those_that_the_journal_has() -> None:
    starts = made().starts
    assert (starts.begun, starts.failed, starts.restarted, starts.failure_percent) == (17, 1, 1, 11.8)
    assert starts.actual.p50 == 86
    assert starts.early.slowest == 120
    assert starts.never_ready == 0
    assert starts.predicted.all_ready is not None
    lines = [line for line in played().lines if line.subject != workspace_name(BROKEN) or line.at < START]
    assert made(lines=tuple(lines)).starts.never_ready == 1


def test_all_ready_is_of_those_that_were_started_before_the_event() -> None:
    again = [
        Line(at=START + HOUR, action="start", subject="workshop-01", phase="begun"),
        Line(at=START + HOUR + MINUTE, action="seat", subject="workshop-01", phase="ready"),
    ]
    starts = made(lines=(*played().lines, *again)).starts
    assert (starts.begun, starts.actual.all_ready) == (18, made().starts.actual.all_ready)


def test_money_is_the_ledgers_and_its_kinds_add_up() -> None:
    money = made().money
    parts = sum((usd for kind, usd in money.actual.items() if kind != "ai"), Decimal(0))
    assert abs(parts - money.spent) <= Decimal("0.03")
    assert money.due == money.spent + 5
    assert money.left == 25 - money.due
    assert money.actual["early_access"] > 0
    assert [(one.region, one.ended_at) for one in money.freed] == [("us-east-2", END - 45 * MINUTE)]
    assert money.over_time[-1].usd == money.spent
    assert money.is_final


def test_a_node_that_ends_after_the_last_seat_saves_nothing() -> None:
    assert made(ended_claims={"i-2": END, "i-3": END}).money.freed == ()


def test_a_node_that_others_keep_is_counted_until_all_has_settled() -> None:
    kept = tuple(replace(run, ended_at=None) if run.instance == "i-3" else run for run in played().runs)
    report = made(runs=kept)
    assert report.money.left_to_others == 1
    assert (report.money.spent, report.as_of) == (made().money.spent, SETTLED)
    assert metric(report, "left-running") == ("0", True)


def test_who_starts_again_afterwards_is_counted() -> None:
    again = replace(played().runs[-1], instance="i-9", launched_at=SETTLED + HOUR, ended_at=SETTLED + 2 * HOUR)
    report = made(runs=(*played().runs, again))
    assert report.money.spent > made().money.spent
    assert report.as_of == SETTLED + 2 * HOUR


def test_what_nobody_saw_is_counted_at_the_limits_and_said() -> None:
    report = made(looks={"us-east-2": SETTLED, "us-west-2": SETTLED}, settled_at=None)
    assert report.money.actual["not seen"] > 0
    assert metric(report, "left-running") == (NOT_MEASURED, None)
    assert not report.money.is_final


def test_incidents_have_a_length_and_blockers_are_those_that_lasted() -> None:
    found = {(one.kind, one.subject): one for one in made().incidents}
    assert found[Kind.UNSEEN, "Coder"].minutes == 4
    assert not found[Kind.UNSEEN, "Coder"].is_blocker
    assert found[Kind.LATE, workspace_name(BROKEN)].minutes == 6.5
    assert found[Kind.HAND, "workshop-04"].is_blocker
    assert (Kind.HAND, "workshop-03") not in found
    assert metric(made(), "blockers") == ("2", True)


def test_an_outage_that_goes_on_lasts_until_now() -> None:
    lines = tuple(line for line in played().lines if (line.action, line.phase) != ("warning", "done"))
    outage = next(one for one in made(lines=lines).incidents if one.kind is Kind.UNSEEN)
    assert outage.minutes == (SETTLED - START - 20 * MINUTE) / MINUTE
    assert outage.is_blocker


def test_a_seat_that_was_given_up_is_a_blocker() -> None:
    lines = (*played().lines, Line(at=START, action="seat", subject=workspace_name(ABSENT), phase="lost"))
    seats = tuple(replace(one, failures=3) for one in played().seats)
    found = [one for one in made(lines=lines, seats=seats).incidents if one.kind is Kind.GIVEN_UP]
    assert [(one.subject, one.count, one.is_blocker) for one in found] == [("workshop-12", 3, True)]


def test_work_that_is_not_all_kept_is_named_with_its_reason() -> None:
    work = made().work
    assert work.counts[Keeping.SAVED] == 10
    assert [(one.seat, one.keeping, one.reason) for one in work.unkept] == [
        ("workshop-08", Keeping.OLDER, "the stream was cut")
    ]
    assert (work.downloads, work.downloads_by_staff, work.archives) == (1, 1, 45)
    assert work.usd_per_month == Decimal("0.05")
    assert metric(made(), "work-lost") == ("1", False)


def test_nobody_is_named_unless_asked_for() -> None:
    text = made().model_dump_json()
    assert "Ada" not in text
    assert "example.com" not in text
    assert "it did not answer for workshop-03" in text
    assert "workshop-11: 5" in text
    named = make_report(given(), played(), with_names=True)
    assert [one.person for one in named.seats][:2] == ["Ada Example", "Person 2"]
    assert "person3@example.com" in named.model_dump_json()


def test_nobody_else_is_named_either() -> None:
    kept = Line(at=START, action="warning", subject="node pool-x", phase="begun", text="kept: ws/coder-mallory")
    said = "coder-mallory, which is somebody else's, has come"
    lines = (*played().lines, kept, Line(at=START, action="end-claim", subject="pool-x", phase="failed", text=said))
    assert "mallory" not in made(lines=lines).model_dump_json()
    found = {one.kind: one for one in made(lines=lines).incidents if one.subject in ("node pool-x", "end-claim")}
    assert found[Kind.KEPT].what == "kept"
    assert found[Kind.STEP].what == "a pod, which is somebody else's, has come"


def test_interventions_are_commands_and_what_staff_did() -> None:
    assert metric(made(), "interventions") == ("2", False)
    assert metric(made(lines=()), "interventions") == ("1", True)
    afterwards = Line(at=SETTLED + HOUR, action="ask", subject="october", phase="done", text="Erased")
    assert metric(made(lines=(*played().lines, afterwards)), "interventions") == ("2", False)


def test_the_same_contents_give_the_same_report() -> None:
    shuffled = replace(played(), looks=dict(sorted(played().looks.items())))
    assert make_report(given(), shuffled).model_dump_json() == made().model_dump_json()
    assert Report.model_validate_json(made().model_dump_json()) == made()


def test_of_nothing_there_is_no_report() -> None:
    with pytest.raises(NothingKept, match="its keeper has not looked"):
        make_report(given(), NOTHING)


def test_an_event_of_which_little_is_kept_has_a_report_all_the_same() -> None:
    report = make_report(given(), replace(NOTHING, looks={"us-east-2": START}))
    assert (report.people.everybody.invited, report.starts.begun, report.starts.failure_percent) == (0, 0, None)
    assert metric(report, "failure-rate") == (NOT_MEASURED, None)


def test_settings_to_change_name_the_reason_and_the_command() -> None:
    slow = tuple(
        replace(line, at=line.at + timedelta(minutes=4)) if (line.action, line.phase) == ("seat", "ready") else line
        for line in played().lines
    )
    changes = {one.setting: one for one in made(lines=slow).changes}
    change = changes["workshop:arrival.build_seconds"]
    assert int(change.then) > int(change.now)
    assert change.command == f"pulumi config set --path workshop:arrival.build_seconds {change.then}"
    assert made(lines=played().lines).changes == ()
    tight = make_report(given(budget_usd=15), played())
    assert [one.setting for one in tight.changes] == ["workshop:event.budget_usd"]


def test_the_end_is_that_of_the_event_where_it_ended_early() -> None:
    report = made(ended_at=END - HOUR, reason="the budget is reached")
    assert (report.end, report.ended_early) == (END - HOUR, "the budget is reached")


def test_early_finishers_are_done() -> None:
    named = make_report(given(), played(), with_names=True)
    assert next(one for one in named.seats if one.seat == workspace_name(EARLY)).completed
