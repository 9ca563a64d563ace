"""Every single value of a YAML file by its path, so that two versions can be told apart value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from workshop.model.settings.file.yaml import YamlError, read_yaml

_NAMES: Final = ("name", "host")
"""What an entry of a list is called by, where every entry has one of its own."""

WHOLE: Final = "the whole file"
"""Stands for the path where a file can't be read."""

_IN_LIST: Final = "in the list"
_ENCRYPTED: Final = "secure"
_LONGEST: Final = 400
"""Characters of a value that are shown."""


def leaves(text: str | None) -> dict[str, str]:
    """By path: what it says; {} for a file that isn't there, and one entry for a file that can't be read.

    Entries of a list go by their name, so that one more shifts none; comments, order and quotes make no difference.
    """
    if text is None:
        return {}
    try:
        value = read_yaml(text)
    except YamlError as error:
        return {WHOLE: f"can't be read: {error}"}
    return {} if value is None else dict(_leaves("", value))


def changed_leaves(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Path, old and new value of all that differs; "" where it is not set. Of a file that can't be read, only that."""
    paths = before.keys() | after.keys()
    for path in sorted({WHOLE} if WHOLE in paths else paths):
        if before.get(path) != after.get(path):
            yield path, _shown(before, after, path), _shown(after, before, path)


def _shown(version: Mapping[str, str], other: Mapping[str, str], path: str) -> str:
    """What is encrypted is never shown; two long values are shown from where they begin to differ."""
    value, beside = version.get(path, ""), other.get(path, "")
    if path.rpartition(".")[2] == _ENCRYPTED:
        return value and "(encrypted)" + (" and not the same" if beside else "")
    start = next((index for index, (a, b) in enumerate(zip(value, beside, strict=False)) if a != b), 0)
    if len(value) <= _LONGEST:
        return value
    start = max(0, start - _LONGEST // 4)
    cut = value[start : start + _LONGEST]
    return f"{'... ' if start else ''}{cut}{' ...' if start + _LONGEST < len(value) else ''} ({len(value)} characters)"


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, item in cast("dict[object, object]", value).items():
            yield from _leaves(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list) and value:
        for key, item in _entries(cast("list[object]", value)):
            yield from _leaves(f"{path}[{key}]", item)
    else:
        yield path, _said(cast("object", value))


def _entries(items: list[object]) -> list[tuple[object, object]]:
    """The entries with what each goes by: a name of its own, else itself, else its place."""
    if all(isinstance(item, dict) for item in items):
        mappings = cast("list[dict[str, object]]", items)
        for name in _NAMES:
            names = [mapping.get(name) for mapping in mappings]
            if all(isinstance(one, str) for one in names) and len({*map(str, names)}) == len(names):
                return list(zip(names, items, strict=True))
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) == len(items) == len({*texts}):
        return [(text, _IN_LIST) for text in texts]
    return list(enumerate(items))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else '""' if value == "" else str(value)
