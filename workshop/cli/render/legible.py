"""Text from elsewhere, safe to print."""

from __future__ import annotations

from dataclasses import replace

from workshop.model.outcome import Violation


def legible(violation: Violation) -> Violation:
    """The violation with characters that no report may hold, or nobody can see, written out: \\x1b, \\u202e."""
    return replace(violation, resource=_written_out(violation.resource), message=_written_out(violation.message))


def _written_out(text: str) -> str:
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)
