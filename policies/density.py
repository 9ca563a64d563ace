"""density: the kubelet itself limits how many workspaces share a node."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Option, Policy, Problem, set_by_patch
from policies.resources.node_classes import max_pods
from policies.resources.workspaces import OPTIONS, runs_workspaces, workspace_needs


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """The node class's maxPods against the most and the fewest workspaces that a node may take."""
    if not runs_workspaces(declared, context):
        return
    if declared.is_patch:
        yield from set_by_patch(declared, "kubelet")
        return
    pods, stack = max_pods(declared), context.stack
    daemonset_pods = workspace_needs(context).daemonset_pods
    most = context.options.member("maxUsersPerNode").integer()
    if stack is not None:
        most = min(most, stack.settings.workspaces.max_users_per_node)
    fewest = min(region.nodes.users_per_node for region in stack.plan.regions.values()) if stack else 1
    yield from out_of_range(pods - daemonset_pods, fewest, most, daemonset_pods)
    if (per_core := declared.props.optional("spec", "kubelet", "podsPerCore")) is not None:
        yield Problem(
            problem=f"{per_core.path} is {per_core.integer()}, which changes maxPods with the size of the node",
            fix="remove podsPerCore",
        )


def out_of_range(workspaces: int, fewest: int, most: int, daemonset_pods: int) -> Iterator[Problem]:
    """A number of workspaces a node beside the allowed range."""
    found = f"spec.kubelet.maxPods leaves room for {workspaces} workspaces beside {daemonset_pods} DaemonSet pods"
    if workspaces > most:
        yield Problem(problem=f"{found}, at most {most} may share a node", fix=f"set it to {most + daemonset_pods}")
    elif workspaces < fewest:
        yield Problem(
            problem=f"{found}, the plan counts on {fewest}",
            why="workspaces stay pending",
            fix=f"set it to {fewest + daemonset_pods}",
        )


DENSITY = Policy(
    id="density",
    title="The kubelet limits how many workspaces share a node.",
    why="losing one node must not take the workshop",
    fix="Set spec.kubelet.maxPods to the workspaces a node plus its DaemonSet pods.",
    source="docs/sizing.md, nodes: max_users_per_node",
    applies_to=NODE_CLASS,
    judge=judge,
    options={
        "maxUsersPerNode": Option(
            schema={"type": "integer", "minimum": 1, "description": "workspaces that may share a node"}, default=4
        ),
        **OPTIONS,
    },
)
