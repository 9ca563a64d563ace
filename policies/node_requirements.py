"""node-requirements: a pool's requirements mean what they say, and nodes that meet them can carry the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from policies.framework.kinds import NODE_CLASS, NODE_POOL
from policies.framework.patches import is_same_cluster
from policies.framework.policy import Context, Declared, Option, Policy, Problem, StackConfig, set_by_patch
from policies.resources.clusters import region_of_cluster
from policies.resources.instance_labels import INSTANCE_TYPE, ZONE
from policies.resources.node_pools import (
    ARCHITECTURE,
    CAPACITY_TYPE,
    OPERATING_SYSTEM,
    Requirement,
    allowed_values,
    contradictions,
    requirements,
    together,
    too_few_values,
    types_left,
)
from policies.resources.pool_limits import pool_limits
from policies.resources.taints import TOLERATED, repelling
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
    """Keys, values, contradictions, the types that are left, taints, limits, node class and cluster of one pool."""
    if declared.is_patch:
        yield from set_by_patch(declared, "template.spec.requirements", "template.spec.nodeClassRef")
        if runs_workspaces(declared, context):
            yield from repelling(declared, context)
        return
    found = requirements(declared)
    own = frozenset(key.text() for key in context.options.member("ownKeys").items_or_none())
    yield from unknown_keys(found, own)
    for key in contradictions(found):
        yield Problem(problem=f"the requirements on {key} contradict each other", fix=f"keep one requirement on {key}")
    yield from wrong_class_reference(declared)
    if runs_workspaces(declared, context):
        stack = context.stack
        cluster = region_of_cluster(declared, stack)
        wrong = [*wrong_values(found)]
        yield from wrong
        yield from unusable_types(found)
        if not wrong:
            yield from none_left((*found, *template_labels(declared)), cluster.name if cluster else None)
        yield from repelling(declared, context)
        yield from pool_limits(declared, context, cluster.name if cluster else region_of(found))
        if stack is not None:
            yield from wrong_cluster(declared, found, stack)
            yield from missing_from_plan(found, stack.settings)


def template_labels(declared: Declared) -> tuple[Requirement, ...]:
    """The labels that the pool gives its nodes: of a known key, only types that have it come."""
    labels = declared.props.optional("spec", "template", "metadata", "labels")
    return tuple(
        Requirement(key=key, operator="In", values=(value.text(),), path=value.path, reading=value)
        for key, value in (labels.entries_or_none() if labels else {}).items()
    )


def unknown_keys(found: Sequence[Requirement], own: frozenset[str]) -> Iterator[Problem]:
    """Keys that constrain nothing: Karpenter takes any other for a label to put on nodes."""
    for one in found:
        if one.key not in WELL_KNOWN and one.key not in own:
            yield Problem(
                problem=f"{one.path}.key is '{one.key}', which Karpenter does not know: it constrains nothing",
                fix=f"write {meant}" if (meant := right_key(one.key)) else f"remove it, or list {one.key} in ownKeys",
            )


def right_key(key: str) -> str | None:
    """The well-known key that was most likely meant, where one is alike."""
    by_name = {known.rpartition("/")[2]: known for known in sorted(WELL_KNOWN)}
    nearest = get_close_matches(key.rpartition("/")[2], by_name, n=1, cutoff=0.8)
    return by_name[nearest[0]] if nearest else None


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


def none_left(found: Sequence[Requirement], region: str | None) -> Iterator[Problem]:
    """Requirements that hold one by one, and that no known type meets together, or too few for minValues."""
    named = (allowed_values(found, INSTANCE_TYPE) or frozenset()) & set(INSTANCE_TYPES)
    if not named or any(contradictions(found)):
        return
    left = types_left(found, region)
    for key, wanted, have in too_few_values(found, left, region) if left else ():
        values = f" ({', '.join(sorted(have))})" if have else ""
        yield Problem(
            problem=f"minValues of {key} is {wanted}, the instance types that are left have {len(have)}{values}",
            why="Karpenter starts no node with fewer",
            fix=f"set minValues of {key} to {len(have)}" if have else f"remove minValues of {key}",
        )
    if left:
        return
    culprits = [
        key
        for key in together(found)
        if key != INSTANCE_TYPE and types_left([one for one in found if one.key != key], region)
    ]
    yield Problem(
        problem=f"no instance type meets all requirements: {', '.join(sorted(named))} "
        + (f"do not meet that on {' or '.join(culprits)}" if culprits else "do not meet several of them"),
        why="Karpenter starts no node",
        fix=f"remove the requirement on {culprits[0]}" if culprits else "keep one requirement beside the types'",
    )


def region_of(found: Sequence[Requirement]) -> str | None:
    """The one region that the zones lie in, or None where they name none or several."""
    zones = allowed_values(found, ZONE) or frozenset()
    regions = {match[1] for zone in zones if (match := _ZONE_NAME.fullmatch(zone))}
    return regions.pop() if len(regions) == 1 else None


def wrong_cluster(declared: Declared, found: Sequence[Requirement], stack: StackConfig) -> Iterator[Problem]:
    """A pool in a cluster of another region than its zones, or in none of the settings' clusters."""
    region, context = region_of_cluster(declared, stack), declared.cluster
    if context is not None and region is None:
        yield Problem(
            problem=f"the pool's provider reaches '{context}', which is no cluster of workshop:regions",
            fix="declare it on the provider of a region's cluster",
        )
    elif region is not None and region_of(found) not in (None, region.name):
        zones = ", ".join(sorted(allowed_values(found, ZONE) or ()))
        yield Problem(
            problem=f"{ZONE} allows {zones}, the pool is in the cluster of {region.name}",
            why="a node in another region never joins the cluster",
            fix=f"require {ZONE} In [{', '.join(region.zones)}]",
        )


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
    """References to node classes that the stack does not declare in the pool's own cluster."""
    listed = {name.text() for name in context.options.member("existingNodeClasses").items_or_none()}
    classes = [declared for declared in resources if NODE_CLASS(declared.type) and not declared.is_patch]
    for declared in resources:
        if NODE_POOL(declared.type) and not declared.is_patch:
            name = declared.props.member("spec", "template", "spec", "nodeClassRef", "name").text()
            existing = {one.object_name for one in classes if is_same_cluster(one, declared)} | listed
            if name not in existing:
                cluster = f" for the cluster {declared.cluster}" if declared.cluster else ""
                yield Problem(
                    problem=f"the node class '{name}' is not declared in this stack{cluster}",
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
        **TOLERATED,
        **NOT_FOR_WORKSPACES,
    },
)
