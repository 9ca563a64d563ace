"""A rehearsal's verdict in a terminal, as JSON, and as a page to keep."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from tests.model.rehearsal.test_verdict import AS_PLANNED, judged, rehearsal
from workshop.cli.render.rehearsal import notes_of, print_verdict, verdict_json, verdict_junit, wait_rows
from workshop.cli.render.rehearsal_page import rehearsal_page
from workshop.model.rehearsal.faults import Fault
from workshop.model.rehearsal.rehearsal import STAND_IN_IMAGE
from workshop.model.rehearsal.verdict import Sample, Verdict

NOW = Sample(at_seconds=0, queued=2, building=8, waiting=0, running=0, left=0, nodes=4, evicted=0)
SAMPLES = (
    NOW,
    replace(NOW, at_seconds=45, queued=0, building=2, waiting=8),
    replace(NOW, at_seconds=70, queued=0, building=0, running=9, waiting=1, evicted=1),
    replace(NOW, at_seconds=80, queued=0, building=0, running=2, waiting=1, left=7, evicted=1),
)
SEEN = {"us-east-2": AS_PLANNED}
FULL: dict[str, Any] = {
    "evicted": {"The node was low on resource: <ephemeral-storage>.": 2},
    "pending": {"0/9 nodes": 1},
}


def printed(verdict: Verdict, fault: Fault | None = None) -> str:
    out = StringIO()
    print_verdict(rehearsal(fault), verdict, Console(file=out, width=100))
    return out.getvalue()


@pytest.mark.parametrize(
    ("verdict", "fault", "first"),
    [
        (judged(), None, "The plan holds."),
        (judged(running=9), None, "The plan does not hold: 1 figure missed."),
        (
            judged(Fault.POOL_LIMIT, running=7),
            Fault.POOL_LIMIT,
            "pool-limit: the region's pool may",
        ),
        (judged(Fault.POOL_LIMIT), Fault.POOL_LIMIT, "Not as expected of pool-limit: "),
    ],
    ids=["holds", "does not hold", "as expected", "not as expected"],
)
def test_the_answer_comes_first(verdict: Verdict, fault: Fault | None, first: str) -> None:
    assert printed(verdict, fault).startswith(first)


def test_reasons_and_limits_are_named() -> None:
    text = printed(judged(**FULL))
    assert "us-east-2: 2 evicted: The node was low on resource: <ephemeral-storage>." in text
    assert "us-east-2: 1 waiting: 0/9 nodes" in text
    assert "Not rehearsed: EC2's real capacity" in text


def test_the_same_facts_are_in_json() -> None:
    document = json.loads(verdict_json("sandbox", rehearsal(Fault.SMALL_VOLUME), judged(Fault.SMALL_VOLUME, **FULL)))
    assert (document["passed"], document["fault"], document["as_expected"]) == (False, "small-volume", True)
    assert document["evicted"] == {"us-east-2": FULL["evicted"]}
    assert len(document["figures"]) == len(judged().figures)


def test_the_page_has_every_figure_and_pictures_that_say_what_they_show() -> None:
    page = rehearsal_page(rehearsal(), judged(**FULL), SAMPLES, SEEN)
    assert page == rehearsal_page(rehearsal(), judged(**FULL), SAMPLES, SEEN)
    assert "&lt;ephemeral-storage&gt;" in page
    assert all(f"<td>{one.name}</td>" in page for one in judged().figures)
    pictures = [ElementTree.fromstring(f"<svg{part.partition('</svg>')[0]}</svg>") for part in page.split("<svg")[1:]]
    told = [element.text for svg in pictures for element in svg if element.tag.endswith("desc")]
    assert told == [
        "At most 9 workspaces ran at once; in the end 7 had stopped, 2 ran, 1 waited, 0 were built.",
        "At most 2 builds waited for a provisioner while others were built.",
        "In the end there are 4 nodes; 1 workspace lost their place.",
        "0 nodes of 4 would hold more than its kubelet offers.",
    ]


def test_one_look_is_enough_for_a_page() -> None:
    assert "</html>" in rehearsal_page(rehearsal(), judged(), (SAMPLES[0],), SEEN)


def test_waits_with_one_provisioner_fewer_and_one_more_stand_beside_what_was_played() -> None:
    rows = wait_rows(judged())
    assert [row[:3] for row in rows] == [
        ("us-east-2", "11", "ready"),
        ("us-east-2", "12 *", "ready"),
        ("us-east-2", "13", "ready"),
        ("us-east-2", "12", "cold"),
    ]
    assert (rows[3][4], rows[3][6]) == ("", "")  # cold nodes were not played
    assert "12 *" in printed(judged())


@pytest.mark.parametrize(
    ("fault", "changes", "failed"),
    [
        (None, {}, []),
        (None, {"running": 9}, ["workspaces running", "as expected"]),
        (Fault.POOL_LIMIT, {"running": 7}, []),
        (Fault.POOL_LIMIT, {}, ["as expected"]),
    ],
    ids=["holds", "one waits", "as a fault has it", "the fault did nothing"],
)
def test_junit_fails_what_was_missed(fault: Fault | None, changes: dict[str, Any], failed: list[str]) -> None:
    document = ElementTree.fromstring(verdict_junit(rehearsal(fault), judged(fault, **changes)))
    cases = list(document.iter("testcase"))
    assert len(cases) == len(judged().figures) + 1
    assert [case.get("name") for case in cases if case.find("failure") is not None] == failed


def test_where_the_stack_names_no_image_the_stand_in_is_named() -> None:
    played = rehearsal()
    assert not notes_of(played)
    arrival = played.settings.arrival.model_copy(update={"images": (STAND_IN_IMAGE,)})
    assumed = replace(played, settings=played.settings.model_copy(update={"arrival": arrival}))
    (note,) = notes_of(assumed)
    assert "a stand-in of 3 GiB, which nodes" in note
    assert "would take 122 s longer" in note
    assert json.loads(verdict_json("sandbox", assumed, judged()))["notes"] == [note]
