"""density: the kubelet itself limits how many workspaces share a node, and leaves them the CPU and memory they need."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Option, Policy, Problem, StackConfig, set_by_patch
from policies.resources.kubelet import MIB, allocatable_cpu, allocatable_memory, whole
from policies.resources.node_classes import CUSTOM, family, max_pods
from policies.resources.workspaces import OPTIONS, runs_workspaces, workspace_needs
from workshop.model.instances import INSTANCE_TYPES


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """The node class's maxPods against the most and the fewest workspaces that a node may take.

    With the stack's settings, also the CPU and memory that the kubelet leaves on each of the plan's instance types.
    """
    if not runs_workspaces(declared, context):
        return
    if declared.is_patch:
        yield from set_by_patch(declared, "kubelet")
        return
    if family(declared) == CUSTOM:
        yield Problem(
            problem="spec.amiFamily is Custom, to whose nodes Karpenter does not pass spec.kubelet",
            why="how many workspaces its kubelet takes cannot be judged",
            fix="set spec.amiFamily to the AMI's own family",
        )
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
    if stack is not None:
        yield from too_little_left(declared, stack, fewest)


def out_of_range(workspaces: int, fewest: int, most: int, daemonset_pods: int) -> Iterator[Problem]:
    """A number of workspaces a node beside the allowed range."""
    found = f"spec.kubelet.maxPods leaves room for {workspaces} workspaces beside {daemonset_pods} DaemonSet pods"
    if workspaces > most:
        yield Problem(
            problem=f"{found}, at most {most} may share a node",
            fix=f"set spec.kubelet.maxPods to {most + daemonset_pods}",
        )
    elif workspaces < fewest:
        yield Problem(
            problem=f"{found}, the plan counts on {fewest}",
            why="workspaces stay pending",
            fix=f"set spec.kubelet.maxPods to {fewest + daemonset_pods}",
        )


def too_little_left(declared: Declared, stack: StackConfig, fewest: int) -> Iterator[Problem]:
    """Instance types of the plan on which reservations and thresholds leave too little for the planned workspaces."""
    workspaces, overhead = stack.settings.workspaces, stack.settings.daemonset_overhead
    vcpu = max(shape.vcpu for shape in workspaces.shapes)
    mib = max(shape.memory_gib for shape in workspaces.shapes) * 1024
    for name in workspaces.instance_types:
        millicores = whole(allocatable_cpu(declared, INSTANCE_TYPES[name]) * 1000, 1)
        memory_mib = whole(allocatable_memory(declared, INSTANCE_TYPES[name]), MIB)
        holds = min((millicores - overhead.cpu_millicores) // (vcpu * 1000), (memory_mib - overhead.memory_mib) // mib)
        if holds < fewest:
            yield Problem(
                problem=(
                    f"spec.kubelet leaves pods {millicores}m CPU and {memory_mib} MiB on {name}, enough for "
                    f"{max(holds, 0)} workspaces, the plan counts on {fewest}"
                ),
                why="workspaces stay pending",
                fix=(
                    "remove cpu and memory from kubeReserved and systemReserved, and memory.available from "
                    "evictionHard and evictionSoft"
                ),
            )


DENSITY = Policy(
    id="density",
    title="The kubelet limits how many workspaces share a node, and leaves them CPU and memory.",
    why="losing one node must not take the workshop",
    fix="Set spec.kubelet.maxPods to the workspaces a node plus its DaemonSet pods, and keep the default reservations.",
    source="docs/sizing.md, nodes: max_users_per_node; Karpenter v1.14.1, pkg/providers/instancetype/types.go",
    applies_to=NODE_CLASS,
    judge=judge,
    options={
        "maxUsersPerNode": Option(
            schema={"type": "integer", "minimum": 1, "description": "workspaces that may share a node"}, default=4
        ),
        **OPTIONS,
    },
)
