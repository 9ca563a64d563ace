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
    group: str,
    version: str,
    resource: str,
    *operations: str,
    subresources: tuple[str, ...] = (),
    namespaces: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Which requests a policy judges; a request that it fails to judge is refused."""
    resources = [resource, *(f"{resource}/{one}" for one in subresources)]
    rule = {"apiGroups": [group], "apiVersions": [version], "resources": resources, "operations": list(operations)}
    match: dict[str, Any] = {"resourceRules": [rule]}
    if namespaces:
        selected = {"key": _NAMESPACE_NAME, "operator": "In", "values": list(namespaces)}
        match["namespaceSelector"] = {"matchExpressions": [selected]}
    return {"failurePolicy": "Fail", "matchConstraints": match}


def by_accounts(namespace: str, *accounts: str) -> dict[str, str]:
    """Judges what ServiceAccounts of a namespace ask for, and nobody else."""
    return by_users(*(f"system:serviceaccount:{namespace}:{account}" for account in accounts))


def by_users(*users: str) -> dict[str, str]:
    """Judges what these users ask for, and nobody else."""
    return {"name": "our-accounts", "expression": f"request.userInfo.username in {list(users)}"}


def unchanged_but(field: str, is_our_annotation: str) -> list[dict[str, str]]:
    """An update of this field of the spec, and of annotations that a patch of ours brings. is_our_annotation: CEL on
    an annotation's key k."""
    same = [
        f"{one}.spec.all(k, k == '{field}' || (k in {other}.spec && {one}.spec[k] == {other}.spec[k]))"
        for one, other in (("object", "oldObject"), ("oldObject", "object"))
    ]
    kept = [
        f"{one}.metadata.?annotations.orValue({{}}).all(k, {is_our_annotation}"
        f" || {other}.metadata.?annotations[?k].orValue('') == {one}.metadata.annotations[k])"
        for one, other in (("object", "oldObject"), ("oldObject", "object"))
    ]
    others = [
        f"object.metadata.?{name} == oldObject.metadata.?{name}" for name in ("labels", "finalizers", "ownerReferences")
    ]
    message = f"this account may change spec.{field} and nothing else"
    return [
        {"expression": "request.operation == 'UPDATE'", "message": message},
        {"expression": " && ".join(same), "message": message},
        {"expression": " && ".join([*others, *kept]), "message": message},
    ]


def _metadata(name: str) -> dict[str, Any]:
    annotations = {"pulumi.com/patchForce": "true"}
    return {"name": name, "labels": {MANAGED_BY_LABEL: MARK}, "annotations": annotations}
