"""A stack's file and its history are written both or not at all, and what was begun is gone on with."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import Result

from tests.cli.conftest import FakeBackend, Run
from tests.cli.images import NEWER, PINNED, World, digest_of, world
from tests.model.given import NOON
from workshop.cli.commands.images import pins
from workshop.model.images.history import Release
from workshop.model.outcome import Outcome

A, B, OLDER = digest_of(PINNED), digest_of(NEWER), f"sha256:{'0' * 64}"
PROMOTE = ("images", "promote", "--override", "schema-change")
BACK = ("images", "rollback", "--users", "20", "--override", "schema-change")


def said(result: Result) -> str:
    """What it printed, however it was wrapped."""
    return " ".join(result.stdout.split())


@pytest.fixture
def here(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("workshop.cli.stack.now", lambda: NOON)
    return world(checkout, monkeypatch)


@pytest.mark.parametrize("command", [("check",), ("promote",), ("rollback", "--users", "20")])
def test_a_history_that_is_no_text_is_named(run: Run, here: World, fake: FakeBackend, command: tuple[str, ...]) -> None:
    here.history.parent.mkdir()
    here.history.write_bytes(b"\xff")
    result = run("images", *command)
    assert result.exit_code == 2
    assert "images/sandbox.yaml can't be read: it is not text in UTF-8; take it" in said(result)


def test_a_history_that_is_a_folder_is_named(run: Run, here: World) -> None:
    here.history.mkdir(parents=True)
    result = run(*PROMOTE)
    assert result.exit_code == 2
    assert "images/sandbox.yaml can't be read: Is a directory; take it from git" in said(result)


@pytest.mark.parametrize("is_new", [True, False])
def test_where_the_file_can_not_be_written_the_history_is_as_it_was(
    run: Run, here: World, monkeypatch: pytest.MonkeyPatch, is_new: bool
) -> None:
    if not is_new:
        here.history.parent.mkdir()
        here.history.write_text("# none yet\n")
    before = here.file.read_text(), here.history.read_text() if here.history.exists() else None
    write_whole = pins.write_whole

    def write(path: Path, text: str) -> None:
        if path.name == here.file.name:
            raise PermissionError(13, "Permission denied", str(path))
        write_whole(path, text)

    monkeypatch.setattr(pins, "write_whole", write)
    result = run(*PROMOTE)

    assert result.exit_code == 2
    assert "Permission denied" in said(result)
    assert (here.file.read_text(), here.history.read_text() if here.history.exists() else None) == before


def test_a_link_stays_one(run: Run, here: World, tmp_path: Path) -> None:
    here.history.parent.mkdir()
    here.history.symlink_to(tmp_path / "history.yaml")
    here.file.rename(tmp_path / "stack.yaml")
    here.file.symlink_to(tmp_path / "stack.yaml")

    assert run(*PROMOTE).exit_code == 0

    assert here.file.is_symlink()
    assert here.history.is_symlink()
    assert B in (tmp_path / "stack.yaml").read_text()
    assert B in (tmp_path / "history.yaml").read_text()


def test_of_two_at_once_one_is_told_to_run_again(run: Run, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile() -> str:
        here.set("# another\n")
        return "Ada"

    monkeypatch.setattr("workshop.cli.commands.images.promote.whoever_this_is", meanwhile)
    result = run(*PROMOTE)

    assert result.exit_code == 2
    assert "Pulumi.sandbox.yaml or its history has changed meanwhile" in said(result)
    assert B not in here.file.read_text()
    assert not here.history.exists()


def test_a_way_back_that_broke_off_goes_on_to_the_same_build(run: Run, here: World, fake: FakeBackend) -> None:
    """`up` says to run the same command again, and that must not go back twice."""
    assert run(*PROMOTE).exit_code == 0
    fake.released = tuple(
        Release(digest=one, succeeded_at=NOON.replace(hour=hour)) for hour, one in ((1, OLDER), (2, A))
    )
    here.held.add(OLDER)
    fake.outcome = Outcome(error="the cluster did not answer", applied=True)
    assert run(*BACK).exit_code == 2
    left = here.file.read_text(), here.history.read_text()

    fake.outcome = Outcome()
    result = run(*BACK)

    assert result.exit_code == 0
    assert "Going on to v2.27.1" in said(result)
    assert fake.asked == ["up", "up"]
    assert A in left[0]
    assert (here.file.read_text(), here.history.read_text()) == left

    fake.released += (Release(digest=A, succeeded_at=NOON.replace(hour=13)),)
    assert run(*BACK).exit_code == 0
    assert OLDER in here.file.read_text()


def test_an_up_that_breaks_off_says_why_though_nobody_can_read_the_history(
    run: Run, here: World, fake: FakeBackend
) -> None:
    here.history.parent.mkdir()
    here.history.write_text("promotions: 1\n")
    fake.outcome = Outcome(error="not all of its 2 pods run after 60 s", applied=True)
    result = run("up", "--users", "20")
    assert result.exit_code == 2
    assert "not all of its 2 pods run after 60 s" in said(result)
