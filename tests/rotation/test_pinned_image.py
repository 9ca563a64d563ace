"""An image that was pinned before serves the program of today: its requests are still read.

requests-394d32a.json: for each entry point that the image of 394d32a has, the JSON Schema of its request, as pydantic
derives it from that version's types.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from jsonschema import validate
from jsonschema.exceptions import ValidationError

from tests.model.given import ROOT, settings
from workshop.model.rotation import Document, check_requests, copy_request, issue_request, resume_request
from workshop.rotation.__main__ import COMMANDS

SCHEMAS = json.loads((Path(__file__).parent / "requests-394d32a.json").read_text("utf-8"))
GIVEN = settings(window={"start": "2026-10-02T09:00-07:00", "duration": "4h", "cool_down": "2h"})
REQUESTS: Mapping[str, tuple[str, Document]] = {
    "issue": ("issue", issue_request(GIVEN)),
    **{f"copy-{region.name}": ("copy", copy_request(GIVEN, region)) for region in GIVEN.regions},
    **{f"verify-{region.name}": ("verify", copy_request(GIVEN, region)) for region in GIVEN.regions},
    **{f"resume-{region.name}": ("resume", resume_request(GIVEN, region)) for region in GIVEN.regions},
    **{
        f"check-{region.name}-{step}": ("check", request)
        for region in GIVEN.regions
        for step, request in zip(("generators", "swappers"), check_requests(GIVEN, region), strict=True)
    },
}


@pytest.mark.parametrize("request_of", REQUESTS)
def test_its_entry_points_read_the_requests_of_today(request_of: str) -> None:
    command, request = REQUESTS[request_of]
    validate(json.loads(request.text()), SCHEMAS[command])


def test_a_field_that_it_does_not_know_would_be_seen_here() -> None:
    document = {**json.loads(issue_request(GIVEN).text()), "alert_usd": 780}
    with pytest.raises(ValidationError, match=r"'alert_usd' was unexpected"):
        validate(document, SCHEMAS["issue"])


def test_what_it_does_not_have_is_documented() -> None:
    page = (ROOT / "docs" / "rotation.md").read_text("utf-8")
    (then,) = [line for line in page.splitlines() if line.startswith("| 394d32a |")]
    (now,) = [line for line in page.splitlines() if line.startswith("| this version |")]
    assert {command for command in COMMANDS if f"`{command}`" in then} == set(SCHEMAS)
    assert {command for command in COMMANDS if f"`{command}`" in now} == set(COMMANDS) - set(SCHEMAS)
