"""Reading declared values: unknown, missing, wrong type and empty are distinguished, and each names the value."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pulumi_policy import proxy

from policies.framework.reading import UNKNOWN, Reading, Unreadable, describe, plain
from policies.pack.testing import as_sent

SENTINELS = [value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")]
TREE = Reading(
    {
        "text": "a",
        "whole": 3.0,
        "half": 0.5,
        "yes": True,
        "list": ["a", "b"],
        "object": {"x": 1.0, "gone": None},
        "blank": " ",
        "no_items": [],
        "no_entries": {},
        "null": None,
        "later": UNKNOWN,
    }
)


def fault(read: Callable[[], object]) -> tuple[str, str, str]:
    """Which fault, where, and the words for it."""
    with pytest.raises(Unreadable) as raised:
        read()
    assert str(raised.value) == raised.value.problem
    return raised.value.fault, raised.value.path, raised.value.problem


@pytest.mark.parametrize("sentinel", SENTINELS)
def test_unknown_values_of_every_kind_are_taken_out_of_pulumi_s_proxies(sentinel: str) -> None:
    sent = as_sent({"a": sentinel, "b": [sentinel, {"c": sentinel}], "d": "known"})

    assert plain(sent) == {"a": UNKNOWN, "b": [UNKNOWN, {"c": UNKNOWN}], "d": "known"}


def test_values_are_read_as_what_they_are() -> None:
    assert TREE.member("text").text() == "a"
    assert TREE.member("whole").integer() == 3
    assert TREE.member("half").number() == 0.5
    assert TREE.member("yes").boolean() is True
    assert TREE.member("list").texts() == ("a", "b")
    assert [item.path for item in TREE.member("list").items()] == ["list[0]", "list[1]"]
    assert {name: entry.path for name, entry in TREE.member("object").entries().items()} == {"x": "object.x"}
    assert TREE.member("no_items").items_or_none() == ()
    assert TREE.member("no_entries").entries_or_none() == {}


def test_what_is_absent_is_none_where_it_may_be_and_missing_where_not() -> None:
    assert TREE.optional("object", "y") is None
    assert TREE.optional("null") is None
    assert TREE.optional("absent", "deeper") is None
    found = TREE.optional("object", "x")
    assert found is not None
    assert found.path == "object.x"
    assert fault(lambda: TREE.member("object", "y", "z")) == ("missing", "object.y", "object.y is missing")
    assert fault(lambda: TREE.member("null")) == ("missing", "null", "null is missing")


@pytest.mark.parametrize("read", ["text", "boolean", "integer", "number", "items", "texts", "entries", "items_or_none"])
def test_unknown_is_told_whatever_is_read(read: str) -> None:
    later = TREE.member("later")

    assert fault(getattr(later, read)) == ("unknown", "later", "later is not known before the change")
    assert not later.is_known
    assert fault(lambda: later.member("deeper"))[0] == "unknown"
    assert fault(lambda: later.optional("deeper"))[0] == "unknown"


@pytest.mark.parametrize(
    ("name", "read", "problem"),
    [
        ("whole", "text", "whole is the number 3, must be text"),
        ("yes", "number", "yes is true, must be a number"),
        ("half", "integer", "half is the number 0.5, must be a whole number"),
        ("text", "integer", "text is the text 'a', must be a number"),
        ("text", "boolean", "text is the text 'a', must be true or false"),
        ("text", "items", "text is the text 'a', must be a list"),
        ("list", "entries", "list is a list, must be an object"),
        ("object", "texts", "object is an object, must be a list"),
    ],
)
def test_wrong_types_are_told_with_the_value_found(name: str, read: str, problem: str) -> None:
    assert fault(getattr(TREE.member(name), read)) == ("wrong type", name, problem)


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_numbers_that_are_none_are_wrong(number: float) -> None:
    _, _, problem = fault(Reading(number, "n").number)
    assert problem == f"n is the number {number:g}, must be a finite number"


@pytest.mark.parametrize(("name", "read"), [("blank", "text"), ("no_items", "items"), ("no_entries", "entries")])
def test_empty_is_told(name: str, read: str) -> None:
    assert fault(getattr(TREE.member(name), read)) == ("empty", name, f"{name} is empty")


def test_an_empty_resource_is_told() -> None:
    assert fault(Reading({}).entries) == ("empty", "", "the resource is empty")


def test_a_walk_meets_everything_unknown_values_included() -> None:
    paths = [reading.path for reading in Reading({"a": [{"b": UNKNOWN}], "c": None, "d": 1}).walk()]

    assert paths == ["", "a", "a[0]", "a[0].b", "d"]


def test_values_are_described_with_their_kind() -> None:
    values: tuple[object, ...] = (True, 3, 0.5, "a", [], {}, None, UNKNOWN)

    assert [describe(value) for value in values] == [
        "true",
        "the number 3",
        "the number 0.5",
        "the text 'a'",
        "a list",
        "an object",
        "null",
        "a Unknown",
    ]


def test_each_fault_has_its_own_fix() -> None:
    assert {kind: Unreadable(kind, "p", "x").fix for kind in ("unknown", "missing", "wrong type", "empty")} == {
        "unknown": "give it as a plain value, not as another resource's output",
        "missing": "declare it",
        "wrong type": "give it a value that can be read",
        "empty": "give it a value",
    }
    assert str(UNKNOWN) == "unknown"
