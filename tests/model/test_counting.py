"""Numbers agree with their nouns."""

from __future__ import annotations

import pytest

from workshop.model.counting import counted, running_workspaces


@pytest.mark.parametrize(("number", "told"), [(0, "0 users"), (1, "1 user"), (2, "2 users"), (11, "11 users")])
def test_one_is_one(number: int, told: str) -> None:
    assert counted(number, "user") == told


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    assert (counted(1, "entry", "entries"), counted(2, "entry", "entries")) == ("1 entry", "2 entries")


def test_the_verb_agrees_too() -> None:
    assert (running_workspaces(1), running_workspaces(2)) == ("1 workspace runs", "2 workspaces run")
