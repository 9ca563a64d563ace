"""Everything that cannot be read of a resource is named in one run, not one value after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from policies.pack.catalog import POLICIES
from policies.pack.testing import UNKNOWN, Resource, judge_pack
from tests.policies.declared import node_class, node_pool, record, replication, repository, server
from tests.policies.expecting import sandbox

RESOURCES = {
    "node class": node_class(metadataOptions={"httpTokens": "required", "httpPutResponseHopLimit": 1}),
    "node pool": node_pool(),
    "Deployment": Resource(type="kubernetes:apps/v1:Deployment", inputs=server().with_input("spec.replicas", 2).inputs),
    "record": record(),
    "repository": repository(),
    "replication": replication(),
}


def leaves(value: object, path: str = "") -> Iterator[str]:
    """Paths of every single value, as `with_input` takes them."""
    entries: list[tuple[str, object]]
    if isinstance(value, Mapping):
        entries = list(cast("Mapping[str, object]", value).items())
    elif isinstance(value, list):
        entries = [(str(index), one) for index, one in enumerate(cast("list[object]", value))]
    else:
        yield path
        return
    for key, one in entries:
        if "/" not in key and key != "metadata":  # which object it is decides what is asked of it
            yield from leaves(one, f"{path}.{key}" if path else key)


def unreadable(resource: Resource) -> set[str]:
    """What the pack says of values that it cannot read."""
    said = [text for _, text in judge_pack(POLICIES, resource, stack=sandbox)]
    return {
        text.partition(";")[0] for text in said if " is not known before the change" in text or " is missing" in text
    }


@pytest.mark.parametrize("name", RESOURCES)
def test_gate_13_all_unknown_values_are_named_in_one_run(name: str) -> None:
    resource = RESOURCES[name]
    alone: set[str] = set()
    everything = resource
    for path in leaves(resource.inputs):
        alone |= unreadable(resource.with_input(path, UNKNOWN))
        everything = everything.with_input(path, UNKNOWN)
    assert alone
    assert alone - unreadable(everything) == set()
