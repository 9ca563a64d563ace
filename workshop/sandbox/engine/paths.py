"""Property paths, as ignore_changes and replace_on_changes have them: a.b[0]["c.d"], with * for any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from workshop.sandbox.engine.values import Plain, Secret

_SEGMENT: Final = re.compile(r'\.?([^.\[\]]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]')

Path = tuple[str | int, ...]


def parse_path(text: str) -> Path:
    """The segments of a path; an index is an int."""
    segments: list[str | int] = []
    for bare, index, quoted in _SEGMENT.findall(text):
        if index:
            segments.append(int(index) if index != "*" else "*")
        else:
            segments.append(bare or quoted.replace('\\"', '"'))
    return tuple(segments)


def covers(pattern: Path, path: Path) -> bool:
    """Whether the pattern is the path or leads to it."""
    return len(pattern) <= len(path) and all(
        wanted in ("*", segment) for wanted, segment in zip(pattern, path, strict=False)
    )


def any_covers(patterns: Iterable[str], path: str) -> bool:
    """Whether one of these paths is the path or leads to it."""
    return any(covers(parse_path(pattern), parse_path(path)) for pattern in patterns)


def with_ignored(inputs: Mapping[str, Any], old_inputs: Mapping[str, Any], ignored: Iterable[str]) -> Plain:
    """The inputs with their old values, or absence, at every ignored path."""
    result = dict(inputs)
    for text in ignored:
        result = cast("Plain", _reset(result, dict(old_inputs), parse_path(text)))
    return result


_MISSING: Final = object()


def _reset(new: Any, old: Any, path: Path) -> Any:
    if not path:
        return old
    if isinstance(new, Secret):
        return Secret(_reset(new.value, old.value if isinstance(old, Secret) else old, path))
    if isinstance(old, Secret):
        old = old.value
    segment, rest = path[0], path[1:]
    if isinstance(new, list) and (segment == "*" or isinstance(segment, int)):
        items = cast("list[Any]", new)
        before = cast("list[Any]", old) if isinstance(old, list) else []
        if segment == "*" and not rest:
            return before
        chosen = range(min(len(items), len(before))) if segment == "*" else [cast("int", segment)]
        return [
            _reset(item, before[index], rest) if index in chosen and index < len(before) else item
            for index, item in enumerate(items)
        ]
    if isinstance(new, dict):
        fields = cast("Plain", new)
        before = cast("Plain", old) if isinstance(old, dict) else {}
        result = dict(fields)
        for key in {*fields, *before} if segment == "*" else {str(segment)}:
            value = _reset(fields.get(key, {}), before.get(key, _MISSING), rest)
            if value is _MISSING:
                result.pop(key, None)
            elif key in fields or not rest:
                result[key] = value
        return result
    return new
