"""node-requirements: a pool's requirements mean what they say, and nodes that meet them can carry the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from policies.framework.kinds import NODE_CLASS, NODE_POOL
from policies.framework.policy import Context, Declared, Option, Policy, Problem, set_by_patch
from policies.resources.node_pools import (
    ARCHITECTURE,
    CAPACITY_TYPE,
    INSTANCE_TYPE,
    OPERATING_SYSTEM,
    ZONE,
    Requirement,
    allowed_values,
    contradictions,
    requirements,
)
from policies.resources.pool_limits import pool_limits
from policies.resources.well_known_labels import WELL_KNOWN
from policies.resources.workspaces import NOT_FOR_WORKSPACES, runs_workspaces
from workshop.model.findings import Refused
from workshop.model.instances import INSTANCE_TYPES, ZONES
from workshop.model.plan.nodes import users_per_node
from workshop.model.settings.stack import Settings

VALUES = {
    CAPACITY_TYPE: frozenset({"on-demand"}),
    ARCHITECTURE: frozenset({"amd64", "arm64"}),
    OPERATING_SYSTEM: frozenset({"linux"}),
}
"""What workspace nodes may be. Spot and reserved capacity can be taken away, or run out, under a workshop."""

_ZONE_NAME = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """Keys, values, contradictions, limits and the node class of one pool."""
    if declared.is_patch:
        yield from set_by_patch(declared, "template.spec.requirements", "template.spec.nodeClassRef")
        return
    found = requirements(declared)
    own = frozenset(key.text() for key in context.options.member("ownKeys").items_or_none())
    yield from unknown_keys(found, own)
    yield from wrong_values(found)
    for key in contradictions(found):
        yield Problem(problem=f"the requirements on {key} contradict each other", fix=f"keep one requirement on {key}")
    yield from wrong_class_reference(declared)
    if runs_workspaces(declared, context):
        yield from unusable_types(found)
        yield from pool_limits(declared, context, region_of(found))
        stack = context.stack
        if stack is not None:
            yield from missing_from_plan(found, stack.settings)


def unknown_keys(found: Sequence[Requirement], own: frozenset[str]) -> Iterator[Problem]:
    """Keys that constrain nothing: Karpenter takes any other for a label to put on nodes."""
    for one in found:
        if one.key not in WELL_KNOWN and one.key not in own:
            yield Problem(
                problem=f"{one.path}.key is '{one.key}', which Karpenter does not know: it constrains nothing",
                fix=f"write {right_key(one.key)}",
            )


def right_key(key: str) -> str:
    """The well-known key that was most likely meant."""
    name = key.rpartition("/")[2]
    same = [known for known in WELL_KNOWN if known.rpartition("/")[2] == name]
    nearest = same or get_close_matches(key, sorted(WELL_KNOWN), n=1, cutoff=0)
    return nearest[0]


def wrong_values(found: Sequence[Requirement]) -> Iterator[Problem]:
    """Values that do not exist or that workspace nodes must not have, and keys that must be named.

    Zones are known of the catalogue's regions; of another region's only the form of their names.
    """
    for key, allowed in VALUES.items():
        values = allowed_values(found, key)
        if values is None and key == CAPACITY_TYPE:
            yield Problem(
                problem=f"no requirement limits {key}, so spot nodes may come",
                fix=f"require {key} In [on-demand]",
            )
        for value in sorted((values or frozenset()) - allowed):
            yield Problem(
                problem=f"{key} allows '{value}', must be one of {', '.join(sorted(allowed))}",
                fix=f"remove '{value}'",
            )
    for zone in sorted(allowed_values(found, ZONE) or ()):
        known = sorted(ZONES.get(zone[:-1], ()))
        if not _ZONE_NAME.fullmatch(zone) or (known and zone not in known):
            yield Problem(
                problem=f"{ZONE} allows '{zone}', not an availability zone",
                fix=f"write {' or '.join(known)}" if known else "write the zone's name, such as us-east-2c",
            )


def unusable_types(found: Sequence[Requirement]) -> Iterator[Problem]:
    """Instance types that are not named, or of which nothing is known."""
    types = allowed_values(found, INSTANCE_TYPE)
    if types is None:
        yield Problem(
            problem=f"no requirement names instance types with {INSTANCE_TYPE} In [...]",
            fix=f"name types of the catalogue: {', '.join(sorted(INSTANCE_TYPES))}",
        )
    for name in sorted((types or frozenset()) - set(INSTANCE_TYPES)):
        yield Problem(
            problem=f"the instance type '{name}' is not in the catalogue",
            fix=f"take one of {', '.join(sorted(INSTANCE_TYPES))}, or add it to the catalogue with its source",
        )


def region_of(found: Sequence[Requirement]) -> str | None:
    """The one region that the zones lie in, or None where they name none or several."""
    zones = allowed_values(found, ZONE) or frozenset()
    regions = {match[1] for zone in zones if (match := _ZONE_NAME.fullmatch(zone))}
    return regions.pop() if len(regions) == 1 else None


def missing_from_plan(found: Sequence[Requirement], settings: Settings) -> Iterator[Problem]:
    """Zones of the settings that the pool leaves out, and types on which fewer workspaces fit than planned."""
    zones = allowed_values(found, ZONE) or frozenset()
    region = next((region for region in settings.regions if region.name == region_of(found)), None)
    if region is None:
        yield Problem(
            problem=f"{ZONE} allows {', '.join(sorted(zones)) or 'any zone'}, which is no one region of the settings",
            fix=f"require {ZONE} In the zones of one region in workshop:regions",
        )
    elif absent := sorted(set(region.zones) - zones):
        yield Problem(
            problem=f"{ZONE} leaves out {', '.join(absent)} of {region.name}'s zones",
            fix=f"add {', '.join(absent)}",
        )
    planned, _ = users_per_node(settings.workspaces, settings.daemonset_overhead)
    for name in sorted((allowed_values(found, INSTANCE_TYPE) or frozenset()) & set(INSTANCE_TYPES)):
        holds = _holds(name, settings)
        if holds < planned:
            yield Problem(
                problem=f"{name} holds {holds} workspaces, the plan counts on {planned} a node",
                fix=f"remove {name}, or name it in workshop:workspaces.instance_types and plan with it",
            )


def _holds(name: str, settings: Settings) -> int:
    workspaces = settings.workspaces.model_copy(update={"instance_types": (name,)})
    try:
        return users_per_node(workspaces, settings.daemonset_overhead)[0]
    except Refused:
        return 0


def wrong_class_reference(declared: Declared) -> Iterator[Problem]:
    """A reference that names no EC2NodeClass; the server accepts it, and no node ever comes."""
    reference = declared.props.member("spec", "template", "spec", "nodeClassRef")
    for name, wanted in (("group", "karpenter.k8s.aws"), ("kind", "EC2NodeClass")):
        found = reference.member(name).text()
        if found != wanted:
            yield Problem(problem=f"{reference.path}.{name} is '{found}', must be {wanted}", fix=f"write {wanted}")
    reference.member("name").text()


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """References to node classes that the stack does not declare."""
    existing = {name.text() for name in context.options.member("existingNodeClasses").items_or_none()}
    existing |= {declared.object_name for declared in resources if NODE_CLASS(declared.type)}
    for declared in resources:
        if NODE_POOL(declared.type) and not declared.is_patch:
            name = declared.props.member("spec", "template", "spec", "nodeClassRef", "name").text()
            if name not in existing:
                yield Problem(
                    problem=f"the node class '{name}' is not declared in this stack",
                    fix=f"declare it, or write one of: {', '.join(sorted(existing)) or 'none declared'}",
                    about=declared,
                )


NODE_REQUIREMENTS = Policy(
    id="node-requirements",
    title="A node pool's requirements mean what they say, and its nodes can carry the plan.",
    why="the API server accepts it all the same, and other nodes come, or none",
    fix="Use the well-known keys and values that exist, one requirement a key, and limits that hold the plan.",
    source="Probes of the CRDs by server dry run; Karpenter v1.14.1, pkg/apis/v1/labels.go",
    applies_to=NODE_POOL,
    judge=judge,
    judge_stack=judge_stack,
    options={
        "ownKeys": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "label keys of your own that requirements may name",
            },
            default=[],
        ),
        "existingNodeClasses": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "node classes that exist without this stack",
            },
            default=[],
        ),
        **NOT_FOR_WORKSPACES,
    },
)
