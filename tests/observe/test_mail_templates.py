"""The event's own mail templates are read whole, or the folder is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from workshop.model.findings import Refused
from workshop.observe.mail_templates import mail_templates


def test_texts_by_their_names(tmp_path: Path) -> None:
    for name in ("thanks.txt", "layout.html", "notes.md", ".thanks.txt.swp"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    assert mail_templates(tmp_path) == {"layout.html": "layout.html", "thanks.txt": "thanks.txt"}
    assert mail_templates(None) == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "it holds no .txt or .html files"),
        (b"\xff", "a file in it is not UTF-8"),
        (b"x" * 100_001, "or more than"),
    ],
)
def test_what_can_not_be_used_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "thanks.txt").write_bytes(content)
    with pytest.raises(Refused, match=reason):
        mail_templates(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"mail-templates.*No such file or directory"):
        mail_templates(tmp_path / "mail")
