"""What is wrong with a stack's settings, one message for every wrong value, each with the command that fixes it."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import ErrorDetails

from workshop.model.legible import one_line
from workshop.model.settings.commands import SettingPath, key_of, remove_command, set_command

Schema = dict[str, Any]
"""JSON Schema of a part of the settings."""

MOMENT_FORMAT: Final = "YYYY-MM-DDTHH:MM-07:00"
"""Stands where an example would be a date, which passes."""

_OF_A_KEY: Final = "[key]"
"""What pydantic adds to the path where a mapping's key is wrong, not what it stands for."""


class SettingsError(Exception):
    """The settings can't be read. messages: one for every wrong value, ready to be shown."""

    def __init__(self, messages: tuple[str, ...]) -> None:
        self.messages = tuple(one_line(message) for message in messages)
        super().__init__("\n".join(self.messages))


@dataclass(frozen=True, kw_only=True)
class WrongValue:
    """A value that doesn't go with others. path: below the place that is checked; fix: the value to set, if known."""

    path: SettingPath
    found: object
    needed: str
    fix: object = None


class Misspelt(ValueError):
    """Raised by the settings' types; carries the value that is probably meant, if there is one."""

    def __init__(self, needed: str, meant: str | None) -> None:
        self.meant = meant
        super().__init__(needed)


class WrongValues(ValueError):
    """Raised by the settings' validators; carries every wrong value that one check found."""

    def __init__(self, values: Sequence[WrongValue]) -> None:
        self.values = tuple(values)
        super().__init__("; ".join(value.needed for value in values))


def messages_for(errors: list[ErrorDetails], schema: Schema) -> tuple[str, ...]:
    """One message for every error of pydantic's. schema: the settings model's JSON Schema."""
    wrong = [error for error in errors if not is_counted_short(error, errors)]
    return tuple(dict.fromkeys(message for error in wrong for message in _messages(error, schema)))


def is_counted_short(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether a list is called too short only because its wrong entries aren't counted."""
    depth = len(error["loc"])
    return error["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == error["loc"] for other in errors
    )


def _messages(error: ErrorDetails, schema: Schema) -> Iterator[str]:
    path: SettingPath = error["loc"]
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, WrongValues):
        for wrong in cause.values:
            fix = None if wrong.fix is None else shlex.quote(str(wrong.fix))
            yield _message((*path, *wrong.path), wrong.found, wrong.needed, fix, schema)
    elif error["type"] == "missing":
        for leaf in _required_leaves(path, schema):
            description = _at(leaf, schema).get("description")
            yield (
                f"{key_of(leaf)} is not set{f': {description}' if description else ''}. "
                f"Fix: {set_command(leaf, _example(_at(leaf, schema)))}"
            )
    elif error["type"] == "extra_forbidden":
        needed, fix = _no_such_setting(path, schema), remove_command(path)
        yield f"{key_of(path)} is {_shown(error['input'])}: {needed}. Fix: {fix}"
    elif not path:
        yield f"a key under workshop: is not text: {_shown(error['input'])}. Fix: remove it from config:"
    else:
        needed = str(cause) if cause is not None else _allowed(_at(path, schema))
        if path[-1] == _OF_A_KEY:
            path = path[:-1]
            yield f"{key_of(path)} is called {_shown(path[-1])}: {needed}. Fix: {remove_command(path)}"
        else:
            fix = shlex.quote(cause.meant) if isinstance(cause, Misspelt) and cause.meant else None
            yield _message(path, error["input"], needed, fix, schema)


def _message(path: SettingPath, found: object, needed: str, fix: str | None, schema: Schema) -> str:
    place = _at(path, schema)
    if fix is None and _is_structure(place):
        leaves = _required_leaves(path, schema)
        commands = [remove_command(path), *(set_command(leaf, _example(_at(leaf, schema))) for leaf in leaves)]
    else:
        commands = [set_command(path, fix or _example(place))]
    return f"{key_of(path)} is {_shown(found)}: {needed}. Fix: {' && '.join(commands)}"


def _no_such_setting(path: SettingPath, schema: Schema) -> str:
    known = sorted(_at(path[:-1], schema).get("properties", {}))
    close = difflib.get_close_matches(str(path[-1]), known)
    return f"unknown setting; {f'perhaps {close[0]} is meant' if close else 'known: ' + ', '.join(known)}"


def _shown(value: object) -> str:
    """A value as people would type it, on one line and of bounded length, whatever is in it."""
    try:
        text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = "(too deep to show)"
    if not text.isprintable():
        text = json.dumps(text)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _at(path: SettingPath, schema: Schema) -> Schema:
    """The schema of one place; {} where none is known, and in mappings, which hold texts."""
    place = schema
    for step in path:
        below = place.get("items", {}) if isinstance(step, int) else place.get("properties", {}).get(step, {})
        place = _resolved(below, schema)
    return place


def _resolved(place: Schema, schema: Schema) -> Schema:
    """Follows a reference and drops the `or null` of what may be unset."""
    for alternative in place.get("anyOf", ()):
        if alternative.get("type") != "null":
            place = {**place, **alternative}
    if "$ref" in place:
        place = {**schema["$defs"][place["$ref"].rpartition("/")[2]], **place}
    return place


def _is_structure(place: Schema) -> bool:
    return place.get("type") in ("object", "array")


def _required_leaves(path: SettingPath, schema: Schema) -> list[SettingPath]:
    """The single values that must be set for a place to be valid; the place itself where it is a single value."""
    place = _at(path, schema)
    if place.get("type") == "array":
        return _required_leaves((*path, 0), schema)
    if place.get("type") == "object":
        return [leaf for key in place.get("required", ()) for leaf in _required_leaves((*path, key), schema)]
    return [path]


def _example(place: Schema) -> str:
    """Shell text of a value that would do."""
    if place.get("format") == "date-time":
        return MOMENT_FORMAT
    if place.get("examples"):
        return shlex.quote(str(place["examples"][0]))
    if place.get("enum"):
        return shlex.quote(str(place["enum"][0]))
    default = place.get("default")
    if isinstance(default, bool):
        return str(default).lower()
    if default is not None:
        return shlex.quote(str(default))
    return str(place.get("minimum", "VALUE"))


def _allowed(place: Schema) -> str:
    kind = place.get("type")
    if "enum" in place:
        return f"must be one of {', '.join(place['enum'])}"
    if kind == "integer":
        return f"must be a whole number from {place['minimum']} to {place['maximum']}"
    if kind == "boolean":
        return "must be true or false"
    if kind == "array":
        return "must be a list with at least one entry" if place.get("minItems") else "must be a list"
    if kind == "object":
        return f"must have keys and values: {', '.join(place.get('properties', ('names and text',)))}"
    return "must be text"


def check_distinct(name: str, values: Sequence[str]) -> None:
    """Nothing in this list is named twice."""
    raise_wrong(repeated(values, lambda index: (name, index)))


def repeated(values: Sequence[str | None], path_of: Callable[[int], SettingPath]) -> list[WrongValue]:
    """Every value that has been given before; what is unset is never a repetition."""
    wrong: list[WrongValue] = []
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value is None:
            continue
        if value in first:
            needed = f"repeats entry {first[value]}; every entry needs its own"
            wrong.append(WrongValue(path=path_of(index), found=value, needed=needed, fix="VALUE"))
        first.setdefault(value, index)
    return wrong


def raise_wrong(wrong: Sequence[WrongValue]) -> None:
    """Raises WrongValues where there is any."""
    if wrong:
        raise WrongValues(wrong)
