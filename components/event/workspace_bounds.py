"""How large a workspace may be while an event runs, in one region's cluster: what a person sets, a pod can't exceed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pulumi import ResourceOptions

from components.admission_policies import constraints, declare_policy
from components.component import Component
from components.workspace_pods import containers, fits, workspaces_only
from workshop.model.names import WORKSPACE_BOUNDS

_PARTS: Final = ("requests", "limits")
_HAVE_LIMITS: Final = ("cpu", "memory")
"""Without these a container takes what its neighbours need; storage is asked for by workspace-storage."""

_ROUNDING: Final = "0.0005"
"""Sums of decimal fractions are not exact; half of what Kubernetes counts processors by."""


@dataclass(frozen=True, kw_only=True)
class WorkspaceBoundsArgs:
    """vcpu, memory_gib, storage_gib: what one workspace may ask for. namespaces: where workspaces run."""

    vcpu: int
    memory_gib: int
    storage_gib: int
    namespaces: tuple[str, ...]


class WorkspaceBounds(Component):
    """Declares a ValidatingAdmissionPolicy by which no pod that may get on a workspace node is larger than planned.

    It refuses, whatever `workshop:admission` says: sizes may be parameters that participants change.

    Outputs: policy (its name in the cluster).
    """

    def __init__(self, name: str, args: WorkspaceBoundsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        binding = {"policyName": WORKSPACE_BOUNDS, "validationActions": ["Deny"]}
        declare_policy(self, WORKSPACE_BOUNDS, workspace_bounds(args), binding)
        self.register_outputs({"policy": WORKSPACE_BOUNDS})


def workspace_bounds(args: WorkspaceBoundsArgs) -> dict[str, Any]:
    """The policy's spec. Variables most_*: processors, and bytes, for policies to read."""
    most = {
        "cpu": float(args.vcpu),
        "memory": float(args.memory_gib * 2**30),
        "ephemeral-storage": float(args.storage_gib * 2**30),
    }
    shape = f"{args.vcpu} processors, {args.memory_gib}Gi of memory and {args.storage_gib}Gi of storage"
    known = list(most)
    return {
        **constraints("", "v1", "pods", "CREATE", "UPDATE", subresources=("resize",), namespaces=args.namespaces),
        "matchConditions": [
            *workspaces_only(),
            # Else what was there before could not even be deleted, where that takes a finalizer away.
            {"name": "changed", "expression": "request.operation == 'CREATE' || object.spec != oldObject.spec"},
        ],
        "variables": [
            *containers(),
            {"name": "each", "expression": "object.spec.containers + variables.initial"},
            *({"name": _variable(name), "expression": f"{amount:.1f}"} for name, amount in most.items()),
        ],
        "validations": [
            {
                "expression": _limited(),
                "message": "a container of this workspace has no limit of cpu and memory, so that it may take what "
                "others on its node need: set both in the template",
            },
            *(
                {
                    "expression": " && ".join(_bounded(part, name) for part in _PARTS),
                    "message": f"this workspace asks for more {name} than the largest of the event, which has {shape}: "
                    "choose a smaller size, or raise workshop:workspaces",
                }
                for name in most
            ),
            {
                "expression": _nothing_else(known),
                "message": "a workspace of the event takes cpu, memory and ephemeral-storage, each by its containers, "
                "and nothing else of its node, such as nvidia.com/gpu",
            },
        ],
    }


def _variable(name: str) -> str:
    return f"most_{name.replace('-', '_')}"


def _limited() -> str:
    """The server takes a limit for a request where there is none."""
    return " && ".join(f"variables.each.all(c, c.?resources.?limits[?'{name}'].hasValue())" for name in _HAVE_LIMITS)


def _bounded(part: str, name: str) -> str:
    amount = f"quantity(string(c.?resources.?{part}[?'{name}'].orValue('0'))).asApproximateFloat()"
    return f"({fits(amount, f'variables.{_variable(name)} + {_ROUNDING}')})"


def _nothing_else(known: list[str]) -> str:
    """No other resource of a container, none of the pod as a whole, and no claim to a device."""
    others = [
        f"variables.each.all(c, c.?resources.?{part}.orValue({{}}).all(name, name in {known}))" for part in _PARTS
    ]
    return " && ".join([*others, "!has(object.spec.resources)", "size(object.spec.?resourceClaims.orValue([])) == 0"])
