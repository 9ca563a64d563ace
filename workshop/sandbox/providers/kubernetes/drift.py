"""What somebody changed on an object since the last run, and who."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.providers.comparison import compare
from workshop.sandbox.providers.provider import Properties

_STEP: Final = re.compile(r"\[(?P<index>\d+)\]|\[\"(?P<quoted>.*?)\"\]|(?P<key>[\w-]+)")


def drift(wanted: Properties, live: Properties, manifest: Manifest) -> Iterator[str]:
    """One sentence for each field that is not as the last run left it.

    wanted: the inputs of that run; live: the same fields as they are; manifest: the object, with its managedFields.
    """
    for path in compare(wanted, live).changed:
        steps = _steps(path)
        was, found = _value(wanted, steps), _value(live, steps)
        now = "is gone" if found is None else f"is {_text(found)}"
        yield f"{path} {now}, the last run left {_text(was)}{_owner(manifest, steps)}"


def _owner(manifest: Manifest, steps: tuple[str | int, ...]) -> str:
    """Who of those that own the field has touched the object last."""
    entries: list[Mapping[str, Json]] = manifest["metadata"].get("managedFields") or []
    owning = [entry for entry in entries if _owns(entry["fieldsV1"], manifest, steps)]
    if not owning:
        return ": nobody owns it"
    last = max(owning, key=lambda entry: entry.get("time") or "")
    at = f" at {last['time']}" if last.get("time") else ""
    return f": set by {last['manager']}{at}"


def _owns(fields: Mapping[str, Json], value: Json, steps: tuple[str | int, ...]) -> bool:
    """Whether a fieldsV1 tree has the field, or a map or list around it that is owned whole."""
    for step in steps:
        if isinstance(step, int):
            value = value[step] if is_list(value) and step < len(value) else None
            element = next((element for element in fields if _is_entry(element, value)), None)
        else:
            value = value.get(step) if is_mapping(value) else None
            element = f"f:{step}" if f"f:{step}" in fields else None
        if element is None:
            return False
        fields = fields[element]
        if not fields:
            return True
    return True


def _is_entry(element: str, item: Json) -> bool:
    """Whether a list's element in fieldsV1, k:{"name":"coder"}, is this item."""
    if not element.startswith("k:") or not is_mapping(item):
        return False
    return all(item.get(key) == value for key, value in json.loads(element[2:]).items())


def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(
        int(found["index"]) if found["index"] else found["quoted"] or found["key"] for found in _STEP.finditer(path)
    )


def _value(value: Json, steps: tuple[str | int, ...]) -> Json:
    for step in steps:
        if isinstance(step, int):
            value = value[step] if is_list(value) and step < len(value) else None
        else:
            value = value.get(step) if is_mapping(value) else None
    return value


def _text(value: Json) -> str:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return whole if isinstance(whole, str) else json.dumps(whole)
