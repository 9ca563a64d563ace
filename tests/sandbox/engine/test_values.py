"""Values keep their meaning on every way they take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshop.sandbox.engine.errors import Unsupported
from workshop.sandbox.engine.paths import any_covers, with_ignored
from workshop.sandbox.engine.values import (
    SIGNATURE,
    Secret,
    from_state,
    from_struct,
    has_unknown,
    masked,
    plain,
    to_state,
    to_struct,
    with_secrets_of,
)
from workshop.sandbox.providers.provider import UNKNOWN

leaves = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text() | st.just(UNKNOWN)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text().filter(lambda key: key != SIGNATURE), inner)
        | st.builds(Secret, inner)
    ),
    max_leaves=20,
)
properties = st.dictionaries(st.text(), values)


@given(properties)
def test_protobuf_and_back(value: dict[str, object]) -> None:
    assert from_struct(to_struct(value), "it") == value


@given(properties)
def test_state_and_back(value: dict[str, object]) -> None:
    assert from_state(to_state(value)) == value


def test_whole_numbers_stay_whole() -> None:
    back = from_struct(to_struct({"whole": 3, "half": 2.5, "huge": 2.0**60}), "it")
    assert [type(value) for value in back.values()] == [int, float, float]


def test_secrets_are_unwrapped_masked_and_found_again() -> None:
    value = {"a": [Secret("x"), 1], "b": Secret({"c": UNKNOWN})}
    assert plain(value) == {"a": ["x", 1], "b": {"c": UNKNOWN}}
    assert masked(value) == {"a": ["[secret]", 1], "b": "[secret]"}
    assert with_secrets_of(plain(value), value) == value
    assert has_unknown(value)


def test_ciphertext_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="--show-secrets"):
        from_state({"a": {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}})


def test_assets_are_refused_by_name() -> None:
    asset = {"a": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}}
    with pytest.raises(Unsupported, match="assets"):
        from_struct(to_struct(asset), "it")


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("a", {"a": 1, "list": [{"k": 2, "s": 2}], "new": 2}),
        ("list[0].k", {"a": 2, "list": [{"k": 1, "s": 2}], "new": 2}),
        ("list[*].s", {"a": 2, "list": [{"k": 2, "s": 1}], "new": 2}),
        ('list[0]["k"]', {"a": 2, "list": [{"k": 1, "s": 2}], "new": 2}),
        ("new", {"a": 2, "list": [{"k": 2, "s": 2}]}),
        ("old", {"a": 2, "list": [{"k": 2, "s": 2}], "new": 2, "old": 1}),
        ("*", {"a": 1, "list": [{"k": 1, "s": 1}], "old": 1}),
        ("missing.deep", {"a": 2, "list": [{"k": 2, "s": 2}], "new": 2}),
    ],
)
def test_ignored_paths_keep_what_was(path: str, result: dict[str, object]) -> None:
    old = {"a": 1, "list": [{"k": 1, "s": 1}], "old": 1}
    new = {"a": 2, "list": [{"k": 2, "s": 2}], "new": 2}
    assert with_ignored(new, old, [path]) == result


def test_a_path_covers_what_lies_below() -> None:
    assert any_covers(["spec.template"], "spec.template.spec.containers[0].image")
    assert any_covers(["list[*].name"], "list[3].name")
    assert not any_covers(["spec.template"], "spec")
