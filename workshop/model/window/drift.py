"""What makes Karpenter replace a node: a field of its class or of its pool's template that is no longer what it was.

Everything in an EC2NodeClass's spec and in a NodePool's spec.template counts: it is part of the hash that nodes carry,
or nodes are matched against it (karpenter.sh, concepts/disruption, Drift). Limits, weight and disruption do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from workshop.model.names import NODE_POOL
from workshop.model.observations import Assumed, Found, RegionObservations


@dataclass(frozen=True, kw_only=True)
class LiveNodes:
    """What policies must know of a region's nodes before a declaration of them is let through.

    is_in_use: workspaces run on our pool, or it is not known whether they do. node_class, node_pool: fields as they
    are live, given only while in use: otherwise they may change, and a program's inputs must not change by that.
    """

    is_in_use: bool = False
    node_class: Mapping[str, Any] = field(default_factory=dict[str, Any])
    node_pool: Mapping[str, Any] = field(default_factory=dict[str, Any])


def live_nodes(here: RegionObservations) -> LiveNodes:
    """What was observed; nodes that nobody ever declared are in no use."""
    running, node_class, node_pool = here.running_workspaces, here.node_class, here.node_pool
    may_run = isinstance(running, Assumed) or (isinstance(running, Found) and running.value.get(NODE_POOL, 0) > 0)
    exists = isinstance(node_class, Found) or isinstance(node_pool, Found)
    if not (may_run and exists):
        return LiveNodes()
    return LiveNodes(
        is_in_use=True,
        node_class=class_fields(node_class.value.spec) if isinstance(node_class, Found) else {},
        node_pool=pool_fields(node_pool.value.spec) if isinstance(node_pool, Found) else {},
    )


def class_fields(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Every field of a class's spec by its path; a volume's by its device, whatever their order."""
    fields = _flat({key: value for key, value in spec.items() if key != "blockDeviceMappings"})
    for entry in _list(spec.get("blockDeviceMappings")):
        mapping = _mapping(entry)
        name = f"volume {mapping.get('deviceName')}"
        ebs = _mapping(mapping.get("ebs"))
        fields[name] = ebs.get("volumeSize")
        rest = {key: value for key, value in mapping.items() if key not in ("deviceName", "ebs")}
        rest |= {key: value for key, value in ebs.items() if key != "volumeSize"}
        fields |= {f"{name} {key}": value for key, value in _flat(rest).items()}
    return fields


def pool_fields(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Every field of a pool's template by its path; a requirement's values by its key, whatever their order."""
    template = _mapping(spec.get("template"))
    node = _mapping(template.get("spec"))
    fields = _flat(_mapping(template.get("metadata")))
    fields |= _flat({key: value for key, value in node.items() if key != "requirements"})
    for entry in _list(node.get("requirements")):
        requirement = _mapping(entry)
        operator = requirement.get("operator")
        name = str(requirement.get("key")) if operator == "In" else f"{requirement.get('key')} {operator}"
        values = [str(value) for value in _list(requirement.get("values"))]
        fields[name] = sorted([*fields.get(name, ()), *values])
    return fields


def differences(live: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[str]:
    """Fields that would change, as sentences."""
    for name in sorted({*live, *declared}):
        if live.get(name) != declared.get(name):
            yield f"{name} would change from {_shown(live.get(name))} to {_shown(declared.get(name))}"


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in values.items():
        below = _mapping(value)
        if below:
            fields |= _flat(below, f"{prefix}{key}.")
        elif value is not None:
            fields[f"{prefix}{key}"] = value
    return fields


def _shown(value: Any) -> str:  # noqa: ANN401 - from a cluster or a program, as it is
    """A value in words; Pulumi turns 9 into 9.0."""
    if value is None:
        return "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - from a cluster or a program, as it is
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - from a cluster or a program, as it is
    return cast("list[Any]", value) if isinstance(value, list) else []
