"""What scripts for developers take on their command lines."""

from __future__ import annotations

from argparse import ArgumentTypeError


def count(text: str) -> int:
    """A number from 1. Raises ArgumentTypeError, which argparse tells with the option's name, and ends with 2."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)
