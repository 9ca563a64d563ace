"""The pictures of a report are what the code draws today."""

from __future__ import annotations

from scripts.pictures.report import FOLDER, drawn


def test_the_pictures_are_current() -> None:
    there = {file.name: file.read_bytes() for file in FOLDER.iterdir()}
    today = {name: content.encode() if isinstance(content, str) else content for name, content in drawn().items()}
    assert set(there) == set(today)
    assert [name for name in today if there[name] != today[name]] == [], "run scripts/report-pictures"
