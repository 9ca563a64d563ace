"""What differs between the inputs that are and those that are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.providers.provider import UNKNOWN, Diff, Properties


def compare(
    old: Properties, new: Properties, *, replaces: Iterable[str] = (), ignore_changes: Iterable[str] = ()
) -> Diff:
    """The paths that differ, such as spec.template.spec.containers[0].image; an UNKNOWN differs from everything.

    replaces: paths at or below which a change means a new resource. ignore_changes: paths left alone.
    """
    ignored, fixed = tuple(ignore_changes), tuple(replaces)
    changed = tuple(path for path in _differences(old, new, "") if not any(_is_within(path, i) for i in ignored))
    return Diff(
        changed=changed,
        replaces=tuple(path for path in changed if any(_is_within(path, f) or _is_within(f, path) for f in fixed)),
    )


def with_ignored(old: Properties, new: Properties, ignore_changes: Iterable[str]) -> dict[str, Json]:
    """The new inputs, with the old ones where changes are ignored. Paths name keys only, not entries of lists."""
    result = dict(new)
    for path in ignore_changes:
        key, _, rest = path.partition(".")
        if rest and is_mapping(result.get(key)) and is_mapping(old.get(key)):
            result[key] = with_ignored(old[key], result[key], (rest,))
        elif key in old:
            result[key] = old[key]
        else:
            result.pop(key, None)
    return result


def like(live: Json, wanted: Json) -> Json:
    """What is there of what is wanted: fields that nobody asked for are left out, so that they make no difference."""
    if is_mapping(live) and is_mapping(wanted):
        return {key: like(live[key], wanted[key]) for key in wanted if key in live}
    if is_list(live) and is_list(wanted) and len(live) == len(wanted):
        return [like(item, other) for item, other in zip(live, wanted, strict=True)]
    return live


def auto_name(urn: str, seed: bytes, digits: int = 7) -> str:
    """The resource's name with a suffix that is the same in preview and update."""
    return f"{urn.rpartition('::')[2]}-{seed.hex()[:digits].ljust(digits, '0')}"


def _differences(old: Json, new: Json, at: str) -> Iterator[str]:
    if new is UNKNOWN:
        yield at
    elif is_mapping(old) and is_mapping(new):
        for key in dict.fromkeys((*old, *new)):
            if not key.startswith("__"):
                yield from _differences(old.get(key), new.get(key), _below(at, key))
    elif is_list(old) and is_list(new) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _differences(before, after, f"{at}[{index}]")
    elif old != new:
        yield at


def _below(at: str, key: str) -> str:
    if not re.fullmatch(r"[\w-]+", key):
        return f'{at}["{key}"]'
    return f"{at}.{key}" if at else key


def _is_within(path: str, ancestor: str) -> bool:
    return path == ancestor or path.startswith((f"{ancestor}.", f"{ancestor}["))
