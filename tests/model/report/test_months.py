"""Events side by side, and how many people the next one should try."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.model.report.played import MINUTE, SETTLED, START, given, played
from workshop.model.report.actions import ActionError, Actions
from workshop.model.report.incidents import Kind
from workshop.model.report.months import before, months, next_users
from workshop.model.report.report import Report, make_report


def october() -> Report:
    return make_report(given(), played())


def later(name: str, days: int, report: Report | None = None) -> Report:
    found = report or october()
    return found.model_copy(update={"event": name, "start": found.start + timedelta(days=days)})


def well(came: int | None = 10) -> Report:
    """In which nothing went wrong."""
    report = october()
    metrics = tuple(
        one.model_copy(update={"is_met": None if one.is_met is None else True, "number": 0.0}) for one in report.metrics
    )
    everybody = report.people.everybody.model_copy(update={"came": came})
    people = report.people.model_copy(update={"everybody": everybody})
    return report.model_copy(update={"metrics": metrics, "people": people, "incidents": ()})


def with_metric(id_: str, number: float) -> Report:
    report = well()
    metrics = tuple(
        one.model_copy(update={"is_met": False, "number": number}) if one.id == id_ else one for one in report.metrics
    )
    return report.model_copy(update={"metrics": metrics})


def test_events_are_in_the_order_of_their_starts() -> None:
    found = months([later("november", 28), october(), later("december", 56)])
    assert [one.event for one in found.months] == ["october", "november", "december"]
    assert found.months[0].numbers["failure-rate"] == 11.8
    assert (found.months[0].met, found.months[0].measured) == (6, 13)


def test_what_came_again_is_what_the_event_before_had_too() -> None:
    last = later("november", 28)
    assert months([october()]).months[0].repeated == ()
    again = months([october(), last]).months[1].repeated
    assert [(one.kind, one.subject) for one in again] == [
        (Kind.HAND, ""),
        (Kind.LATE, ""),
        (Kind.STEP, "create"),
        (Kind.UNSEEN, "Coder"),
    ]
    assert months([well(), last]).months[1].repeated == ()


@pytest.mark.parametrize(("came", "users"), [(4, 10), (10, 15), (15, 20), (22, 30), (30, 40), (55, 60), (60, 70)])
def test_what_went_well_takes_the_next_step_of_the_guide(came: int, users: int) -> None:
    found = next_users(well(came))
    assert found.users == users
    assert "stability and blockers met their targets" in found.why


def test_where_nobody_knows_who_came_it_is_as_many_again() -> None:
    found = next_users(well(None))
    assert (found.users, found.why) == (14, "nobody knows how many came: as many again")


def test_every_metric_that_is_compared_is_one() -> None:
    assert set(months([october()]).months[0].numbers) < {one.id for one in october().metrics}
    assert months([october()]).months[0].numbers["completion"] == 100


@pytest.mark.parametrize(
    ("id_", "number", "why"),
    [
        ("failure-rate", 5.0, "10 came; missed: workspaces that failed or were restarted: as many again"),
        ("visible-incidents", 1.0, "10 came; missed: incidents that people noticed: as many again"),
        ("blockers", 3.0, "10 came; missed: blockers: as many again"),
        ("failure-rate", 10.0, "10 came and 10 % of the starts failed: fewer until that is fixed"),
        ("work-lost", 1.0, "10 came and work was lost: fewer until that is fixed"),
    ],
)
def test_what_went_badly_does_not(id_: str, number: float, why: str) -> None:
    found = next_users(with_metric(id_, number))
    assert (found.users, found.why) == (10, why)


@pytest.mark.parametrize(("came", "users"), [(60, 50), (31, 30), (20, 15), (12, 10)])
def test_lost_work_takes_a_step_back(came: int, users: int) -> None:
    report = with_metric("work-lost", 1.0)
    everybody = report.people.everybody.model_copy(update={"came": came})
    people = report.people.model_copy(update={"everybody": everybody})
    assert next_users(report.model_copy(update={"people": people})).users == users


def test_of_an_event_that_has_not_settled_nothing_follows() -> None:
    running = make_report(given(), replace(played(), settled_at=None))
    assert months([running]).next is None
    assert months([]).next is None


def test_the_event_before_is_the_last_one_with_another_name() -> None:
    november = later("november", 28)
    assert before(november, [october(), later("september", -28), november]) == october()
    assert before(october(), [october()]) is None


def test_an_action_stays_open_until_it_is_done() -> None:
    kept = Actions().with_one("Raise the quota", "Ada", "october", START).with_one("Ask London", "", "october", START)
    kept = kept.with_done(1, SETTLED)
    assert [(one.id, one.what) for one in kept.open] == [(2, "Ask London")]
    assert kept.with_one("Raise the quota", "", "november", SETTLED).open[-1].id == 3
    assert Actions.model_validate(kept.model_dump(mode="json")) == kept


def test_what_can_not_be_done_says_what_is_open() -> None:
    kept = Actions().with_one("Raise the quota", "Ada", "october", START)
    with pytest.raises(ActionError, match="action 1 says so already"):
        kept.with_one(" raise the QUOTA ", "", "november", SETTLED)
    with pytest.raises(ActionError, match="there is no action 7; open are 1"):
        kept.with_done(7, SETTLED)
    with pytest.raises(ActionError, match="action 1 was done 2026-10-06; open are none"):
        kept.with_done(1, SETTLED).with_done(1, SETTLED + MINUTE)
