"""A rehearsal's result in the Markdown of a change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.render.github import live_in
from tests.model.rehearsal.test_verdict import judged, rehearsal
from workshop.cli.problem import CannotRun
from workshop.cli.render.markdown import bounded
from workshop.cli.render.rehearsal import verdict_json
from workshop.cli.render.rehearsal_markdown import rehearsal_blocks


def shown(most: int | None = None, **changes: Any) -> str:  # noqa: ANN401 - of any field
    text = verdict_json("workshop", rehearsal(), judged(**changes))
    return bounded(rehearsal_blocks(text, "rehearsal.json"), most)


def test_a_plan_that_holds_has_its_figures() -> None:
    text = shown()
    assert "Passed: stack workshop, 20 people. `The plan holds.`" in text
    assert "| `us-east-2` | nodes | 4 | 4 | passed |" in text
    assert "Not rehearsed: EC2" in text


def test_one_that_does_not_says_why_also_where_there_is_little_room() -> None:
    reason = "<b>@someone</b> 0/9 nodes"
    text = shown(running=9, pending={reason: 1})
    assert "**Failed**" in text
    assert "1 waiting: `<b>@someone</b> 0/9 nodes`" in text
    assert not live_in(text)
    assert "1. `us-east-2`: workspaces running" in shown(running=9, most=500)


def test_what_could_not_be_rehearsed_is_said() -> None:
    (block,) = rehearsal_blocks('{"exit_code": 2, "error": "up did not succeed"}', "rehearsal.json")
    assert "**Not rehearsed**: up did not succeed" in block.text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"stack": 1}'])
def test_anything_else_is_no_rehearsal(text: str) -> None:
    with pytest.raises(CannotRun, match=r"rehearsal\.json is not what"):
        rehearsal_blocks(text, "rehearsal.json")
