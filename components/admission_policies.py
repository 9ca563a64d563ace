"""ValidatingAdmissionPolicies and their bindings: how any of them is declared."""

from __future__ import annotations

from typing import Any, Final

from pulumi_kubernetes.apiextensions import CustomResource

from components.component import Component
from workshop.model.names import MANAGED_BY_LABEL, MARK

_API_VERSION: Final = "admissionregistration.k8s.io/v1"
_NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"


def declare_policy(
    component: Component, policy: str, spec: dict[str, Any], binding: dict[str, Any]
) -> tuple[CustomResource, CustomResource]:
    """A policy under its name in the cluster, and its binding."""
    resource = policy.removeprefix(f"{MARK}-")
    declared = CustomResource(
        component.child_name(resource),
        api_version=_API_VERSION,
        kind="ValidatingAdmissionPolicy",
        metadata=_metadata(policy),
        spec=spec,
        opts=component.child_options(),
    )
    bound = CustomResource(
        component.child_name(f"{resource}-binding"),
        api_version=_API_VERSION,
        kind="ValidatingAdmissionPolicyBinding",
        metadata=_metadata(policy),
        spec=binding,
        # Replaced: the server merges what two managers put there, and refuses Warn and Deny together.
        opts=component.child_options(
            depends_on=[declared],
            replace_on_changes=["spec.validationActions"],
            delete_before_replace=True,
        ),
    )
    return declared, bound


def constraints(
    group: str, version: str, resource: str, *operations: str, namespaces: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Which requests a policy judges; a request that it fails to judge is refused."""
    rule = {"apiGroups": [group], "apiVersions": [version], "resources": [resource], "operations": list(operations)}
    match: dict[str, Any] = {"resourceRules": [rule]}
    if namespaces:
        selected = {"key": _NAMESPACE_NAME, "operator": "In", "values": list(namespaces)}
        match["namespaceSelector"] = {"matchExpressions": [selected]}
    return {"failurePolicy": "Fail", "matchConstraints": match}


def _metadata(name: str) -> dict[str, Any]:
    annotations = {"pulumi.com/patchForce": "true"}
    return {"name": name, "labels": {MANAGED_BY_LABEL: MARK}, "annotations": annotations}
