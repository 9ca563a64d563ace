"""What the API server refuses to the keeper and to the dead man's switch in one region: RBAC names no labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import ResourceOptions

from components.admission_policies import by_users, constraints, declare_policy, unchanged_but
from components.component import Component
from workshop.model.names import MARK, STOPPED_ANNOTATION

EXEC_POLICY: Final = f"{MARK}-event-exec"
"""Binds whoever gets into pods for the event."""

_POOL_LABEL: Final = "karpenter.sh/nodepool"


@dataclass(frozen=True, kw_only=True)
class EventAdmissionArgs:
    """users: the keeper and the dead man's switch, as this cluster names them. workspace_namespaces: where they may get
    into this container of pods, but not of those of the Deployments provisioners. node_pool: ours.
    """

    users: tuple[str, ...]
    workspace_namespaces: tuple[str, ...]
    container: str
    provisioners: tuple[str, ...]
    node_pool: str


class EventAdmission(Component):
    """Declares ValidatingAdmissionPolicies that bind these users only, whatever `workshop:admission` says.

    Outputs: policies (their names in the cluster).
    """

    def __init__(self, name: str, args: EventAdmissionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        policies = event_policies(args)
        for policy, spec in policies.items():
            declare_policy(self, policy, spec, {"policyName": policy, "validationActions": ["Deny"]})
        self.register_outputs({"policies": sorted(policies)})


def event_policies(args: EventAdmissionArgs) -> Mapping[str, dict[str, Any]]:
    """Each policy's spec, by its name in the cluster."""
    only = {"matchConditions": [by_users(*args.users)]}
    of_pool = f"oldObject.metadata.?labels['{_POOL_LABEL}'].orValue('') == '{args.node_pool}'"
    pool = {"expression": of_pool, "message": f"this account ends and cordons nodes of NodePool {args.node_pool} only"}
    stopped = "string(object.spec.?limits.?cpu.orValue('')) == '0'"
    return {
        EXEC_POLICY: {
            **constraints("", "v1", "pods/exec", "CONNECT"),
            **only,
            "validations": [{"expression": _may_enter(args), "message": _entering(args)}],
        },
        f"{MARK}-event-claims": {
            **constraints("karpenter.sh", "v1", "nodeclaims", "*"),
            **only,
            "validations": [
                {"expression": "request.operation == 'DELETE'", "message": "this account only deletes NodeClaims"},
                {**pool, "expression": f"request.operation != 'DELETE' || {of_pool}"},
            ],
        },
        f"{MARK}-event-nodes": {
            **constraints("", "v1", "nodes", "*"),
            **only,
            "validations": [*unchanged_but("unschedulable", "false"), pool],
        },
        f"{MARK}-event-pool": {
            **constraints("karpenter.sh", "v1", "nodepools", "*"),
            **only,
            "validations": [
                *unchanged_but("limits", f"k == '{STOPPED_ANNOTATION}'"),
                {"expression": stopped, "message": "this account stops a NodePool: spec.limits.cpu must be 0"},
            ],
        },
    }


def _may_enter(args: EventAdmissionArgs) -> str:
    """What a CONNECT is about: the pod's name in the request; container and terminal in its options, the object."""
    conditions = [
        f"request.namespace in {list(args.workspace_namespaces)}",
        f"object.?container.orValue('') == '{args.container}'",
        "!object.?tty.orValue(false)",
        *(f"!request.name.startsWith('{provisioner}-')" for provisioner in args.provisioners),
    ]
    return " && ".join(conditions)


def _entering(args: EventAdmissionArgs) -> str:
    return (
        f"this account gets into container {args.container} of workspaces' pods in "
        f"{', '.join(args.workspace_namespaces)} only, without a terminal, and into no provisioner"
    )
