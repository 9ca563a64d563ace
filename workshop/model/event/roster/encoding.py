"""The text of a table that somebody exported, whatever its encoding."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a table; that of a thousand people is a hundredth of it."""


class NotText(Exception):
    """Why it can't be read."""


def text_of(data: bytes) -> str:
    """In UTF-8, UTF-16 or Windows-1252. Raises NotText."""
    if len(data) > MOST_BYTES:
        raise NotText(f"it is larger than {MOST_BYTES // 1024 // 1024} MiB")
    for encoding in _encodings(data):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise NotText("it is no text in UTF-8, UTF-16 or Windows-1252: save it as CSV in UTF-8")


def _encodings(data: bytes) -> tuple[str, ...]:
    """By its mark; without one, text in UTF-16 has a NUL in most pairs of bytes, and no other text has any."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if b"\0" in data:
        return ("utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be",)
    return ("utf-8", "cp1252")


def rows_of(data: bytes) -> list[list[str]]:
    """Every row that has a value, its cells without blanks around them; by comma, semicolon or tab, whichever the first
    line has most of. Raises NotText."""
    lines = text_of(data)
    first = next((line for line in lines.splitlines() if line.strip()), "")
    try:
        rows = csv.reader(StringIO(lines, newline=""), delimiter=max(",;\t", key=first.count))
        return [cells for row in rows if any(cells := [cell.strip() for cell in row])]
    except csv.Error as error:
        raise NotText(f"it is no table: {error}") from None
