"""What helpers ask for of one seat, on the sandbox's clusters, Coder and S3."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.event.sandbox_event import SandboxEvent, event_of, workshop_in
from workshop.event.keeper.keeper import Keeper
from workshop.model.event.board.document import NeedKind
from workshop.model.event.requests import ENGINEER, Ask

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxEvent]:
    folder: Path = tmp_path_factory.mktemp("helping")
    with workshop_in(folder) as paths, event_of(paths, "helping", 1, f"sqlite:///{folder / 'event.db'}") as found:
        yield found


def ask(event: SandboxEvent, keeper: Keeper, action: Ask, **data: object) -> Mapping[str, Any]:
    """What came of it at the next look."""
    number = event.store.requests.ask(ENGINEER, action, event.now(), seat=1, data=data)
    keeper.once()
    outcome = event.store.requests.outcome(number)
    assert outcome is not None
    assert outcome.problem == ""
    return outcome.answer


def begins_again(event: SandboxEvent, keeper: Keeper) -> list[str]:
    """Until its work is back."""
    return event.until(keeper, lambda: "restored" in event.store.records.seats()[0].restored)


def test_a_seat_is_begun_again_with_its_work_told_and_looked_into(event: SandboxEvent) -> None:
    records = event.store.records
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"])
        before = records.seats()[0].workspace_id
        event.run(1, "sh", "-c", "mkdir terminals; touch terminals/0; echo work > notes.txt")

        assert ask(event, keeper, Ask.MESSAGE, text="Coffee at 11") == {"said": "written to 1 terminal"}
        assert event.run(1, "cat", "terminals/0") == b"\r\nCoffee at 11\r\n"
        said = ask(event, keeper, Ask.LOGS)
        assert said.keys() == {"build", "start", "app"}
        assert "Startup Script: " in said["start"]

        ask(event, keeper, Ask.RESTART)
        done = begins_again(event, keeper)
        assert [each.split()[0] for each in done if each.split()[0] in ("stop", "start", "delete")] == ["stop", "start"]
        assert event.run(1, "cat", "notes.txt") == b"work\n"
        assert records.seats()[0].workspace_id == before
        assert all(need.kind is not NeedKind.STOPPED for need in event.board().seats[0].needs)

        records.change_seat(1, restored="")
        event.run(1, "sh", "-c", "echo more >> notes.txt")
        ask(event, keeper, Ask.MOVE)
        done = begins_again(event, keeper)
        assert "create workshop-01" in done
        assert event.run(1, "cat", "notes.txt") == b"work\nmore\n"
        assert records.seats()[0].workspace_id != before
        seat = records.seats()[0]
        assert (seat.restart_wanted_at, seat.move_wanted_at, seat.failures) == (None, None, 0)
        records.end(event.now(), "ended by command")
    journal = [(one.action, one.subject, one.phase, one.text) for one in records.journal()]
    assert ("ask-restart", "workshop-01", "done", "asked by engineer") in journal
