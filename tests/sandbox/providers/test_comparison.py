from __future__ import annotations

import pytest

from workshop.sandbox.json_values import Json
from workshop.sandbox.providers.comparison import auto_name, compare, like, with_ignored
from workshop.sandbox.providers.provider import UNKNOWN


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ({"a": 1}, {"a": 1.0}, ()),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ("a.b",)),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, ("a[1].b",)),
        ({"a": [1]}, {"a": [1, 2]}, ("a",)),
        ({"a": 1}, {}, ("a",)),
        ({}, {"a": 1}, ("a",)),
        ({"a": {"x/y.z": 1}}, {"a": {"x/y.z": 2}}, ('a["x/y.z"]',)),
        ({"__internal": 1}, {"__internal": 2}, ()),
        ({"a": "x"}, {"a": UNKNOWN}, ("a",)),
        ({"a": True}, {"a": "true"}, ("a",)),
    ],
)
def test_paths_that_differ(old: Json, new: Json, changed: tuple[str, ...]) -> None:
    assert compare(old, new).changed == changed


def test_a_change_at_above_or_below_a_fixed_path_replaces() -> None:
    old = {"metadata": {"name": "a", "labels": {"x": "1"}}, "names": 1}
    new = {"metadata": {"name": "b", "labels": {"x": "2"}}, "names": 2}
    assert compare(old, new, replaces=("metadata.name", "name")).replaces == ("metadata.name",)
    assert compare(old, {"names": 1}, replaces=("metadata.name",)).replaces == ("metadata",)


def test_ignored_changes_are_left_alone() -> None:
    old = {"spec": {"replicas": 1, "paused": False}, "gone": 1}
    new = {"spec": {"replicas": 2, "paused": True}, "new": 1}
    ignored = ("spec.replicas", "gone", "new")
    assert compare(old, new, ignore_changes=ignored).changed == ("spec.paused",)
    assert with_ignored(old, new, ignored) == {"spec": {"replicas": 1, "paused": True}, "gone": 1}


def test_only_what_is_asked_for_is_read_back() -> None:
    live = {"a": {"b": 1, "c": 2}, "d": [{"e": 1, "f": 2}], "g": 3}
    assert like(live, {"a": {"b": 9}, "d": [{"e": 9}], "z": 9}) == {"a": {"b": 1}, "d": [{"e": 1}]}
    assert like({"d": [1, 2]}, {"d": [1]}) == {"d": [1, 2]}


def test_names_are_the_same_for_the_same_seed() -> None:
    urn = "urn:pulumi:sandbox::workshop::aws:ecr/repository:Repository::images"
    assert auto_name(urn, b"seed") == auto_name(urn, b"seed") == "images-7365656"
    assert auto_name(urn, b"other") != auto_name(urn, b"seed")
