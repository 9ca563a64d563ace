"""Pages of an event: its facts are in them, and every command that they name is one."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.known_commands import unknown_options
from tests.model.report.played import given
from workshop.cli.render.pages.facts import facts
from workshop.cli.render.pages.render import PAGES, pages
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given as set_
from workshop.model.settings.stack import Settings

FULL = {
    "title": "Agents at work",
    "time_zone": "America/Los_Angeles",
    "join_host": "join.example.com",
    "mail": {"sender": "workshop@example.com", "host": "mail.example.com", "survey_url": "https://example.com/survey"},
}


def written(settings: Settings, stack: str = "") -> Mapping[str, str]:
    return pages(facts(settings, set_(plan_event(settings)), stack))


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_an_event_with_all_that_can_be_set(page: str, snapshot: SnapshotAssertion) -> None:
    assert written(given(**FULL), " --stack workshop")[f"{page}.md"] == snapshot


def test_of_an_event_with_little_they_ask_for_the_rest() -> None:
    found = written(given(early_access="0m"))
    assert "https://join" not in "".join(found.values())
    assert "TO BE FILLED IN: link to the survey" in found["thanks.md"]
    assert "Try it before" not in found["announcement.md"]
    assert "Tuesday 06 October 2026, 16:00 UTC" in found["reminder.md"]


def test_the_agenda_fills_the_time_that_there_is() -> None:
    rows = re.findall(r"^\| (\d\d:\d\d) \| (\d+) \|", written(given(**FULL))["agenda.md"], flags=re.MULTILINE)
    assert rows[0] == ("09:00", "5")
    assert sum(int(minutes) for _, minutes in rows) == 180


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_named_is_one(page: str) -> None:
    found = re.findall(r"scripts/workshop ([^`\n]+)", written(given(**FULL), " --stack workshop")[f"{page}.md"])
    assert {text: unknown for text in found if (unknown := unknown_options(text))} == {}
