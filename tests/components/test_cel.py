"""Values as CEL writes them; tests/clusters compares with them on an API server."""

from __future__ import annotations

import pytest

from components.rotation.cel import cel_literal


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("", '""'),
        ('a"b\\c\n', '"a\\"b\\\\c\\n"'),
        ("😀", '"😀"'),
        (True, "true"),
        (None, "null"),
        (-1, "-1"),
        (0.5, "0.5"),
        ([], "[]"),
        ({}, "{}"),
        (["a", 1], '[dyn("a"), dyn(1)]'),
        ({"a": {"b": ()}}, '{"a": dyn({"b": dyn([])})}'),
    ],
    ids=str,
)
def test_json_is_written(value: object, literal: str) -> None:
    assert cel_literal(value) == literal


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^set is not JSON$"):
        cel_literal({"a": {1}})
