"""Who owns which field of an object: Kubernetes' server-side apply over plain values.

A set of fields is kept as in metadata.managedFields (fieldsV1): "f:NAME" for a key of a map, `k:{"name":"coder"}` for
an entry of a list that is merged by a key; everything else is owned as a whole.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Final, TypeAlias

from workshop.sandbox.json_values import Json, is_list, is_mapping

FieldPath: TypeAlias = tuple[str, ...]

_LIST_KEYS: Final = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "imagePullSecrets": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
}
"""Lists of built-in kinds that merge by a key. Custom resources' lists are owned whole."""


def field_paths(value: Json, merges_lists: bool, at: FieldPath = ()) -> list[FieldPath]:
    """Every leaf of an object, as paths of fieldsV1 elements, in the object's order."""
    if is_mapping(value) and value:
        below = [(f"f:{key}", item) for key, item in value.items()]
    elif key := _merge_key(at, value) if merges_lists else None:
        below = [(_entry(key, item), item) for item in value]
    else:
        return [at] if at else []
    return [path for element, item in below for path in field_paths(item, merges_lists, (*at, element))]


def value_at(value: Json, path: FieldPath) -> Json:
    """The value at a path; None where there is none."""
    for element in path:
        if value is None:
            return None
        if element.startswith("f:"):
            value = value.get(element[2:])
        else:
            (key, wanted), *_ = json.loads(element[2:]).items()
            value = next((item for item in value if item.get(key) == wanted), None)
    return value


def with_value(target: dict[str, Json], path: FieldPath, value: Json) -> None:
    """Sets the value at a path, making what is missing on the way."""
    place: Json = target
    for index, element in enumerate(path):
        is_last = index == len(path) - 1
        if element.startswith("k:"):
            (key, wanted), *_ = json.loads(element[2:]).items()
            item = next((item for item in place if item.get(key) == wanted), None)
            if item is None:
                place.append(item := {key: wanted})
            place = item
        elif is_last:
            place[element[2:]] = copy.deepcopy(value)
        else:
            place = place.setdefault(element[2:], [] if path[index + 1].startswith("k:") else {})


def without(target: dict[str, Json], path: FieldPath) -> None:
    """Removes the field at a path, and the entry or map that it leaves empty."""
    *parents, last = path
    place = value_at(target, tuple(parents))
    if place is None:
        return
    if last.startswith("f:"):
        place.pop(last[2:], None)
    else:
        (key, wanted), *_ = json.loads(last[2:]).items()
        place[:] = [item for item in place if item.get(key) != wanted]
    if not place and len(parents) > 1:
        without(target, tuple(parents))


def to_fields_v1(paths: set[FieldPath]) -> dict[str, Json]:
    """As in metadata.managedFields."""
    tree: dict[str, Json] = {}
    for path in sorted(paths):
        place = tree
        for element in path:
            place = place.setdefault(element, {})
    return tree


def from_fields_v1(tree: Mapping[str, Json], at: FieldPath = ()) -> set[FieldPath]:
    """The leaves of a fieldsV1 tree."""
    return {
        path
        for element, below in tree.items()
        if element != "."
        for path in (from_fields_v1(below, (*at, element)) or {(*at, element)})
    }


def readable(path: FieldPath) -> str:
    """As the API server writes it in a conflict: .spec.template.spec.containers[name="coder"].image."""
    text = ""
    for element in path:
        if element.startswith("f:"):
            text += f".{element[2:]}"
        else:
            text += "[" + ",".join(f"{k}={json.dumps(v)}" for k, v in json.loads(element[2:]).items()) + "]"
    return text


def _merge_key(at: FieldPath, value: Json) -> str | None:
    """The key by which a list at this path merges, if each of its entries has it."""
    if not is_list(value) or not value or not at:
        return None
    key = _LIST_KEYS.get(at[-1][2:])
    return key if key and all(is_mapping(item) and key in item for item in value) else None


def _entry(key: str, item: Json) -> str:
    return "k:" + json.dumps({key: item[key]}, separators=(",", ":"))
