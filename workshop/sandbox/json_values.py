"""Values as JSON and YAML carry them, between processes and on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

Json: TypeAlias = Any
"""A mapping with text keys, a list, a text, a number, a truth value or None; of a shape that its reader knows."""


def is_mapping(value: Json) -> TypeGuard[Mapping[str, Json]]:
    """Whether it has keys."""
    return isinstance(value, Mapping)


def is_list(value: Json) -> TypeGuard[list[Json]]:
    """Whether it has entries."""
    return isinstance(value, list)
