"""What differs, in the protocol's words."""

from __future__ import annotations

from typing import Final

from pulumi.runtime.proto.provider_pb2 import DiffResponse, PropertyDiff

from workshop.sandbox.engine.paths import parse_path
from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.providers.provider import Diff, Properties

_REPLACING: Final = {
    PropertyDiff.ADD: PropertyDiff.ADD_REPLACE,
    PropertyDiff.DELETE: PropertyDiff.DELETE_REPLACE,
    PropertyDiff.UPDATE: PropertyDiff.UPDATE_REPLACE,
}


def diff_response(diff: Diff, old_inputs: Properties, new_inputs: Properties) -> DiffResponse:
    """Top-level properties, which the CLI decides by, and every path with its kind, which it shows."""
    paths = (*diff.changed, *(path for path in diff.replaces if path not in diff.changed))
    return DiffResponse(
        changes=DiffResponse.DIFF_SOME if paths else DiffResponse.DIFF_NONE,
        diffs=dict.fromkeys(str(parse_path(path)[0]) for path in paths),
        replaces=dict.fromkeys(str(parse_path(path)[0]) for path in diff.replaces),
        deleteBeforeReplace=diff.is_delete_before_replace,
        hasDetailedDiff=True,
        detailedDiff={
            path: PropertyDiff(kind=_kind(path, old_inputs, new_inputs, path in diff.replaces), inputDiff=True)
            for path in paths
        },
    )


def _kind(path: str, old_inputs: Properties, new_inputs: Properties, replaces: bool) -> PropertyDiff.Kind.ValueType:
    if not _has(old_inputs, path):
        kind = PropertyDiff.ADD
    elif not _has(new_inputs, path):
        kind = PropertyDiff.DELETE
    else:
        kind = PropertyDiff.UPDATE
    return _REPLACING[kind] if replaces else kind


def _has(properties: Properties, path: str) -> bool:
    value: Json = properties
    for segment in parse_path(path):
        if is_mapping(value) and segment in value:
            value = value[str(segment)]
        elif is_list(value) and isinstance(segment, int) and segment < len(value):
            value = value[segment]
        else:
            return False
    return True
