"""`workshop event participants` and `status`: who comes, how they fare, and how all of it stands."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said, saved

AT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


def test_each_seat_with_its_person_state_work_and_trouble(run: Run, begin: Begun) -> None:
    records = begin()
    records.change_seat(1, state="ready", account="ada", ready_build=1, restored="work of seat 2: restored")
    records.change_seat(3, failures=3, problem="terraform apply: \x1b[31mexit 1", restore_from=1)
    records.add_receipt(saved(1, AT))
    text = said(run("event", "participants", "--users", "10").stdout)
    assert "workshop-01 ada@example.com ada tested ready saved," in text
    assert "workshop-02 bob@example.com no answer planned" in text
    assert "workshop-01: work of seat 2: restored." in text
    assert "workshop-03: gets the work of seat 1 once it is ready." in text
    assert r"Warning: workshop-03 failed 3 times: terraform apply: \x1b[31mexit 1; it is not tried again" in text
    assert "before workshop event start --seat 3." in text
    assert "\x1b" not in text
    assert text.endswith("3 seats of 10 are taken.")


def test_json_has_the_same(run: Run, begin: Begun) -> None:
    records = begin()
    records.change_seat(1, state="ready", ready_build=1, restored="restored")
    records.add_receipt(saved(1, AT))
    first, second, third = json.loads(run("event", "participants", "--users", "10", "--json").stdout)
    assert (first["workspace"], first["email"], first["accepted"]) == ("workshop-01", "ada@example.com", True)
    assert (first["tested"], first["saved"]["result"], first["restored"]) == (True, "saved", "restored")
    assert (second["accepted"], second["saved"], second["tested"]) == (False, None, False)
    assert (third["account"], third["failures"], third["restore_from"]) == ("cy", 0, None)


def test_what_a_keeper_cannot_do_is_said_until_it_is_done(run: Run, begin: Begun) -> None:
    records = begin()

    def tries(phase: str, text: str, subject: str = "workshop-03", action: str = "account") -> None:
        line = {"generation": 1, "at": AT, "action": action, "subject": subject, "phase": phase, "text": text}
        records.add_entry(line)

    tries("failed", "Coder has no account of the name that the roster gives")
    tries("begun", "its person has no account yet")
    tries("failed", "", subject="workshop-02", action="seat")  # a state, as looks write it
    why = "Warning: workshop-03: account failed: Coder has no account of the name that the roster gives."
    for command in ("participants", "status"):
        text = said(run("event", command, "--users", "10").stdout)
        assert why in text
        assert "Warning: workshop-02" not in text
    document = json.loads(run("event", "status", "--users", "10", "--json").stdout)
    assert [one["failing"] for one in document["seats"]][:2] == [None, None]
    assert document["seats"][2]["failing"].startswith("account failed: ")
    tries("done", "found")
    assert "Warning: workshop-03" not in said(run("event", "status", "--users", "10").stdout)


def test_status_before_the_first_look_says_so(run: Run, begin: Begun) -> None:
    begin()
    text = said(run("event", "status", "--users", "10").stdout)
    assert "The keeper has not looked yet: what is said of seats, money and work is what was planned" in text


def test_who_is_added_again_keeps_the_seat_and_who_is_new_gets_the_next(run: Run, begin: Begun, tmp_path: Path) -> None:
    records = begin()
    more = tmp_path / "more.csv"
    more.write_text("email\nBOB@example.com\ndee@example.com\n", encoding="utf-8")
    assert run("event", "participants", "--users", "10", "--add", str(more)).exit_code == 0
    assert [(one.seat, one.email, one.is_wanted) for one in records.seats()][1:] == [
        (2, "bob@example.com", False),
        (3, "cy@example.com", True),
        (4, "dee@example.com", True),
    ]


@pytest.mark.parametrize(
    ("roster", "reason"),
    [
        ("email\nada@@example\n", "line 2: email must be an e-mail address"),
        ("address\nada@example.com\n", "line 1: must be the columns' names"),
        ("", "nobody is in it"),
        ("email\n" + "".join(f"p{n}@example.com\n" for n in range(8)), "8 more people would be more than the 10 seats"),
        (None, "No such file or directory"),
    ],
)
def test_a_roster_that_does_not_fit_adds_nobody(
    run: Run, begin: Begun, tmp_path: Path, roster: str | None, reason: str
) -> None:
    records, file = begin(), tmp_path / "next.csv"
    if roster is not None:
        file.write_text(roster, encoding="utf-8")
    result = run("event", "participants", "--users", "10", "--add", str(file))
    assert result.exit_code == 2
    assert reason in said(result.output)
    assert len(records.seats()) == 3


def test_status_says_what_is_wrong_and_whose_node_is_kept(run: Run, begin: Begun) -> None:
    records = begin()
    records.take_over(datetime.now(UTC))
    records.change_seat(1, state="ready", workspace_id="w")
    records.change_seat(3, failures=1, state="failed", problem="its build failed")
    records.keep_look({"node pool-x in us-east-2": "kept as long as others work on it: coder-ws/coder-eve"})
    result = run("event", "status", "--users", "10")
    text = said(result.stdout)
    assert result.exit_code == 0
    assert "Event october is running. 3 seats of 10: 1 failed, 1 planned, 1 ready." in text
    assert "Warning: node pool-x in us-east-2: kept as long as others work on it: coder-ws/coder-eve" in text
    assert "Warning: workshop-03 failed 1 time: its build failed" in text
    assert "Warning: late, not ready yet: workshop-03." in text
    assert "seat 01 unseen: no save was tried" in text
    assert "The keeper looked last" in text


def test_status_as_json(run: Run, begin: Begun) -> None:
    records = begin()
    records.keep_look({"Coder": "it did not answer"})
    records.change_seat(1, state="starting")
    document = json.loads(run("event", "status", "--users", "10", "--json").stdout)
    assert (document["event"], document["phase"], document["budget_usd"]) == ("october", "running", 200)
    assert [one["late"] for one in document["seats"]] == ["not ready yet", None, "not ready yet"]
    assert document["look"] == {"Coder": "it did not answer"}
    assert document["heartbeat_at"] is None


@pytest.mark.parametrize(
    ("hours", "phase"), [(-2, "announced"), (-0.5, "provisioning"), (1, "running"), (5.5, "ending")]
)
def test_the_phase_follows_the_clock(run: Run, begin: Begun, hours: float, phase: str) -> None:
    begin(hours)
    assert json.loads(run("event", "status", "--users", "10", "--json").stdout)["phase"] == phase


def test_the_phase_follows_what_was_done(run: Run, begin: Begun) -> None:
    records, now = begin(), datetime.now(UTC)
    records.end(now, "ended by command")
    assert "Event october is ending, ended by command" in said(run("event", "status", "--users", "10").stdout)
    records.settle(now + timedelta(minutes=9))
    assert "Event october is settled, ended by command" in said(run("event", "status", "--users", "10").stdout)
