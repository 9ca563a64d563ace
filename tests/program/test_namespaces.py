"""What is in a namespace of ours is declared after it, and so deleted before it.

The CLI registers and deletes side by side. An object whose namespace is not there yet is refused, and the provider
tries again for a while; one that is deleted beside its namespace may be waited for in vain.
"""

from __future__ import annotations

import pytest

from tests.program.declaring import EVENT, Declared, declared
from workshop.model.window.phases import Phase

EVERYTHING = {
    "event": EVENT,
    "monitoring": {"labels": {"release": "prometheus"}},
    "autoscaling": {"enabled": True},
    "mirror": {"schedule": "5 4 * * *"},
}


@pytest.mark.parametrize("phase", Phase)
def test_what_is_in_a_namespace_of_ours_comes_after_it(phase: Phase) -> None:
    stack = declared(phase, has_operator=True, **EVERYTHING)
    namespaces = {
        (one.provider, one.inputs["metadata"]["name"]): one
        for one in stack.recorded.of_type("kubernetes:core/v1:Namespace")
    }
    assert len(namespaces) >= 7
    assert early(stack, {place: one.urn for place, one in namespaces.items()}) == []


def early(stack: Declared, namespaces: dict[tuple[str, str], str]) -> list[str]:
    """Names of objects that may be made before the namespace that they are in."""
    inside = [
        (one, namespaces.get((one.provider, one.inputs["metadata"].get("namespace"))))
        for one in stack.recorded.resources
        if one.is_custom and one.type.startswith("kubernetes:")
    ]
    assert any(namespace for _, namespace in inside)
    return [one.name for one, namespace in inside if namespace and namespace not in stack.needs(one)]
