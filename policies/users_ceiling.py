"""users-ceiling: neither the number of users nor a node pool is larger than the committed most."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import NODE_POOL, any_of, exactly
from policies.framework.policy import Context, Declared, Option, Policy, Problem
from policies.framework.quantities import quantity
from policies.resources.instance_labels import INSTANCE_TYPE
from policies.resources.node_pools import allowed_values, requirements
from policies.resources.pool_limits import static_nodes
from policies.resources.workspaces import NOT_FOR_WORKSPACES, runs_workspaces
from workshop.model.instances import INSTANCE_TYPES
from workshop.model.plan.sizing import ceil_div

STACK = exactly("pulumi:pulumi:Stack")


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """The stack's own users; a pool's CPU limit against what the most users need."""
    stack = context.stack
    if STACK(declared.type):
        if stack is not None and stack.settings.users > stack.settings.max_users:
            yield Problem(
                problem=f"users is {stack.settings.users}, the maximum is {stack.settings.max_users}",
                fix="pulumi config set users N, or raise workshop:max_users in a reviewed change",
            )
        return
    if not runs_workspaces(declared, context):
        return
    replicas = static_nodes(declared)
    if declared.is_patch and replicas is None and declared.props.optional("spec", "limits", "cpu") is None:
        return
    most_users = context.options.member("maxUsers").integer()
    users_per_node = context.options.member("usersPerNode").integer()
    if stack is not None:
        most_users = stack.settings.max_users
        users_per_node = min(region.nodes.users_per_node for region in stack.plan.regions.values())
    most_nodes = ceil_div(most_users, users_per_node) + 1
    if replicas is not None:
        if replicas.integer() > most_nodes:
            yield Problem(
                problem=f"spec.replicas is {replicas.integer()}, {most_users} users need {most_nodes} nodes",
                fix=f"set spec.replicas to {most_nodes} or less",
            )
        return
    types = INSTANCE_TYPES if declared.is_patch else allowed_values(requirements(declared), INSTANCE_TYPE) or ()
    vcpu = max((INSTANCE_TYPES[name].vcpu for name in types if name in INSTANCE_TYPES), default=0)
    if not vcpu:
        yield Problem(
            problem="no requirement names an instance type of the catalogue, so spec.limits.cpu cannot be judged",
            fix=f"require {INSTANCE_TYPE} In types of the catalogue, such as {next(iter(INSTANCE_TYPES))}",
        )
        return
    ceiling = most_nodes * vcpu
    limit = declared.props.member("spec", "limits", "cpu")
    if quantity(limit) > ceiling:
        yield Problem(
            problem=f"spec.limits.cpu is {limit.value}, {most_users} users on nodes of {vcpu} vCPU need {ceiling}",
            fix=f"set spec.limits.cpu to {ceiling} or less",
        )


USERS_CEILING = Policy(
    id="users-ceiling",
    title="Users and node pools stay within the committed most.",
    why="a slip of the finger (200 for 20) would buy nodes for hours",
    fix="Correct users, or raise max_users in a reviewed change.",
    source="docs/sizing.md: max_users",
    applies_to=any_of(STACK, NODE_POOL),
    judge=judge,
    options={
        "maxUsers": Option(schema={"type": "integer", "minimum": 1, "description": "users at most"}, default=60),
        "usersPerNode": Option(
            schema={"type": "integer", "minimum": 1, "description": "workspaces that share a node"}, default=3
        ),
        **NOT_FOR_WORKSPACES,
    },
)
