"""`workshop event pages` and `registrations`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said


def test_pages_are_written_and_stay(run: Run, begin: Begun, checkout: Path) -> None:
    begin(roster=None)
    folder = checkout / "october"
    result = run("event", "pages", "--users", "10", "--to", str(folder))
    assert result.exit_code == 0, result.output
    assert "thanks.md: 4 to be filled in" in said(result.stdout)
    assert len([*folder.iterdir()]) == 7
    (folder / "thanks.md").write_text("filled in", encoding="utf-8")
    (folder / "agenda.md").unlink()
    again = run("event", "pages", "--users", "10", "--to", str(folder))
    assert again.exit_code == 2
    assert "would be written over, with what people filled in: add --again" in said(again.output)
    assert not (folder / "agenda.md").exists()
    assert run("event", "pages", "--users", "10", "--to", str(folder), "--again").exit_code == 0
    assert (folder / "thanks.md").read_text(encoding="utf-8") != "filled in"


def test_registrations_become_a_roster_for_nobody_else_to_read(run: Run, checkout: Path) -> None:
    form, roster = checkout / "form.csv", checkout / "roster.csv"
    form.write_text("Name,Email,Coming\nAda,ada@example.com,yes\nBob,bob@example.com,no\nCy,,yes\n", encoding="utf-8")
    result = run("event", "registrations", str(form), "--to", str(roster))
    assert result.exit_code == 0, result.output
    assert "1 person in" in said(result.stdout)
    assert "Left out: 1 who do not come, or are on a waiting list." in said(result.stdout)
    assert "Left out: rows without an address: 4." in said(result.stdout)
    assert f"event invite {roster}" in result.stdout
    assert roster.read_text(encoding="utf-8") == "email,name\nada@example.com,Ada\n"
    assert roster.stat().st_mode & 0o777 == 0o600


def test_a_form_that_is_none_is_one_message(run: Run, checkout: Path) -> None:
    form = checkout / "form.csv"
    form.write_text("a,b\n", encoding="utf-8")
    result = run("event", "registrations", str(form), "--to", str(checkout / "roster.csv"))
    assert result.exit_code == 2
    assert "can't be used: line 1: no column is called email" in said(result.output)
    assert not (checkout / "roster.csv").exists()
