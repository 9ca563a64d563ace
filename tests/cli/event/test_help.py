"""`workshop event help`: one seat, for who helps its person."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said, saved
from tests.model.event.board.scene import NOON, board, seat, workspace
from workshop.cli.commands.event import help as command
from workshop.event.store.boards import Boards
from workshop.event.store.records import Records
from workshop.event.store.requests import Requests
from workshop.model.event.board.document import Need, NeedKind
from workshop.model.event.board.needs import SeatNotes
from workshop.model.event.board.remedies import remedies

Keeper = Callable[[Mapping[str, object]], None]
LOGS = {"build": "\n".join(f"line {n} of the build" for n in range(1, 21)), "start": "hello\x1b[31m", "app": ""}

DONE: list[tuple[list[str], tuple[str, Mapping[str, str]], Mapping[str, str], str]] = [
    (["--logs", "start"], ("logs", {}), LOGS, "Log of start: hello"),
    (["--restart"], ("restart", {}), {}, "workshop-01 is saved first, and begins again after that."),
    (["--move"], ("move", {}), {}, "workshop-01 is saved first, and begins again after that."),
    (["--done"], ("lower-hand", {}), {}, "The hand of workshop-01 is lowered."),
    (
        ["--say", "Coming"],
        ("message", {"text": "Coming"}),
        {"said": "written to 2 terminals"},
        "workshop-01: written to 2 terminals.",
    ),
]


@pytest.fixture
def event(begin: Begun) -> Records:
    """Seat 1 has raised its hand, and the keeper lives."""
    records = begin()
    records.take_over(datetime.now(UTC))
    records.change_seat(1, state="ready", workspace_id="w1", account="ada")
    notes = {1: SeatNotes(display="Ada", hand_at=NOON, hand_text="which file?")}
    Boards(records.engine, "october").keep(board((seat(1), seat(2)), (workspace(1), workspace(2)), notes=notes))
    records.note(datetime.now(UTC), "save", "workshop-01", "done", "saved")
    return records


@pytest.fixture
def keeper(event: Records, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, Mapping[str, object]]]]:
    """Answers whatever is asked for while the command waits; tells what that was."""
    asked: list[tuple[str, Mapping[str, object]]] = []

    def answering(answer: Mapping[str, object], problem: str = "") -> list[tuple[str, Mapping[str, object]]]:
        def look(_: float) -> None:
            requests = Requests(str(event.engine.url), "october")
            for one in requests.unanswered():
                asked.append((one.action, one.data))
                requests.answer(one.id, datetime.now(UTC), answer, problem)
            requests.close()

        monkeypatch.setattr(command.time, "sleep", look)
        return asked

    return answering


@pytest.mark.parametrize("name", ["workshop-01", "1", "01"])
def test_what_is_wrong_what_can_be_done_and_what_was(run: Run, event: Records, keeper: Keeper, name: str) -> None:
    keeper(LOGS)
    event.add_receipt(saved(1, NOON))
    result = run("event", "help", name, "--users", "10")
    text = said(result.stdout)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "Seat workshop-01, Ada" in text
    assert "raised a hand: which file?" in text
    assert "write into its terminals scripts/workshop event help workshop-01 --say 'I am coming'" in text
    assert "Its person has not agreed that helpers look in." in text
    assert "2026-12-01 12:00 UTC saved 1 100" in text
    assert "save done saved" in text
    assert "Log of build, its last 8 lines of 20: line 13" in text
    assert r"hello\x1b[31m" in text
    assert "\x1b" not in text


def test_json_has_the_same(run: Run, event: Records, keeper: Keeper) -> None:
    keeper(LOGS)
    found = json.loads(run("event", "help", "workshop-01", "--users", "10", "--json").stdout)
    assert found["seat"]["needs"][0]["kind"] == "hand raised"
    assert found["logs"] == LOGS
    assert found["remedies"][0]["command"] == "workshop event help workshop-01 --say 'I am coming'"
    assert [one["action"] for one in found["journal"]] == ["save"]


def test_without_a_keeper_the_rest_is_shown(run: Run, event: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "KEEPER_IS_SILENT_AFTER", -1)
    text = said(run("event", "help", "workshop-01", "--users", "10").stdout)
    assert "Logs were not asked for: the keeper does not answer." in text
    assert "What is wrong: hand raised" in text


def test_a_seat_without_a_workspace_has_no_logs(run: Run, event: Records) -> None:
    result = run("event", "help", "workshop-02", "--users", "10")
    assert result.exit_code == 0
    assert "Nothing is known to be wrong." in said(result.stdout)


@pytest.mark.parametrize(("options", "asked", "answer", "printed"), DONE)
def test_what_is_done_by_the_keeper(
    run: Run,
    keeper: Callable[..., list[object]],
    options: list[str],
    asked: object,
    answer: Mapping[str, object],
    printed: str,
) -> None:
    heard = keeper(answer)
    result = run("event", "help", "workshop-01", "--users", "10", *options)
    assert result.exit_code == 0, result.output
    assert heard == [asked]
    assert printed in said(result.stdout)


def test_what_the_keeper_refuses_ends_with_its_reason(run: Run, keeper: Callable[..., object]) -> None:
    keeper({}, "workshop-01 does not run")
    result = run("event", "help", "workshop-01", "--users", "10", "--restart")
    assert result.exit_code == 2
    assert "Could not run: workshop-01: workshop-01 does not run" in said(result.output)


def test_a_keeper_that_does_not_answer_is_not_waited_for_for_ever(
    run: Run, event: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(command.time, "sleep", waited.append)
    result = run("event", "help", "workshop-01", "--users", "10", "--restart")
    assert result.exit_code == 2
    assert sum(waited) == command.PATIENCE.total_seconds()
    assert "it does what was asked for once it runs" in said(result.output)


def test_who_agreed_is_looked_in_at_by_the_helpers_own_session(run: Run, keeper: Callable[..., list[object]]) -> None:
    way_in = "coder ssh --disable-autostart ada/workshop-01"
    heard = keeper({"command": way_in, "until": "2026-12-01T12:00:00+00:00"})
    result = run("event", "help", "workshop-01", "--users", "10", "--terminal")
    assert result.exit_code == 0, result.output
    assert f"    {way_in}" in result.stdout.splitlines()
    assert "Its person agreed to it until 2026-12-01 12:00 UTC." in said(result.stdout)
    assert heard == [("look-in", {})]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["workshop-99"], "There is no seat 99"),
        (["nobody"], "'nobody' is no seat"),
        (["0"], "'0' is no seat"),
        (["workshop-01", "--restart", "--move"], "Say one of --logs"),
        (["workshop-01", "--say", " "], "--say takes 1 to 200 characters"),
        (["workshop-01", "--logs", "all"], "--logs all: must be one of build, start, app"),
    ],
)
def test_wrong_input_is_named(run: Run, event: Records, arguments: list[str], reason: str) -> None:
    result = run("event", "help", *arguments, "--users", "10")
    assert result.exit_code == 2
    assert reason in said(result.output)


def test_every_need_has_a_remedy() -> None:
    shown = board((seat(1),), (workspace(1),)).seats[0]
    for kind in NeedKind:
        assert remedies(shown.model_copy(update={"needs": (Need(kind=kind, text="x"),)})), kind
