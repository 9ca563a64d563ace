"""What people ask of the keeper is kept for it; what can't be done any more is refused, and says what can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said, saved

SILENT = "Warning: the keeper has never run; nothing is done while it does not run."
USERS = ("--users", "10")


def refused(run: Run, *arguments: str) -> str:
    """Why a command was refused."""
    result = run("event", *arguments, *USERS)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return said(result.output)


def done(run: Run, *arguments: str) -> str:
    """What a command says that was taken."""
    result = run("event", *arguments, *USERS)
    assert result.exit_code == 0, result.output
    return said(result.stdout)


def test_a_seat_that_was_given_up_is_tried_again(run: Run, begin: Begun) -> None:
    records = begin()
    records.change_seat(1, failures=3, problem="terraform apply: exit status 1")
    assert f"workshop-01 is started now. {SILENT}" in done(run, "start", "--seat", "1")
    assert (records.seats()[0].failures, records.seats()[0].problem) == (0, "")


def test_who_had_not_accepted_gets_a_seat_at_once_or_with_the_others(run: Run, begin: Begun) -> None:
    records = begin(-3)
    start = datetime.now(UTC) + timedelta(hours=2)
    assert f"workshop-02 is started {start:%Y-%m-%d %H:%M} UTC." in done(run, "start", "--seat", "2")
    assert records.seats()[1].is_wanted


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("start", "--seat", "1"), "workshop-01 is started by itself: see workshop event participants"),
        (("start", "--seat", "4"), "There is no seat 4"),
        (("restore", "--seat", "4"), "There is no seat 4"),
        (("restore", "--seat", "1", "--from-seat", "4"), "There is no seat 4"),
        (("restore", "--seat", "1"), "Nothing of workshop-01 was saved yet: workshop event save --seat 1"),
        (("save",), "Nothing to save: no seat runs."),
        (("save", "--seat", "1"), "workshop-01 does not run."),
        (("save", "--seat", "4"), "There is no seat 4"),
        (("extend",), "Say either --by MINUTES or --days N."),
        (("extend", "--by", "5", "--days", "1"), "Say either --by MINUTES or --days N."),
        (("extend", "--seat", "4", "--by", "5"), "There is no seat 4"),
        (("extend", "--by", "61"), "raise latest_end of workshop:event, run up, and extend it then"),
        (("end", "--seat", "4"), "There is no seat 4"),
        (("provision",), "Seats are being started since their time came: see workshop event status"),
        (("start",), "Missing option '--seat'"),
        (("start", "--seat", "0"), "greater than or equal to 1"),
        (("restore",), "Missing option '--seat'"),
    ],
)
def test_what_does_not_fit_is_refused(run: Run, begin: Begun, arguments: tuple[str, ...], reason: str) -> None:
    records = begin()
    before = records.seats(), records.event(), records.extensions()
    assert reason in refused(run, *arguments)
    assert (records.seats(), records.event(), records.extensions()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("start", "--seat", "2"),
        ("restore", "--seat", "1"),
        ("extend", "--by", "5"),
        ("extend", "--days", "1"),
        ("end",),
        ("end", "--seat", "1"),
        ("provision",),
    ],
)
def test_nothing_is_begun_after_the_end(run: Run, begin: Begun, arguments: tuple[str, ...]) -> None:
    begin().end(datetime.now(UTC), "ended by command")
    assert "The event has ended: ended by command." in refused(run, *arguments)


@pytest.mark.parametrize("command", ["end", "provision", "extend", "save"])
def test_before_anybody_has_a_seat_there_is_nothing_to_ask_for(run: Run, begin: Begun, command: str) -> None:
    begin(roster=None)
    reason = "Nobody has a seat yet: workshop event participants --add roster.csv"
    assert reason in refused(run, command, *(("--by", "5") if command == "extend" else ()))


def test_saved_work_of_a_seat_or_of_another_is_asked_for(run: Run, begin: Begun) -> None:
    records = begin()
    records.change_seat(2, restored="before")
    records.add_receipt(saved(1, datetime.now(UTC)))
    text = done(run, "restore", "--seat", "2", "--from-seat", "1")
    assert "Work of workshop-01 is put into workshop-02 once that is ready." in text
    assert (records.seats()[1].restore_from, records.seats()[1].restored) == (1, "")
    done(run, "restore", "--seat", "1")
    assert records.seats()[0].restore_from == 1


def test_seats_that_run_are_saved(run: Run, begin: Begun) -> None:
    records = begin()
    records.change_seat(1, state="ready")
    records.change_seat(3, state="stopping")
    assert "Work of 2 seats is saved at the keeper's next look." in done(run, "save")
    assert [one.save_wanted_at is None for one in records.seats()] == [False, True, False]
    assert "Work of workshop-01 is saved at the keeper's next look." in done(run, "save", "--seat", "1")


def test_a_seat_ends_or_all_of_it(run: Run, begin: Begun) -> None:
    records = begin()
    assert "workshop-01 is saved and stopped at the keeper's next look." in done(run, "end", "--seat", "1")
    assert records.seats()[0].finished_at is not None
    assert "workshop-01 has ended: its person may start it again after workshop event extend" in refused(
        run, "start", "--seat", "1"
    )
    assert "It has stopped already: with --days it may be started again." in refused(
        run, "extend", "--seat", "1", "--by", "5"
    )
    assert "The whole event is saved and stopped at the keeper's next look." in done(run, "end")
    assert records.event().reason == "ended by command"


def test_more_time_says_for_whom_until_when_and_for_how_much(run: Run, begin: Begun) -> None:
    records = begin()
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=4)
    by = end + timedelta(minutes=30)
    assert f"All seats run until {by:%Y-%m-%d %H:%M} UTC; it costs about 0.45 USD." in done(run, "extend", "--by", "30")
    text = done(run, "extend", "--seat", "1", "--days", "1", "--hours", "3")
    later = by + timedelta(days=1)
    assert f"workshop-01 may be started for 3 hours at a time until {later:%Y-%m-%d %H:%M} UTC" in text
    assert "it costs about 0.89 USD for each time." in text
    running, access = records.extensions()
    assert (running.seat, running.ends_at, running.hours) == (None, by, None)
    assert (access.seat, access.ends_at, access.hours) == (1, later, timedelta(hours=3))
    done(run, "end", "--seat", "2")
    assert "All seats run until" in done(run, "extend", "--by", "10")
    assert "it costs about 0.10 USD" in done(run, "extend", "--by", "10")


def test_seats_start_before_their_time(run: Run, begin: Begun) -> None:
    records = begin(-3)
    assert "Seats start now: up to " in done(run, "provision")
    assert records.event().provisioned_at is not None
    assert "Seats are being started since their time came" in refused(run, "provision")


def test_a_keeper_that_looks_is_no_warning_and_one_that_does_not_any_more_is(run: Run, begin: Begun) -> None:
    records = begin()
    records.take_over(datetime.now(UTC))
    assert "Warning" not in done(run, "end", "--seat", "1")
    records.take_over(datetime.now(UTC) - timedelta(minutes=3))
    assert "Warning: the keeper was last seen" in done(run, "end", "--seat", "3")
