"""Markdown for GitHub in which what comes from elsewhere is code, and code is never more than text.

GitHub looks for mentions, references, addresses and links in what Markdown and entities have become, so that neither a
backslash nor an entity stops it. In code it looks for none (docs/dns.md says what this relies on).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from workshop.model.legible import legible, one_line

_MOST_IN_LINE: Final = 2_000
"""Characters of a text within a line."""

_HARMLESS: Final = re.compile(r"(?:[A-Za-z]+|\d{1,6}(?:\.\d{1,6})?)(?:,? (?:[A-Za-z]+|\d{1,6}(?:\.\d{1,6})?))*")
_COMMIT: Final = re.compile(r"\b[0-9a-fA-F]{7,}\b")
"""What GitHub may take for a commit."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a document. summary: what stands for it where there is no room, None where it has to stay."""

    text: str
    summary: str | None = None

    @property
    def shortest(self) -> str:
        """What is there in any case."""
        return self.text if self.summary is None else self.summary


LEFT_OUT: Final = (
    "**Left out**, for want of room: {number} parts. What is above is not all: read the whole where you have git.\n"
)


def bounded(blocks: Sequence[Block], most_bytes: int | None) -> str:
    """The document. Where it would be longer, the last blocks that have a summary are cut to it; then whole blocks go.

    No block is cut within itself: half a code span would be none.
    """
    if most_bytes is None:
        return "".join(f"{block.text}\n" for block in blocks)
    note = LEFT_OUT.format(number=len(blocks))
    kept = list(blocks)
    while len(kept) > 1 and sum(_size(block.shortest) for block in kept) > most_bytes - _size(note):
        kept.pop()
    shown = [block.shortest for block in kept]
    if len(kept) < len(blocks):
        shown.append(LEFT_OUT.format(number=len(blocks) - len(kept)))
    room = most_bytes - sum(_size(text) for text in shown)
    for index, block in enumerate(kept):
        more = _size(block.text) - _size(shown[index])
        if more <= room:
            shown[index] = block.text
            room -= more
    return "".join(f"{part}\n" for part in shown)


def code(text: str) -> str:
    """Text from elsewhere within a line: a code span that nothing in it can end; plain words are left as they are."""
    text = one_line(text, _MOST_IN_LINE)
    if _HARMLESS.fullmatch(text) and not _COMMIT.search(text):
        return text
    if not text.strip():
        return f"` {text} `" if text else "(nothing)"
    fence = _fence(text, 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; of the cells' text nothing is Markdown."""
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """A bar ends a cell even in a code span, unless it is escaped; after a backslash it is written out."""
    if text in ("", "-"):
        return "-"
    return code(text.replace("\\|", "\\\\x7c")).replace("|", "\\|")


def folded(title: str, text: str, language: str) -> str:
    """Code that is shown once somebody opens it."""
    text = legible(text, None)
    fence = _fence(text, 3)
    head = html.escape(one_line(title, _MOST_IN_LINE))
    return f"<details><summary><code>{head}</code></summary>\n\n{fence}{language}\n{text}\n{fence}\n\n</details>\n"


def _fence(text: str, least: int) -> str:
    """More backticks than the text has in a row."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(least, longest + 1)


def _size(text: str) -> int:
    return len(text.encode()) + 1
