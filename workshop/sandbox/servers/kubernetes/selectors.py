"""Kubernetes' label and field selectors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from workshop.sandbox.json_values import Json, is_mapping

Matches: TypeAlias = Callable[[Mapping[str, Json]], bool]

_SET = re.compile(r"(?P<key>[\w./-]+)\s+(?P<operator>in|notin)\s+\((?P<values>[^)]*)\)")
_EQUALITY = re.compile(r"(?P<key>[\w./-]+)\s*(?P<operator>==|=|!=)\s*(?P<value>[\w.:/-]*)")
_EXISTENCE = re.compile(r"(?P<operator>!?)\s*(?P<key>[\w./-]+)")


class SelectorError(ValueError):
    """The selector can't be read."""


def label_selector(text: str) -> Matches:
    """As in labelSelector: a=b, a!=b, a in (b, c), a notin (b), a, !a, joined by commas. Raises SelectorError."""
    requirements = [_label_requirement(part) for part in _parts(text)]
    return lambda item: all(holds(item["metadata"].get("labels") or {}) for holds in requirements)


def field_selector(text: str) -> Matches:
    """As in fieldSelector: metadata.name=a, spec.nodeName!=b, joined by commas. Raises SelectorError."""
    requirements = [_field_requirement(part) for part in _parts(text)]
    return lambda item: all(holds(item) for holds in requirements)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^(]*\))", text) if part.strip()]


def _label_requirement(part: str) -> Callable[[Mapping[str, str]], bool]:
    if match := _SET.fullmatch(part):
        key, values = match["key"], {value.strip() for value in match["values"].split(",")}
        if match["operator"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if match := _EQUALITY.fullmatch(part):
        key, value = match["key"], match["value"]
        if match["operator"] == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if match := _EXISTENCE.fullmatch(part):
        key, is_absent = match["key"], bool(match["operator"])
        return lambda labels: (key in labels) != is_absent
    raise SelectorError(f"unable to parse requirement: {part}")


def _field_requirement(part: str) -> Matches:
    match = _EQUALITY.fullmatch(part)
    if match is None:
        raise SelectorError(f"invalid field selector: {part}")
    keys, wanted, is_negated = match["key"].split("."), match["value"], match["operator"] == "!="

    def holds(item: Mapping[str, Json]) -> bool:
        value: Json = item
        for key in keys:
            value = value.get(key) if is_mapping(value) else None
        return (("" if value is None else str(value)) == wanted) != is_negated

    return holds
