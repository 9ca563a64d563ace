"""The URNs under which a resource may be known from before: its own aliases, and those of its parent."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi.runtime.proto import alias_pb2

from workshop.sandbox.engine.registration.goals import Goal
from workshop.sandbox.engine.urns import create_urn, name_of, type_of


def alias_urns(goal: Goal, stack: str, project: str, renamed: Mapping[str, str]) -> list[str]:
    """In the order in which they are tried. renamed: what earlier resources of this run were found under."""
    found = [_alias_urn(goal, alias, stack, project, renamed) for alias in goal.aliases]
    before = renamed.get(goal.parent)
    if before:
        for kind, name in [(goal.type, goal.name), *((type_of(urn), name_of(urn)) for urn in found)]:
            # A child named after its parent was named after the parent's old name.
            is_named_after = name.startswith(name_of(goal.parent))
            old_name = name_of(before) + name.removeprefix(name_of(goal.parent)) if is_named_after else name
            found.append(create_urn(stack, project, before, kind, old_name))
    return found


def _alias_urn(goal: Goal, alias: alias_pb2.Alias, stack: str, project: str, renamed: Mapping[str, str]) -> str:
    if alias.HasField("urn"):
        return alias.urn
    spec = alias.spec
    parent = "" if spec.noParent else renamed.get(spec.parentUrn, spec.parentUrn) or goal.parent
    return create_urn(
        spec.stack or stack, spec.project or project, parent, spec.type or goal.type, spec.name or goal.name
    )
