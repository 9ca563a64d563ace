"""What an event's components declare, as policies are given it, for tests to break."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from policies.pack.testing import Resource
from tests.components.declared import children_of, declared
from tests.components.examples import EXAMPLES

CLUSTER = Resource(type="pulumi:providers:kubernetes", inputs={"context": "coder-ohio"})


@cache
def declared_by(kind: str) -> tuple[Resource, ...]:
    """Children of a component's example."""
    (example,) = (one for one in EXAMPLES if one.id == kind)
    return tuple(
        Resource(
            type=child.type,
            name=child.name,
            inputs=child.inputs,
            provider=CLUSTER if child.type.startswith("kubernetes:") else None,
        )
        for child in children_of(declared(example))
    )


def part(kind: str, name: str) -> Resource:
    """One of these children, by how its name ends."""
    (found,) = (one for one in declared_by(kind) if one.name.endswith(name))
    return found


def bounds_everywhere() -> tuple[Resource, ...]:
    """WorkspaceBounds of all three clusters: a policy and its binding each."""
    return tuple(
        replace(one, name=f"{context}-{one.name}", provider=replace(CLUSTER, inputs={"context": context}))
        for context in ("coder-ohio", "coder-oregon", "coder-london")
        for one in declared_by("WorkspaceBounds")
    )
