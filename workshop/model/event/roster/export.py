"""CSV that people open with a spreadsheet: nothing in it acts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose values no spreadsheet takes for a formula; read_roster takes the mark away again."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([disarmed(value) for value in row] for row in rows)
    return text.getvalue()


def disarmed(value: str) -> str:
    """With a quotation mark before what would be a formula (OWASP, CSV injection)."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
