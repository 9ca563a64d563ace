"""Numbers of things."""

from __future__ import annotations


def count(number: int, thing: str, things: str = "") -> str:
    """Such as 1 reason and 2 reasons. things: the plural, where it takes more than an s."""
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
