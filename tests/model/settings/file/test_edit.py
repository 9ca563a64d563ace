"""Edits of YAML text, example by example."""

from __future__ import annotations

import pytest

from workshop.model.settings.file.adoption import with_adoption
from workshop.model.settings.file.edit import CannotEdit, edited


@pytest.mark.parametrize(
    ("text", "wanted", "result"),
    [
        ("", {"a": [1]}, "a:\n- 1\n"),
        ("# only\n", {"a": {"b": "c"}}, "# only\na:\n  b: c\n"),
        ("a: [1, 2] # x\n", {"a": [1, 2, 3]}, "a: [1, 2, 3] # x\n"),
        ("a:\n- 1 # one\n# two\n", {"a": [1, {"b": 2}]}, "a:\n- 1 # one\n- b: 2\n# two\n"),
        ("a: [1, 2] # x\n", {"a": [3]}, "a: [3] # x\n"),
        ("a: [1, 2] # x\n", {"a": [1, 3]}, "a: [1, 3] # x\n"),
        ("a:\n- b: 1 # one\n  c: 2\n- 3\n", {"a": [{"b": 1, "c": 4}, 3]}, "a:\n- b: 1 # one\n  c: 4\n- 3\n"),
        ("a:\n- {b: 1} # one\n", {"a": [{"b": 1, "c": 2}]}, "a:\n- {b: 1, c: 2} # one\n"),
        ("a: 1 # x\nb: y\n", {"a": "two", "b": "y"}, "a: two # x\nb: y\n"),
        ('{"a": {"b":[]}}\n', {"a": {"b": [1], "c": 2}}, '{"a": {"b": [1], c: 2}}\n'),
        ("a: 1\n", {"a": 1}, "a: 1\n"),
        ("a: {b: ~}\n", {"a": {"b": {"c": 1}}}, "a: {b: {c: 1}}\n"),
        ("a:  [] # none\n", {"a": [1]}, "a: # none\n  - 1\n"),
        ("a:\n  b: |\n    x\nc: 1\n", {"a": {"b": "x\n", "d": 2}, "c": 1}, "a:\n  b: |\n    x\n  d: 2\nc: 1\n"),
        ("a:\r\n  b: 1 # one\r\nc: 2", {"a": {"b": 1, "d": 3}, "c": 2}, "a:\r\n  b: 1 # one\r\n  d: 3\r\nc: 2\r\n"),
        ("x: 1\na:\n    b: 1\n", {"x": 1, "a": {"b": 1}, "c": {"d": 1}}, "x: 1\na:\n    b: 1\nc:\n    d: 1\n"),
        ("a: 1\n", {"a": 1, "z": "\u00fc", "b": "y"}, "a: 1\nz: \u00fc\nb: y\n"),
        ("a:\n    b: 1\n", {"a": {"b": 1}, "c": {"d": {"e": 1}}}, "a:\n    b: 1\nc:\n    d:\n        e: 1\n"),
    ],
)
def test_edits(text: str, wanted: object, result: str) -> None:
    assert edited(text, wanted) == result
    assert edited(result, wanted) == result


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        ("a: &x 1\nb: *x\n", {"a": 1, "b": 2}, "it has aliases (*name), through which one change would be several"),
        ("a: 1\na: 2\n", {"a": 3}, "line 2: the key a is given twice"),
        ("a: [1\n", {"a": 1}, "line 2, column 1: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\nb: 2\n", {"b": 2}, "a would have to go"),
        ("a: 1\nb: 2\nc: 3\n", {"c": 3}, "a, b would have to go"),
        ("a: 1\n", {"a": 1, "b": "0o17"}, "its layout is too unusual to be edited by a program"),
        ("a: [1, # one\n  2]\n", {"a": [3]}, "line 1: comments in what is replaced would be lost"),
        ("a: &x\n- 1\n", {"a": [1, 2]}, "its layout is too unusual to be edited by a program"),
        ("a: 1\n", {"a": 1.0}, "its layout is too unusual to be edited by a program"),
    ],
)
def test_what_can_not_be_edited_says_why(text: str, wanted: object, message: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        edited(text, wanted)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "the file must have keys and values"),
        ("config: [a]\n", "config: must have keys and values"),
        ("config: {workshop:adopt: x}\n", "workshop:adopt: must have keys and values"),
        ("config: {adopt: [x]}\n", "adopt: must have keys and values"),
        ("config: {\n", "line 2, column 1: expected the node content, but found '<stream end>'"),
    ],
)
def test_what_holds_no_adoptions_says_so(text: str, message: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        with_adoption(text, {"a": "b"})
    assert str(refused.value) == message
