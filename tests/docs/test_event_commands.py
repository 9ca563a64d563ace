"""Every command that the pages about events name is one, with the options that it has."""

from __future__ import annotations

import re

import pytest

from tests.cli.known_commands import unknown_options
from tests.model.given import ROOT


@pytest.mark.parametrize("page", ["event", "report"])
def test_every_command_is_one(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    named = {one for one in re.findall(r"`workshop ([^`]+)`", text) if not one.startswith("event: ")}
    assert len(named) > 5
    assert {one: unknown for one in named if (unknown := unknown_options(" ".join(one.split())))} == {}
