"""drift-while-live: nodes that run workspaces are not replaced by a change of their class or template."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import NODE_CLASS, NODE_POOL, any_of, component
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Unreadable
from workshop.model import names
from workshop.model.settings.window import Override
from workshop.model.window.drift import class_fields, differences, pool_fields
from workshop.model.window.overrides import in_force

WORKSPACE_NODES = component("WorkspaceNodes")


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """A field of a class's spec or a pool's template that is not what the live nodes have, while they are in use.

    A policy sees no earlier state: this project's component WorkspaceNodes, the resource's parent, carries what was
    observed. Another project's pools, of which nothing was observed, are not judged. Within the window the settings can
    take this risk by its name, node-replacement.
    """
    stack = context.stack
    if stack is not None and Override.NODE_REPLACEMENT in in_force(stack.settings, stack.plan.phase):
        return
    nodes = declared.parent
    if nodes is None or not WORKSPACE_NODES(nodes.type):
        yield from not_observed(declared, context)
        return
    live = nodes.props.member("live")
    if not live.member("is_in_use").boolean():
        return
    is_pool = NODE_POOL(declared.type)
    observed = live.member("node_pool" if is_pool else "node_class").entries()
    spec = declared.props.member("spec")
    for reading in (*live.walk(), *spec.walk()):
        if not reading.is_known:
            reading.give_up(Unreadable("unknown", reading.path, f"{reading.path} is not known before the change"))
    values = {name: reading.value for name, reading in spec.entries().items()}
    wanted = pool_fields(values) if is_pool else class_fields(values)
    for change in differences({name: reading.value for name, reading in observed.items()}, wanted):
        yield Problem(problem=change, fix="set it back, or stop the workspaces in its region first")


def not_observed(declared: Declared, context: Context) -> Iterator[Problem]:
    """Nodes of this project that come without what was observed of them."""
    ours = names.NODE_POOL if NODE_POOL(declared.type) else names.NODE_CLASS
    if context.stack is not None and not declared.is_patch and declared.object_name == ours:
        yield Problem(
            problem=f"nothing reports whether workspaces run on '{ours}'",
            fix="declare it by the component WorkspaceNodes",
        )


DRIFT_WHILE_LIVE = Policy(
    id="drift-while-live",
    title="Nodes that run workspaces stay as they are.",
    why="Karpenter would replace the nodes and with them the workspaces",
    fix="Set the field back, or stop the workspaces of that region first.",
    source="Karpenter documentation: disruption, drift of node pools and node classes",
    severity="critical",
    applies_to=any_of(NODE_CLASS, NODE_POOL),
    judge=judge,
)
