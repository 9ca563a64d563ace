"""How an entry point fails."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


class RotationFailure(Exception):
    """What is wrong and how to fix it. Never holds a key, nor any part of an answer that could hold one."""


@contextmanager
def named(what: str, *kinds: type[Exception]) -> Generator[None]:
    """Names what failed by the error's type alone: errors of clients and parsers quote what they were given."""
    try:
        yield
    except kinds as error:
        raise RotationFailure(f"{what}: {type(error).__name__}") from None
