"""workspace-bounds: while an event's window is open, no cluster takes a workspace that is larger than planned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policies.framework.kinds import ADMISSION
from policies.framework.policy import Context, Declared, Policy, Problem, StackConfig
from policies.framework.reading import Reading
from workshop.model.settings.stack import Scope, Settings

_VARIABLES: Final = ("most_cpu", "most_memory", "most_ephemeral_storage")
"""In which a bound has its amounts: processors and bytes (components/event/workspace_bounds.py)."""

_CONDITIONS: Final = {"workspaces-only", "no-daemon-set", "changed"}
_AMOUNT: Final = re.compile(r"\d{1,18}(\.\d{1,6})?")


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """Clusters of the settings in which nothing bounds workspaces, or not enough."""
    stack = context.stack
    if stack is None or not is_bounded(stack):
        return
    most, admission = planned(stack.settings), [one for one in resources if ADMISSION(one.type)]
    for region in stack.settings.regions:
        here = [one for one in admission if one.cluster == region.cluster.context]
        denied = {_denied(one) for one in here if "Binding" in one.type}
        bounds = [one for one in here if "Binding" not in one.type and amounts(one)]
        if not any(bound.object_name in denied for bound in bounds):
            yield Problem(
                problem=f"nothing bounds workspaces in the cluster of {region.name}",
                fix="declare the component WorkspaceBounds on the provider of that cluster",
            )
        for bound in bounds:
            yield from too_wide(bound, most, stack.settings)


def is_bounded(stack: StackConfig) -> bool:
    """Whether an event's people are, or will be, on nodes that everybody's workspaces share."""
    settings, phase = stack.settings, stack.plan.phase
    return settings.scope is Scope.ALL and settings.event is not None and phase is not None and phase.is_in_window


def planned(settings: Settings) -> Mapping[str, float]:
    """What one workspace may ask for, by variable."""
    largest = settings.workspaces.largest
    most = (largest.vcpu, largest.memory_gib * 2**30, settings.workspaces.storage_gib * 2**30)
    return dict(zip(_VARIABLES, map(float, most), strict=True))


def amounts(policy: Declared) -> Mapping[str, Reading]:
    """The expressions of a bound's amounts; none where it bounds nothing. Raises Unreadable."""
    variables = policy.props.optional("spec", "variables")
    named = {one.member("name").text(): one.member("expression") for one in (variables.items() if variables else ())}
    return {name: named[name] for name in _VARIABLES if name in named}


def too_wide(bound: Declared, most: Mapping[str, float], settings: Settings) -> Iterator[Problem]:
    """What a bound lets pass that was not planned for."""
    spec = bound.props.member("spec")
    failing = spec.optional("failurePolicy")
    if failing is not None and failing.text() != "Fail":
        yield Problem(problem=f"{failing.path} is '{failing.text()}', must be Fail", fix="set it to Fail", about=bound)
    conditions = spec.optional("matchConditions")
    others = {one.member("name").text() for one in (conditions.items_or_none() if conditions else ())} - _CONDITIONS
    if others:
        yield Problem(
            problem=f"its conditions {', '.join(sorted(others))} let pods pass", fix="remove them", about=bound
        )
    validations = " ".join(one.member("expression").text() for one in spec.member("validations").items())
    found = amounts(bound)
    for name, amount in most.items():
        expression = found[name].text() if name in found else ""
        if not _AMOUNT.fullmatch(expression) or float(expression) > amount:
            problem = f"{name} is '{expression}', must be {amount:.1f} at most"
            yield Problem(problem=problem, fix=f"set the variable {name} to {amount:.1f}", about=bound)
        elif f"<= variables.{name}" not in validations:
            yield Problem(problem=f"{name} bounds nothing", fix="compare what pods ask for with it", about=bound)
    yield from _passed_over(bound, spec.member("matchConstraints"), settings)


def _passed_over(bound: Declared, matched: Reading, settings: Settings) -> Iterator[Problem]:
    """Pods that a bound never sees."""
    seen = {
        resource
        for rule in matched.member("resourceRules").items()
        if {"CREATE", "UPDATE"} <= {*rule.member("operations").texts()} or "*" in rule.member("operations").texts()
        for resource in rule.member("resources").texts()
    }
    if not {"pods", "pods/resize"} <= seen:
        yield Problem(
            problem="it does not judge creation and update of pods and pods/resize",
            fix="name both operations and both resources in matchConstraints.resourceRules",
            about=bound,
        )
    for name in ("excludeResourceRules", "objectSelector"):
        if matched.optional(name) is not None:
            yield Problem(problem=f"{matched.path}.{name} leaves pods out", fix="remove it", about=bound)
    selector = matched.optional("namespaceSelector")
    if selector is None:
        return
    wanted = {organization.namespace for organization in settings.organizations}
    expressions = selector.member("matchExpressions").items()
    named = [
        {*one.member("values").texts()}
        for one in expressions
        if one.member("key").text() == "kubernetes.io/metadata.name" and one.member("operator").text() == "In"
    ]
    is_alone = len(expressions) == len(named) == len(selector.entries_or_none()) == 1
    if not is_alone or not wanted <= named[0]:
        yield Problem(
            problem=f"it does not judge pods of all of {', '.join(sorted(wanted))}",
            fix="name all of them in matchConstraints.namespaceSelector, and nothing else",
            about=bound,
        )


def _denied(binding: Declared) -> str:
    """Which policy a binding puts in force for all that it matches; "" where it only warns, or for some."""
    spec = binding.props.member("spec")
    if "Deny" not in spec.member("validationActions").texts() or spec.optional("matchResources") is not None:
        return ""
    return spec.member("policyName").text()


WORKSPACE_BOUNDS = Policy(
    id="workspace-bounds",
    title="While an event runs, no workspace is larger than its nodes were planned for.",
    why="whoever raises a size takes room and money that are others'",
    fix="Declare the component WorkspaceBounds in every cluster, by the largest of workshop:workspaces.shapes.",
    source="Coder's mutable parameters, which participants change at a restart; docs/event-parts.md",
    severity="critical",
    applies_to=ADMISSION,
    judge_stack=judge_stack,
)
