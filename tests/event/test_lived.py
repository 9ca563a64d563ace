"""The scenario from CSV to thanks; PEOPLE: how many are invited (scripts/play-workshop)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.event.lived import PLAYED, STARTS_IN, Workshop, overrides, play
from tests.event.sandbox_event import event_of, workshop_in
from workshop.model.event.keeper import DATABASE_VARIABLE
from workshop.sandbox.files import write_private

pytestmark = pytest.mark.slow
PEOPLE = int(os.environ.get("PEOPLE", "4"))


def test_from_the_roster_to_thanks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'event.db'}"
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    users = max(20, PEOPLE)
    with (
        workshop_in(tmp_path / "sandbox", users) as paths,
        event_of(paths, "october", 0, url, users=users, starts_in=STARTS_IN, **PLAYED) as event,
    ):
        write_private(paths.overrides, overrides(event))
        workshop = Workshop(event, url, tmp_path)
        play(workshop, PEOPLE)
        assert event.pool_claims() == []
        report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert f"{PEOPLE - 1}" in report
    assert "participant01@example.com" not in report
