"""A sandbox's event that has begun an hour ago, with three people in its roster."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from workshop.event.store.cached import Store, opened
from workshop.event.store.records import Records
from workshop.model.event.receipts import Receipt, Result, archive_key

ROSTER = """email,name,account,accepted
ada@example.com,Ada,,yes
bob@example.com,Bob,,no
cy@example.com,Cy,cy,
"""
EVENT = """
  workshop:window: {{start: "{start}", duration: 5h}}
  workshop:event: {{name: october, template: coder/docker, latest_end: 6h, budget_usd: 200}}
"""
Begun = Callable[..., Records]


def said(output: str) -> str:
    """What a command printed, whatever lines it was broken into."""
    return " ".join(output.split())


@pytest.fixture
def begin(run: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Begun]:
    """Makes the event, which began so many hours ago; answers its records."""
    (checkout / "zones").mkdir()
    opened: list[Records] = []

    def begun(hours: float = 1, roster: str | None = ROSTER) -> Records:
        start = (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="minutes")
        file = checkout / "Pulumi.sandbox.yaml"
        file.write_text(file.read_text(encoding="utf-8") + EVENT.format(start=start), encoding="utf-8")
        url = f"sqlite:///{checkout / 'event.db'}"
        monkeypatch.setenv("WORKSHOP_EVENT_DATABASE", url)
        if roster is not None:
            people = checkout / "roster.csv"
            people.write_text(roster, encoding="utf-8")
            result = run("event", "participants", "--users", "10", "--add", str(people))
            assert result.exit_code == 0, result.output
        opened.append(Records(url, "october"))
        return opened[0]

    yield begun
    for records in opened:
        records.close()


def saved(seat: int, at: datetime, **more: object) -> Receipt:
    """A receipt of an archive with one file."""
    values = {"seat": seat, "workspace_id": "w", "build_number": 1, "at": at, "result": Result.SAVED}
    archive = {"key": archive_key("october", seat, at, 1), "sha256": "0" * 64, "bytes": 100, "files": 1}
    return Receipt.model_validate({**values, **archive, **more})


USERS = ("--users", "10")
MAIL = "join_host: join.example.com, mail: {host: smtp.example.com, sender: workshop@example.com}"
ROSTER_OF_TWO = "name,email,account\nAda,ada@example.com,\nBob,bob@corp.example.com,bob-2\n"


@dataclass
class Inviting:
    """An event that begins in ten days. settings: further ones, as YAML."""

    run: Run
    project: Path
    folder: Path
    store: Store

    def invite(self, *arguments: str) -> str:
        result = self.run("event", "invite", *arguments, *USERS)
        assert result.exit_code == 0, result.output
        return said(result.output)

    def refused(self, *arguments: str) -> str:
        result = self.run("event", "invite", *arguments, *USERS)
        assert result.exit_code == 2, result.output
        assert "Traceback" not in result.output
        return said(result.output)

    def roster(self, text: str = ROSTER_OF_TWO) -> str:
        file = self.folder / "people.csv"
        file.write_text(text, encoding="utf-8")
        return str(file)

    def people(self) -> list[str]:
        return [one.person for one in self.store.invitations.all()]


@pytest.fixture
def inviting(
    run: Run, begin: Begun, checkout: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> Generator[Inviting]:
    begin(-240, roster=None)
    file = checkout / "Pulumi.sandbox.yaml"
    more = getattr(request, "param", MAIL)
    text = file.read_text(encoding="utf-8").replace("budget_usd: 200}", f"budget_usd: 200{more and ', '}{more}}}")
    file.write_text(text, encoding="utf-8")
    with opened(f"sqlite:///{checkout / 'event.db'}", "october") as store:
        yield Inviting(run=run, project=checkout, folder=tmp_path, store=store)
