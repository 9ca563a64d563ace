"""A workshop from its roster to thanks, as its people live it: by command, by mail, at the door, at the dashboard."""

from __future__ import annotations

import csv
import email
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from starlette.testclient import TestClient

from tests.event.door.conftest import Browser
from tests.event.sandbox_event import EVENT, SandboxEvent
from workshop.event.door.app import door_app
from workshop.event.keeper.keeper import Keeper
from workshop.event.mail.beside import mail_of
from workshop.event.store.database import engine_at
from workshop.model.event.door import DoorRequest
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.pods.keeper import DOOR

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STARTS_IN = 25 * HOUR
PLAYED: Mapping[str, Json] = {
    "early_access": "24h",
    "early_hours": "1h",
    "join_host": "join.example.com",
    "mail": {"host": "127.0.0.1", "security": "none", "sender": "workshop@example.com",
             "survey_url": "https://survey.example.com/october"},
}  # fmt: skip


@dataclass
class Workshop:
    """Everybody in it. url: of the event's store. said: what happened, a line each."""

    event: SandboxEvent
    url: str
    folder: Path
    said: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        request = DoorRequest(
            settings=self.event.settings, origin=DOOR, coder_url="https://ai.coder.com", is_loopback=True
        )
        self.door = door_app(request, engine_at(self.url), self.event.now)

    def say(self, text: str) -> None:
        self.said.append(f"{self.event.now():%d %b %H:%M} {text}")
        print(self.said[-1], flush=True)  # noqa: T201 - a script shows it

    def keeper(self) -> Keeper:
        event = self.event
        mail = mail_of(event.settings, event.store, event.now)
        journal = event.paths.folder / f"{event.name}.jsonl"
        return Keeper(
            event.settings, event.systems, event.store, event.in_pods, clock=event.now, journal=journal, mail=mail
        )

    def looks(self, keeper: Keeper, until: Callable[[], bool], what: str, step: timedelta = timedelta(0)) -> None:
        """Looks until then; the clock is moved by so much between looks."""
        for _ in range(240):
            keeper.once()
            if until():
                self.say(what)
                return
            self.event.move(step)
            time.sleep(0.2)
        raise AssertionError((what, self.event.states(), self.kinds(), dict(self.event.store.records.event().look)))

    def command(self, *arguments: str) -> str:
        """As the instructor types it. Raises AssertionError where it fails."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "workshop", "event", *arguments],
            cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def mails(self, kind: str) -> list[EmailMessage]:
        """All of a kind that were sent."""
        found = (self.event.paths.folder / "mail").glob("*.eml")
        read = [email.message_from_bytes(file.read_bytes(), policy=default) for file in sorted(found)]
        return [one for one in read if kind in str(one["Message-ID"])]

    def kinds(self) -> Mapping[str, int]:
        """How many mails of each kind are in the outbox, by how they fared."""
        counts: dict[str, int] = {}
        for mail in self.event.store.outbox.all():
            counts[f"{mail.kind} {mail.state}"] = counts.get(f"{mail.kind} {mail.state}", 0) + 1
        return counts

    def comes_in(self, mail: EmailMessage) -> Browser:
        """The browser of whoever got this mail and followed its link."""
        body = mail.get_body(("plain",))
        assert body is not None
        found = re.search(rf"{re.escape(DOOR)}(/i/[\w-]+)", body.get_content())
        assert found, body.get_content()
        browser = Browser(TestClient(self.door, base_url=DOOR, follow_redirects=False))
        assert browser.post(found[1], origin=DOOR).status_code == 303
        return browser


def overrides(event: SandboxEvent) -> str:
    """By which commands find the event that is played."""
    window = event.settings.window
    assert window is not None
    told = {
        "workshop:users": str(event.settings.users),
        "workshop:window": json.dumps({"start": window.start.isoformat(timespec="minutes"), "duration": "3h"}),
        "workshop:event": json.dumps({**EVENT, "name": event.name, "region_parameter": "region", **PLAYED}),
    }
    return json.dumps({"sandbox": told})


def write_roster(file: Path, people: int) -> None:
    """The scenario's columns, and an address."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["Name", "Email", "Type", "ValidDays", "CanInvite", "Transferable", "DeviceBound", "MaxDevices"])
        for number in range(1, people + 1):
            person = (f"Participant_{number:02}", f"participant{number:02}@example.com")
            rows.writerow([*person, "read_only", "7", "no", "no", "yes", "2"])


def play(workshop: Workshop, people: int) -> None:
    """From the roster to thanks. One never accepts, one raises a hand, one finishes early."""
    event, records = workshop.event, workshop.event.store.records
    write_roster(workshop.folder / "roster.csv", people)
    workshop.command("invite", str(workshop.folder / "roster.csv"), "--yes")
    workshop.command("invite", "--staff", "helper", "--email", "eve@example.com", "--name", "Eve")
    coming = people - 1
    with workshop.keeper() as keeper:
        workshop.looks(keeper, lambda: len(workshop.mails("invitation")) == people + 1, f"{people + 1} are invited")
        invitations = {str(mail["To"]): mail for mail in workshop.mails("invitation")}
        helper = workshop.comes_in(next(mail for to, mail in invitations.items() if "eve@" in to))
        guests = [
            workshop.comes_in(next(mail for to, mail in invitations.items() if f"participant{number:02}@" in to))
            for number in range(1, people)
        ]
        workshop.looks(
            keeper, lambda: sum(one.is_wanted for one in records.seats()) == coming, f"{coming} have accepted"
        )
        event.move(HOUR + MINUTE)
        workshop.looks(keeper, lambda: event.states().count("ready") == coming, "early access: seats may be tried")
        assert "Open my workspace" in guests[0].get("/me").text
        event.move(HOUR)
        workshop.looks(keeper, lambda: event.states().count("stopped") == coming, "and stopped again", MINUTE)
        workshop.say(f"reminded: {workshop.command('remind', '--not-accepted', '--yes').strip()}")
        begins = event.now() + STARTS_IN - 3 * HOUR - 2 * MINUTE
        event.move(begins - event.now())
        workshop.looks(keeper, lambda: event.states().count("ready") == coming, f"{coming} seats are ready", MINUTE)
        workshop.looks(keeper, lambda: len(workshop.mails("ready")) >= coming, "everybody is told so by mail")

        for seat in range(1, people):
            event.run(seat, "sh", "-c", f"mkdir -p project && echo work of seat {seat} > project/notes.txt")
        assert guests[1].post("/me/raise-hand", "/me/hand", origin=DOOR, text="my kernel died").status_code == 303
        workshop.looks(keeper, lambda: "my kernel died" in helper.get("/staff").text, "a hand is up")
        board = json.loads(workshop.command("dashboard", "--json"))
        assert [seat["seat"] for seat in board["seats"] if seat["needs"]] == [2]
        assert helper.post("/staff/seat/2/lower-hand", origin=DOOR).status_code == 303
        workshop.looks(keeper, lambda: "my kernel died" not in helper.get("/staff").text, "and was helped")

        assert guests[-1].post("/me/finish", "/me/finish", origin=DOOR).status_code == 303
        workshop.looks(keeper, lambda: event.states()[coming - 1] == "stopped", "one finishes early", MINUTE / 2)
        ends = max(one.ends_at for one in records.seats() if one.ends_at is not None)
        event.move(ends - 29 * MINUTE - event.now())
        workshop.looks(keeper, lambda: len(workshop.mails("ends-in")) >= coming - 1, "everybody is warned by mail")
        event.move(ends - event.now())
        workshop.looks(keeper, lambda: records.event().settled_at is not None, "the event has settled", MINUTE)
        assert guests[0].post("/me/download", "/me", origin=DOOR).status_code == 303
        workshop.looks(keeper, lambda: "X-Amz-Signature" in guests[0].get("/me").text, "work can be downloaded")
        event.move(2 * HOUR)
        workshop.looks(keeper, lambda: len(workshop.mails("thanks")) == coming, "thanks, with the survey")
    workshop.say(workshop.command("report", "--markdown", str(workshop.folder / "report.md")).strip()[:80])
