"""Text that others wrote: what it may hold in a report, and how much of it."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from workshop.model.legible import MOST, Legible, legible, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ü, 中, 🙂", "plain, ü, 中, 🙂"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\rb\tc", r"a\rb\tc"),
        ("\x00\x7f\x85", r"\x00\x7f\x85"),
        ("\u202egnp\u2066", r"\u202egnp\u2066"),
        ("a\u200bb\u200d\ufeff\u2060\u00ad", r"a\u200bb\u200d\ufeff\u2060\xad"),
        ("\u2028\u2029\u00a0", r"\u2028\u2029\xa0"),
        ("\ud800", r"\ud800"),
        ("\uffff\ufffe\U0001ffff", r"\uffff\ufffe\U0001ffff"),
        ("\ufe0f\u115f\u3164\uffa0\u2800\u034f\U000e0100", r"\ufe0f\u115f\u3164\uffa0\u2800\u034f\U000e0100"),
    ],
    ids=["plain", "csi", "osc", "c1", "blanks", "controls", "bidi", "widthless", "lines", "surrogate", "none", "marks"],
)
def test_what_nobody_sees_is_written_out(text: str, shown: str) -> None:
    assert legible(text) == shown


def test_a_newline_stays_but_on_one_line() -> None:
    assert legible("a\nb") == "a\nb"
    assert one_line("a\nb\x1b") == r"a\nb\x1b"


def test_it_is_cut_and_says_so() -> None:
    assert legible("a" * MOST) == "a" * MOST
    assert legible("a" * (MOST + 2)) == "a" * MOST + " ... (2 more characters)"
    assert legible("a" * (MOST + 2), None) == "a" * (MOST + 2)
    assert one_line("a\nb\nc", 3) == r"a\nb ... (2 more characters)"


def test_as_a_model_s_type() -> None:
    class Named(BaseModel):
        name: Legible

    assert Named(name="\x1b\ud800").name == r"\x1b\ud800"
    with pytest.raises(ValidationError):
        Named.model_validate({"name": 1})
