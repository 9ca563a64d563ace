"""Markdown for GitHub in which what comes from a commit is never more than text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a document. summary: what stands for it where there is no room, None where it has to stay."""

    text: str
    summary: str | None = None

    @property
    def shortest(self) -> str:
        """What is there in any case."""
        return self.text if self.summary is None else self.summary


def bounded(blocks: Sequence[Block], most_bytes: int | None) -> str:
    """The document. Where it would be longer, the last blocks that have a summary are cut to it."""
    if most_bytes is None:
        return "".join(f"{block.text}\n" for block in blocks)
    shown = [block.shortest for block in blocks]
    room = most_bytes - sum(_size(text) for text in shown)
    for index, block in enumerate(blocks):
        more = _size(block.text) - _size(shown[index])
        if more <= room:
            shown[index] = block.text
            room -= more
    text = "".join(f"{part}\n" for part in shown)
    if _size(text) > most_bytes + 1:
        return text.encode()[:most_bytes].decode(errors="ignore").rpartition("\n")[0] + "\n"
    return text


def plain(text: str) -> str:
    """Text that stays text: no Markdown, no HTML, no mention, on one line."""
    escaped = re.sub(r"([\\`*_{}\[\]<>#|!~])", r"\\\1", _visible(text))
    return escaped.replace("&", "&amp;").replace("@", "&#64;").replace("://", ":&#47;/")


def cell(text: str) -> str:
    """Text of ours in a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; of the cells' text nothing is Markdown."""
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(plain(cell) or '-' for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def folded(title: str, code: str, language: str) -> str:
    """Code that is shown once somebody opens it."""
    code = "\n".join(_visible(line) for line in code.splitlines())
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    head = html.escape(_visible(title)).replace("@", "&#64;")
    return f"<details><summary>{head}</summary>\n\n{fence}{language}\n{code}\n{fence}\n\n</details>\n"


def _visible(text: str) -> str:
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


def _size(text: str) -> int:
    return len(text.encode()) + 1
