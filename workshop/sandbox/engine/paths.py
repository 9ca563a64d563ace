"""Property paths, as ignore_changes and replace_on_changes have them: a.b[0]["c.d"], with * for any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from workshop.sandbox.engine.values import Plain, Secret, plain
from workshop.sandbox.json_values import Json, is_list, is_mapping

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


def with_ignored(inputs: Mapping[str, Json], old_inputs: Mapping[str, Json], ignored: Iterable[str]) -> Plain:
    """The inputs with their old values, or absence, at every ignored path."""
    result: Json = dict(inputs)
    for text in ignored:
        result = _reset(result, old_inputs, parse_path(text))
    return result


_MISSING: Final = object()


def _reset(new: Json, old: Json, path: Path) -> Json:
    if not path:
        return old
    if isinstance(new, Secret):
        return Secret(_reset(new.value, plain(old), path))
    if isinstance(old, Secret):
        old = old.value
    segment, rest = path[0], path[1:]
    if is_mapping(new):
        return _reset_fields(new, old if is_mapping(old) else {}, segment, rest)
    if is_list(new) and is_list(old):
        if segment == "*" and not rest:
            return old
        chosen = range(len(new)) if segment == "*" else [segment]
        return [
            _reset(item, old[index], rest) if index in chosen and index < len(old) else item
            for index, item in enumerate(new)
        ]
    return new


def _reset_fields(new: Mapping[str, Json], old: Mapping[str, Json], segment: str | int, rest: Path) -> Plain:
    result = dict(new)
    for key in {*new, *old} if segment == "*" else {str(segment)}:
        if rest and key not in new:
            continue
        value = _reset(new.get(key), old.get(key, _MISSING), rest)
        if value is _MISSING:
            result.pop(key, None)
        else:
            result[key] = value
    return result
