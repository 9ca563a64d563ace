"""Admission in one region's cluster: what the API server itself says to whoever applies something that can't hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import ResourceOptions

from components.admission_policies import constraints, declare_policy
from components.component import Component
from components.workspace_pods import containers, fits, workspaces_only
from workshop.model.names import MARK
from workshop.model.plan.workloads import Deployment
from workshop.model.settings.types import AdmissionAction

_STORAGE: Final = "ephemeral-storage"

_KUBERNETES_KEYS: Final = (
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "node.kubernetes.io/windows-build",
    "topology.k8s.aws/zone-id",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
)
"""Kubernetes' own keys that Karpenter understands (v1.14.1, pkg/apis/v1/labels.go); the CRD judges Karpenter's."""

_KUBERNETES_DOMAINS: Final = ("kubernetes.io", "k8s.io", "k8s.aws", "kubernetes.sh")


@dataclass(frozen=True, kw_only=True)
class AdmissionArgs:
    """action: what happens to what is wrong. storage_gib: what one workspace may use of its node.

    workspace_namespaces: where workspaces run. coder: this region's Coder server or proxy.
    """

    action: AdmissionAction
    storage_gib: int
    workspace_namespaces: tuple[str, ...]
    coder: Deployment


class Admission(Component):
    """Declares a ValidatingAdmissionPolicy and its binding for each thing that the API server can judge.

    Outputs: policies (their names in the cluster).
    """

    def __init__(self, name: str, args: AdmissionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        specs = admission_policies(args)
        for policy, spec in specs.items():
            declare_policy(self, policy, spec, admission_binding(policy, args.action))
        self.register_outputs({"policies": sorted(specs)})


def admission_policies(args: AdmissionArgs) -> Mapping[str, dict[str, Any]]:
    """Each policy's spec, by its name in the cluster."""
    return {
        f"{MARK}-workspace-storage": _workspace_storage(args),
        f"{MARK}-image-pinned": _image_pinned(args),
        f"{MARK}-node-pool-keys": _node_pool_keys(),
    }


def admission_binding(policy: str, action: AdmissionAction) -> dict[str, Any]:
    """The binding's spec."""
    return {"policyName": policy, "validationActions": ["Warn", "Audit"] if action == "warn" else ["Deny", "Audit"]}


def _workspace_storage(args: AdmissionArgs) -> dict[str, Any]:
    gib = f"{args.storage_gib}Gi"
    lines = (
        f'resources {{ requests = {{ "{_STORAGE}" = "{gib}" }} limits = {{ "{_STORAGE}" = "{gib}" }} }} '
        "in each container of the template's pod"
    )
    has_both = " && ".join(
        f"has(c.resources) && has(c.resources.{part}) && '{_STORAGE}' in c.resources.{part}"
        for part in ("requests", "limits")
    )
    stays_within = " && ".join(
        fits(f"quantity(c.resources.{part}['{_STORAGE}']).asInteger()", f"{args.storage_gib * 2**30}")
        for part in ("requests", "limits")
    )
    return {
        **constraints("", "v1", "pods", "CREATE", namespaces=args.workspace_namespaces),
        "matchConditions": workspaces_only(),
        "variables": [
            *containers(),
            {"name": "counted", "expression": f"(object.spec.containers + variables.initial).all(c, {has_both})"},
        ],
        "validations": [
            {
                "expression": "variables.counted",
                "message": (
                    f"a container of this workspace has no {_STORAGE} request and limit, so nothing keeps it from "
                    f"filling its node, which evicts the others: add {lines}"
                ),
            },
            {
                "expression": f"!variables.counted || ({stays_within})",
                "message": (
                    f"this workspace asks for more {_STORAGE} than the {gib} that its node was planned for, "
                    "containers and sidecars together, or an init container beside the sidecars: "
                    f"write {lines}, or raise workshop:workspaces.storage_gib"
                ),
            },
        ],
    }


def _image_pinned(args: AdmissionArgs) -> dict[str, Any]:
    return {
        **constraints("apps", "v1", "deployments", "CREATE", "UPDATE", namespaces=(args.coder.namespace,)),
        "matchConditions": [
            {"name": "coder-only", "expression": f"object.metadata.name == '{args.coder.name}'"},
            _changed("object.spec.template"),
        ],
        "validations": [
            {
                "expression": (
                    f"object.spec.template.spec.containers.all(c, c.name != '{args.coder.container}'"
                    " || c.image.matches('@sha256:[0-9a-f]{64}$'))"
                ),
                "message": (
                    f"the image of container {args.coder.container} is named by a tag, which can come to mean another "
                    "image than the other regions run: name it by its digest, as in coder-preview@sha256:..."
                ),
            }
        ],
    }


def _node_pool_keys() -> dict[str, Any]:
    is_kubernetes = " || ".join(
        f"r.key.split('/')[0] == '{domain}' || r.key.split('/')[0].endsWith('.{domain}')"
        for domain in _KUBERNETES_DOMAINS
    )
    # The domain karpenter.k8s.aws is judged by the CRD.
    passes = f"!({is_kubernetes}) || r.key.startsWith('karpenter.k8s.aws/') || r.key in {json.dumps(_KUBERNETES_KEYS)}"
    return {
        **constraints("karpenter.sh", "v1", "nodepools", "CREATE", "UPDATE"),
        "matchConditions": [_changed("object.spec.template.spec.requirements")],
        "validations": [
            {
                "expression": f"object.spec.template.spec.requirements.all(r, {passes})",
                "messageExpression": (
                    "'requirement ' + object.spec.template.spec.requirements.filter(r, !("
                    + passes
                    + ")).map(r, r.key).join(', ') + ' is no key that nodes get from Kubernetes or Karpenter: it "
                    "constrains nothing, and becomes a label of its nodes: write karpenter.sh/capacity-type, or one of "
                    + ", ".join(_KUBERNETES_KEYS)
                    + "'"
                ),
            }
        ],
    }


def _changed(path: str) -> dict[str, str]:
    """Leaves alone what was there before: who scales a Deployment or closes a pool isn't to blame for it."""
    return {
        "name": "changed",
        "expression": f"request.operation == 'CREATE' || {path} != {path.replace('object', 'oldObject')}",
    }
