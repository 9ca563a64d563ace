r"""Text that others wrote, made legible: whatever is in it, it can be printed, put into XML or JSON, and read.

What nobody can see, or what a terminal obeys, is written out (\x1b, \u202e): control characters, changes of direction,
spaces and marks without width, line separators, lone surrogates, code points that mean nothing. A newline stays.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

MOST: Final = 10_000
"""Characters of one text; nobody reads more, and what takes reports has limits of its own."""

_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""What Python calls printable and yet has no width or no ink: Unicode's Default_Ignorable_Code_Point
(DerivedCoreProperties.txt) and the blank pattern of Braille."""


def legible(text: str, most: int | None = MOST) -> str:
    """The text, written out where it has to be. most: characters after which it is cut, which is said."""
    if most is not None and len(text) > most:
        text = f"{text[:most]} ... ({len(text) - most} more characters)"
    if text.replace("\n", "").isprintable() and not _INVISIBLE.search(text):
        return text
    return "".join(one if _is_visible(one) or one == "\n" else ascii(one)[1:-1] for one in text)


def one_line(text: str, most: int | None = MOST) -> str:
    """The same with newlines written out."""
    return legible(text, most).replace("\n", "\\n")


def _is_visible(letter: str) -> bool:
    return letter.isprintable() and not _INVISIBLE.match(letter)


def _of(value: object) -> object:
    return legible(value) if isinstance(value, str) else value


Legible = Annotated[str, BeforeValidator(_of)]
"""A model's text that others wrote."""
