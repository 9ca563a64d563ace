"""Two versions' resources side by side, and their manifests where they are objects in a cluster."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import yaml

from workshop.cli.declared import Declared, declared_resources
from workshop.model.comparison import Version, violations

_LONGEST_VALUE: Final = 120


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One resource that is not the same in both. before, after: None where it isn't there."""

    before: Declared | None
    after: Declared | None

    @property
    def resource(self) -> Declared:
        """The later of the two that is there."""
        return cast("Declared", self.after or self.before)

    @property
    def what(self) -> str:
        """What happens to it, in a word."""
        if self.before and self.after:
            return "changed"
        return "added" if self.after else "removed"

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Name, property, before and after of all that differs; of a new one or one that goes, itself."""
        kind = self.resource.type.rpartition(":")[2]
        name = f"{self.resource.name} ({kind})"
        if self.before is None or self.after is None:
            yield name, self.what, "-" if self.before is None else "there", "-" if self.after is None else "there"
            return
        old, new = dict(_facts(self.before)), dict(_facts(self.after))
        for path in dict.fromkeys((*old, *new)):
            if old.get(path) != new.get(path):
                yield name, path, _shown(old.get(path)), _shown(new.get(path))

    def manifest(self) -> str:
        """Both manifests, as `diff -u` shows them."""
        old, new = (_manifest(one).splitlines() for one in (self.before, self.after))
        return "\n".join(list(difflib.unified_diff(old, new, lineterm=""))[2:])


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two versions of one stack. problems: what refuses the later one and did not refuse the earlier one."""

    stack: str
    before: Version
    after: Version
    problems: tuple[str, ...]
    resources: tuple[Difference, ...]

    @property
    def is_refused(self) -> bool:
        """Whether the change itself is at fault: a version that cannot be read can't get worse."""
        could_get_worse = not self.before.problems or not self.before.is_there
        return self.after.is_there and bool(self.problems) and (could_get_worse or not self.after.problems)


def compare(stack: str, before: Version, after: Version) -> Comparison:
    """Declares the resources of both versions and finds where they differ."""
    problems = (
        *(after.problems if after.is_there else ()),
        *(f"[{one.rule}] {one}" for one in violations(before, after)),
    )
    is_same = (before.plan, before.settings) == (after.plan, after.settings)
    resources = () if after.plan is None or is_same else differences(_declared(before), _declared(after))
    return Comparison(stack=stack, before=before, after=after, problems=problems, resources=resources)


def _declared(version: Version) -> tuple[Declared, ...]:
    if version.plan is None or version.settings is None:
        return ()
    return declared_resources(version.settings, version.plan)


def differences(before: Iterable[Declared], after: Iterable[Declared]) -> tuple[Difference, ...]:
    """By type and name, in the order of the later version; what goes comes last."""
    old = {(one.type, one.name): one for one in before}
    new = {(one.type, one.name): one for one in after}
    return tuple(
        Difference(before=old.get(key), after=new.get(key))
        for key in dict.fromkeys((*new, *old))
        if old.get(key) != new.get(key)
    )


def _facts(resource: Declared) -> Iterator[tuple[str, object]]:
    yield "protected", resource.is_protected
    yield "adopted from", resource.import_id or None
    yield from _flat("", resource.inputs)


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from _flat(f"{path}.{key}" if path else key, item)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from _flat(f"{path}[{index}]", item)
    elif isinstance(value, str) and value[:1] in ("{", "["):  # documents in JSON, such as whom a role trusts
        try:
            yield from _flat(path, json.loads(value))
        except (ValueError, RecursionError):
            yield path, value
    else:
        yield path, value


def _shown(value: object) -> str:
    text = "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


def _manifest(resource: Declared | None) -> str:
    inputs: Mapping[str, Any] = resource.inputs if resource else {}
    return yaml.safe_dump(dict(inputs), allow_unicode=True, width=110) if inputs else ""
