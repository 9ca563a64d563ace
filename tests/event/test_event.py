"""The event from its first account to its last node, on the sandbox's clusters, Coder, EC2 and S3."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.event.killing import Killed, kill_at
from tests.event.sandbox_event import SandboxEvent, event_of, finish, is_settled, workshop_in
from workshop.event.keeper.keeper import Keeper
from workshop.event.store.records import Superseded
from workshop.model.event.extensions import Extension
from workshop.model.event.receipts import Result
from workshop.model.event.steps import Action, Step
from workshop.model.settings.section import given
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.slow
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with workshop_in(tmp_path_factory.mktemp("event")) as found:
        yield found


@pytest.fixture
def event(paths: SandboxPaths, request: pytest.FixtureRequest, tmp_path: Path) -> Generator[SandboxEvent]:
    name = request.node.name.replace("test_", "").replace("_", "-")[:20].strip("-")
    is_on_postgres = request.node.get_closest_marker("postgresql") is not None
    url = request.getfixturevalue("postgres_url") if is_on_postgres else f"sqlite:///{tmp_path / 'event.db'}"
    with event_of(paths, name, 3, url, budget_usd=2000) as found:  # EC2 still lists the nodes of events before
        yield found


def test_three_seats_from_account_to_settled(event: SandboxEvent) -> None:
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        assert len(event.pool_claims()) == 2  # two share a node in Ohio, one has Oregon's
        keeper.once()  # Coder may say that they are ready a moment after the cluster was asked
        board = event.board()
        assert (board.states, len(board.nodes), board.provisioners.keys()) == ({"ready": 3}, 2, {"idle"})
        assert board.money.usd_per_hour_by_state.keys() == {"ready"}
        event.run(2, "sh", "-c", "mkdir -p project .ssh; echo work > project/notes.txt; echo key > .ssh/id_rsa")

        event.move(3 * HOUR + 25 * MINUTE)
        done = event.until(keeper, lambda: is_settled(event), step=MINUTE)
        order = [done.index(f"{action} workshop-02") for action in ("warn", "save", "stop")]
        assert order == sorted(order)
        assert done.index("stop workshop-02") < min(done.index(each) for each in done if each.startswith("end-claim"))
    assert event.pool_claims() == []
    receipts = {one.seat: one for one in event.store.records.receipts()}
    assert [receipts[seat].result for seat in (1, 2, 3)] == [Result.EMPTY, Result.SAVED, Result.EMPTY]
    assert (receipts[2].files, receipts[2].left_out) == (1, (".ssh",))
    assert all(run.ended_at is not None for run in event.store.ledger.runs())


def test_work_goes_into_another_seat_and_terminals_are_warned(event: SandboxEvent) -> None:
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        event.run(1, "sh", "-c", "echo work > notes.txt; echo more > more.txt")
        event.run(2, "sh", "-c", "mkdir terminals; touch terminals/0 terminals/1 terminals/ptmx; echo own > notes.txt")
        event.store.records.change_seat(1, save_wanted_at=event.now())
        assert "save workshop-01" in event.until(keeper, lambda: bool(event.store.records.receipts()))
        event.store.records.change_seat(2, restore_from=1)
        assert "restore workshop-02" in [f"{each.action} {each.subject}" for each in keeper.once().done]
        assert keeper.once().done == ()  # once is enough
        assert event.run(2, "cat", "notes.txt", "more.txt") == b"own\nmore\n"
        seat = event.store.records.seats()[1]
        assert seat.restore_from is None
        assert seat.restored.startswith("work of seat 1, saved ")
        assert seat.restored.endswith(": restored; already there, not replaced: notes.txt")

        event.move(3 * HOUR + 2 * MINUTE)
        keeper.once()
        [text] = {event.run(2, "cat", f"terminals/{each}") for each in (0, 1)}
        assert text.startswith(b"\r\nworkshop-02 stops in 2")
        assert text.endswith(b" UTC. Your work is saved before.\r\n")
        assert event.run(2, "cat", "terminals/ptmx") == b""
        finish(event, keeper)
    done = {(one.subject, one.action): one.text for one in event.store.records.journal() if one.phase == "done"}
    assert done["workshop-02", "restore"] == seat.restored
    assert done["workshop-02", "warn"] == "written to 2 terminals"
    assert done["workshop-01", "warn"] == "written to 0 terminals"


def test_own_work_comes_back_after_a_restart_when_it_is_asked_for(event: SandboxEvent) -> None:
    records = event.store.records
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        event.run(3, "sh", "-c", "echo first > notes.txt")
        records.change_seat(3, save_wanted_at=event.now())
        event.until(keeper, lambda: bool(records.receipts()))
        workspace = records.seats()[2].workspace_id or ""
        assert event.systems.coder.build(workspace, "stop") is not None
        event.until(keeper, lambda: event.states()[2] == "stopped")
        assert event.systems.coder.build(workspace, "start") is not None
        event.until(keeper, lambda: event.states()[2] == "ready")
        event.run(3, "sh", "-c", "[ ! -e notes.txt ]; echo second > second.txt")
        event.move(MINUTE)
        records.change_seat(3, save_wanted_at=event.now())
        event.until(keeper, lambda: [one.build_number for one in records.receipts() if one.seat == 3] == [1, 3])
        records.change_seat(3, restore_from=3)
        event.until(keeper, lambda: records.seats()[2].restore_from is None)
        assert event.run(3, "cat", "notes.txt", "second.txt") == b"first\nsecond\n"
        records.change_seat(1, restore_from=2)
        event.until(keeper, lambda: records.seats()[0].restore_from is None)
        finish(event, keeper)
    assert records.seats()[0].restored == "there is no work of seat 2 that is not in it already"


def test_a_day_later_workspaces_and_accounts_are_gone(event: SandboxEvent) -> None:
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        finish(event, keeper)
        event.move(25 * HOUR)
        event.until(keeper, lambda: not any(one.is_ours for one in event.store.records.seats()), step=MINUTE)
    ours = [one for one in event.contents().users.values() if one.email.startswith(event.name)]
    assert ours
    assert all(one.is_deleted for one in ours)


@pytest.mark.postgresql
def test_killed_at_every_step_it_goes_on(event: SandboxEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each keeper does one step and is gone, now before and now after it; a next one takes over."""
    killed: list[Step] = []
    moved = False
    for turn in range(200):
        with pytest.MonkeyPatch.context() as patch, event.keeper() as keeper:
            here = kill_at(keeper, patch, 1 + turn % 2, before=turn % 3 == 0)
            with suppress(Killed):
                keeper.once()
            killed += here
        if not moved and event.states() == ["ready"] * 3:
            event.run(1, "sh", "-c", "echo work > notes.txt")
            event.move(3 * HOUR + 25 * MINUTE)
            moved = True
        elif moved:
            event.move(MINUTE)
        if is_settled(event):
            break
        time.sleep(0.1)
    assert is_settled(event)
    assert {Action.CREATE, Action.SAVE, Action.STOP} <= {step.action for step in killed}
    accounts = {key: one for key, one in event.contents().users.items() if one.email.startswith(event.name)}
    assert len(accounts) == 3
    assert len([one for one in event.contents().workspaces.values() if one.owner_id in accounts]) == 3
    receipts = {one.seat: one for one in event.store.records.receipts()}
    assert receipts[1].result is Result.SAVED
    assert event.pool_claims() == []


def test_a_keeper_that_was_taken_over_does_nothing_more(event: SandboxEvent) -> None:
    with event.keeper() as old, event.keeper() as new:
        with pytest.raises(Superseded):
            old.once()
        assert {step.action for step in new.once().done} == {Action.ACCOUNT}


def test_while_the_database_is_away_work_is_saved_and_seats_stop(event: SandboxEvent, tmp_path: Path) -> None:
    file, away = tmp_path / "event.db", tmp_path / "away.db"
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        event.run(3, "sh", "-c", "echo work > notes.txt")
        event.move(3 * HOUR + 31 * MINUTE)
        event.store.records._engine.dispose()  # pyright: ignore[reportPrivateUsage]
        file.rename(away)
        file.mkdir()  # no database can be opened there
        done: list[str] = []
        for _ in range(8):
            done += [each.action for each in keeper.once().done]
            event.move(MINUTE)
            time.sleep(0.3)
        assert [done.count(each) for each in ("save", "stop", "end-claim", "settle", "warn")] == [3, 3, 2, 0, 0]
        assert event.pool_claims() == []
        file.rmdir()
        away.rename(file)
        event.until(keeper, lambda: is_settled(event), step=MINUTE)
    receipts = {one.seat: one for one in event.store.records.receipts()}
    assert receipts[3].result is Result.SAVED
    stops = [one for one in event.store.records.journal() if one.action == "stop"]
    assert [(one.phase, one.subject) for one in stops if one.phase == "done"] == [
        ("done", f"workshop-0{seat}") for seat in (1, 2, 3)
    ]


def test_one_day_more(event: SandboxEvent) -> None:
    """A seat that was saved and stopped may be started again by its person, for an hour at a time."""
    records, coder = event.store.records, event.systems.coder
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        end = event.now() + 3 * HOUR + 30 * MINUTE
        records.extend(Extension(seat=2, made_at=event.now(), ends_at=end + 24 * HOUR, hours=HOUR))
        event.move(3 * HOUR + 31 * MINUTE)
        event.until(keeper, lambda: event.states() == ["stopped"] * 3, step=MINUTE)
        event.move(2 * HOUR)
        coder.build(records.seats()[1].workspace_id or "", "start")
        event.until(keeper, lambda: event.states() == ["stopped", "ready", "stopped"])
        event.run(2, "sh", "-c", "echo more > more.txt")
        event.move(HOUR)
        event.until(keeper, lambda: event.states() == ["stopped"] * 3, step=MINUTE)
        assert records.receipts()[-1].result is Result.SAVED
        assert not is_settled(event)
        event.move(24 * HOUR)
        event.until(keeper, lambda: is_settled(event), step=MINUTE)


def test_coder_does_not_stop_a_seat_that_was_given_more_time(event: SandboxEvent) -> None:
    records, coder = event.store.records, event.systems.coder
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        end = given(event.settings.window).start + 3 * HOUR
        records.extend(Extension(seat=2, made_at=event.now(), ends_at=end + 50 * MINUTE))
        coder.extend(records.seats()[0].workspace_id or "", event.now() + 40 * MINUTE)  # as its person may
        done = event.until(keeper, lambda: True)
        assert {one for one in done if one.startswith("extend")} == {"extend workshop-01", "extend workshop-02"}
        deadlines = [given(coder.workspace(one.workspace_id or "")).latest_build.deadline for one in records.seats()]
        assert [given(deadlines[0]) - end, given(deadlines[1]) - end] == [70 * MINUTE, 120 * MINUTE]
        assert keeper.once().done == ()
        finish(event, keeper)


def test_a_clock_that_goes_back_ends_and_repeats_nothing(event: SandboxEvent) -> None:
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
    slow = Keeper(
        event.settings,
        event.systems,
        event.store,
        event.in_pods,
        clock=lambda: event.now() - 5 * HOUR,
        journal=event.paths.folder / "slow.jsonl",
    )
    with slow:
        seen = slow.once()
    assert seen.done == ()
    assert "behind what it showed before" in seen.problems["the keeper's clock"]
    with event.keeper() as keeper:
        finish(event, keeper)
