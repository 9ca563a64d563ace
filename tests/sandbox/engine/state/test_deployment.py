"""The state on disk: whole or refused, never half; one run at a time."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from workshop.sandbox.engine.errors import Locked, StateError
from workshop.sandbox.engine.state.deployment import State, StateFile
from workshop.sandbox.engine.state.journal import Journal
from workshop.sandbox.engine.state.lock import locked
from workshop.sandbox.engine.state.records import Record, in_dependency_order
from workshop.sandbox.engine.values import Secret


def record(name: str, *, id: str = "id", **fields: object) -> Record:
    return Record.model_validate(
        {"urn": f"urn:pulumi:s::p::t:m:T::{name}", "custom": True, "type": "t:m:T", "id": id, **fields}
    )


@pytest.fixture
def file(tmp_path: Path) -> StateFile:
    return StateFile(tmp_path / "sandbox.json")


def saved(file: StateFile, *records: Record) -> None:
    state = file.open(State())
    state.commit(put=records)
    file.close(state)


def test_what_is_saved_is_read_back(file: StateFile) -> None:
    first = record("first", inputs={"a": Secret({"b": [1, None]})}, propertyDependencies={"a": []}, sourcePosition="x")
    saved(file, first)
    assert list(file.load().records.values()) == [first]
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert not file.journal.exists()


def test_a_run_cut_short_is_read_from_its_journal(file: StateFile) -> None:
    saved(file, record("first"), record("second"))
    state = file.open(file.load())
    state.commit(put=[record("first", id="new"), record("third")], remove=[record("second").key])
    state.begin("creating", record("fourth"))
    with file.journal.open("a") as torn:
        torn.write('{"put": [{"urn"')
    read = file.load()
    assert {entry.urn[-5:]: entry.id for entry in read.records.values()} == {"first": "new", "third": "id"}
    assert [operation.kind for operation in read.pending.values()] == ["creating"]
    file.close(file.open(read))
    assert file.load().records == read.records
    assert not file.journal.exists()


def test_replaying_a_journal_twice_changes_nothing(file: StateFile) -> None:
    saved(file, record("old"), record("child", dependencies=[record("old").urn]))
    state = file.open(file.load())
    state.rename(record("old").urn, record("new").urn)
    state.commit(put=[record("new", id="changed"), record("new", id="before", delete=True)])
    journal = file.journal.read_text()
    once = file.load()
    file.save(once)
    file.journal.write_text(journal)
    assert file.load().records == once.records


def test_the_last_good_state_is_kept(file: StateFile) -> None:
    saved(file, record("first"))
    before = file.path.read_text()
    saved(file, record("second"))
    assert file.backup.read_text() == before
    assert stat.S_IMODE(file.backup.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 3}', '{"version": 3, "deployment": {"resources": [{}]}}'])
def test_a_damaged_state_is_refused_with_the_way_back(file: StateFile, text: str) -> None:
    file.path.write_text(text)
    with pytest.raises(StateError, match=r"damaged .*cp .*sandbox\.json\.bak .*sandbox\.json"):
        file.load()


def test_a_state_from_a_newer_release_is_refused(file: StateFile) -> None:
    file.path.write_text(json.dumps({"version": 4, "deployment": {}}))
    with pytest.raises(StateError, match="version 4, this engine reads 3"):
        file.load()


def test_a_journal_damaged_in_the_middle_is_refused(file: StateFile) -> None:
    file.journal.write_text('{"put"\n{"put": [], "remove": [], "end": null}\n')
    with pytest.raises(StateError, match="line 1 of the journal is damaged"):
        file.load()


def test_a_full_disk_stops_before_the_step(file: StateFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    state = file.open(State())
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StateError, match="No space left on device: nothing more was started"):
            state.begin("creating", record("first"))


def test_a_part_of_an_entry_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_write = os.write
    journal = Journal(tmp_path / "journal")

    def in_parts(descriptor: int, data: bytes) -> int:
        return real_write(descriptor, data[:5])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", in_parts)
        journal.write({"key": "a long value"}, sync=False)
    journal.close()
    assert json.loads((tmp_path / "journal").read_text()) == {"key": "a long value"}


def test_two_runs_at_once_are_told_apart(tmp_path: Path) -> None:
    lock = tmp_path / "sandbox.lock"
    with (
        locked(lock, "up"),
        pytest.raises(Locked, match=rf"sandbox: process {os.getpid()} on .* \(up since "),
        locked(lock, "up"),
    ):
        pass
    with locked(lock, "up"):
        assert json.loads(lock.read_text())["pid"] == os.getpid()


def test_the_name_that_a_crash_leaves_behind_locks_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "sandbox.lock"
    lock.write_text(json.dumps({"pid": 1, "host": "h", "since": "s", "operation": "up"}))
    with locked(lock, "up"):
        pass
    assert lock.read_text() == ""


def test_what_others_need_comes_first() -> None:
    third, second, first = (
        record("third", dependencies=[record("second").urn]),
        record("second", parent=record("first").urn),
        record("first"),
    )
    assert in_dependency_order([third, second, first]) == [first, second, third]
