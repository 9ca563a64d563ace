"""What a patch makes of an object that is declared beside it, as server-side apply merges them.

Source: Kubernetes documentation, Server-Side Apply: merge strategy; custom resources' lists are atomic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias, cast

from policies.framework.policy import Declared
from policies.framework.reading import Reading, Unreadable

Identity: TypeAlias = tuple[str, str, str]
"""Group and kind, namespace, and name."""

_TOKEN: Final = re.compile(r"kubernetes:(?:(?P<group>[^/:]+)/)?[^:/]+:(?P<kind>\w+?)(?:Patch)?")
_BUILT_IN: Final = frozenset({"apps", "batch", "core", "autoscaling", "policy"})


def identity(declared: Declared) -> Identity | None:
    """Which object a resource is about, in whatever cluster; None where that cannot be read."""
    match = _TOKEN.fullmatch(declared.type)
    if match is None:
        return None
    try:
        return f"{match['group'] or 'core'}/{match['kind']}", declared.namespace, declared.object_name
    except Unreadable:
        return None


def is_same_cluster(one: Declared, other: Declared) -> bool:
    """Whether two resources may be in one cluster; where a cluster is not known, they may."""
    return one.place == other.place or one.cluster is None or other.cluster is None


def patched(whole: Declared, patches: Iterable[Declared], name: Declared | None = None) -> Declared:
    """The object with these patches applied. name: whose name the result has in messages."""
    value = whole.props.value
    match = _TOKEN.fullmatch(whole.type)
    by_name = match is not None and (match["group"] or "core") in _BUILT_IN
    for patch in patches:
        value = _merged(value, patch.props.value, by_name=by_name)
    called = name or whole
    return replace(whole, props=Reading(value, whole.props.path), name=called.name, urn=called.urn)


def _merged(whole: object, patch: object, *, by_name: bool) -> object:
    if isinstance(whole, dict) and isinstance(patch, dict):
        entries = dict(cast("dict[str, object]", whole))
        for key, value in cast("dict[str, object]", patch).items():
            if value is not None:
                entries[key] = _merged(entries.get(key), value, by_name=by_name)
        return entries
    if by_name and isinstance(whole, list) and isinstance(patch, list):
        ours, theirs = cast("list[object]", whole), cast("list[object]", patch)
        return _merged_by_name(ours, theirs) if _are_named(ours) and _are_named(theirs) else theirs
    return patch  # pyright: ignore[reportUnknownVariableType] JSON


def _merged_by_name(ours: Sequence[object], theirs: Sequence[object]) -> list[object]:
    changes = {_name(item): item for item in theirs}
    kept = [_merged(item, changes.pop(_name(item), {}), by_name=True) for item in ours]
    return [*kept, *changes.values()]


def _are_named(items: Sequence[object]) -> bool:
    return all(isinstance(_name(item), str) for item in items)


def _name(item: object) -> object:
    return cast("dict[str, object]", item).get("name") if isinstance(item, dict) else None
