"""The kinds of objects that a sandbox cluster knows, as discovery would tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from workshop.sandbox.json_values import Json


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind. group: "" for the core group. resource: the plural in its path."""

    group: str
    version: str
    name: str
    resource: str
    is_namespaced: bool = True

    @property
    def api_version(self) -> str:
        """As an object's apiVersion: v1, apps/v1."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def folder(self) -> str:
        """As CustomResourceDefinitions are named: deployments.apps, or pods."""
        return f"{self.resource}.{self.group}" if self.group else self.resource


def _kinds(api_version: str, *names: str, is_namespaced: bool = True) -> list[Kind]:
    group, _, version = api_version.rpartition("/")
    return [
        Kind(group=group, version=version, name=name, resource=_plural(name), is_namespaced=is_namespaced)
        for name in names
    ]


def _plural(name: str) -> str:
    lower = name.lower()
    if lower.endswith(("s", "x", "ch", "sh")):
        return lower if lower == "endpoints" else f"{lower}es"
    return f"{lower[:-1]}ies" if lower.endswith("y") and lower[-2] not in "aeiou" else f"{lower}s"


KINDS: Final[tuple[Kind, ...]] = (
    *_kinds("v1", "Namespace", "Node", "PersistentVolume", is_namespaced=False),
    *_kinds("v1", "ConfigMap", "Endpoints", "Event", "LimitRange", "PersistentVolumeClaim", "Pod"),
    *_kinds("v1", "ResourceQuota", "Secret", "Service", "ServiceAccount"),
    *_kinds("apps/v1", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    *_kinds("autoscaling/v2", "HorizontalPodAutoscaler"),
    *_kinds("batch/v1", "CronJob", "Job"),
    *_kinds("networking.k8s.io/v1", "Ingress", "NetworkPolicy"),
    *_kinds("policy/v1", "PodDisruptionBudget"),
    *_kinds("rbac.authorization.k8s.io/v1", "Role", "RoleBinding"),
    *_kinds("rbac.authorization.k8s.io/v1", "ClusterRole", "ClusterRoleBinding", is_namespaced=False),
    *_kinds("storage.k8s.io/v1", "StorageClass", is_namespaced=False),
    *_kinds("scheduling.k8s.io/v1", "PriorityClass", is_namespaced=False),
    *_kinds(
        "admissionregistration.k8s.io/v1",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        is_namespaced=False,
    ),
    *_kinds("apiextensions.k8s.io/v1", "CustomResourceDefinition", is_namespaced=False),
    *_kinds("karpenter.sh/v1", "NodeClaim", "NodePool", is_namespaced=False),
    *_kinds("karpenter.k8s.aws/v1", "EC2NodeClass", is_namespaced=False),
    *_kinds("keda.sh/v1alpha1", "ScaledObject"),
    *_kinds("monitoring.coreos.com/v1", "PodMonitor", "PrometheusRule", "ServiceMonitor"),
)
"""Built-in kinds, and those whose definitions ai.coder.com's clusters have installed."""

_BY_NAME = {(kind.api_version, kind.name): kind for kind in KINDS}
_BY_RESOURCE = {(kind.group, kind.version, kind.resource): kind for kind in KINDS}


def find_kind(api_version: str, name: str) -> Kind | None:
    """The kind of an object, or None where the clusters have no such kind."""
    return _BY_NAME.get((api_version, name))


class Listing(Protocol):
    """As far as a cluster's store is asked here."""

    def list(self, kind: Kind, namespace: str | None = None) -> list[dict[str, Json]]:
        """All objects of a kind."""
        ...


def kind_in(cluster: Listing, api_version: str, name: str) -> Kind | None:
    """The kind of an object, also one that a CustomResourceDefinition in this cluster defines."""
    found = find_kind(api_version, name)
    if found is not None:
        return found
    defined = (kind for definition in cluster.list(_DEFINITION) for kind in kinds_defined_by(definition))
    return next((kind for kind in defined if (kind.api_version, kind.name) == (api_version, name)), None)


def kinds_defined_by(definition: Mapping[str, Json]) -> list[Kind]:
    """What a CustomResourceDefinition defines: a kind for each version that is served."""
    spec: Mapping[str, Json] = definition["spec"]
    return [
        Kind(
            group=spec["group"],
            version=version["name"],
            name=spec["names"]["kind"],
            resource=spec["names"]["plural"],
            is_namespaced=spec["scope"] == "Namespaced",
        )
        for version in spec["versions"]
        if version["served"]
    ]


def kind_of(api_version: str, name: str) -> Kind:
    """A kind that the clusters have. Raises LookupError where they have none such."""
    found = find_kind(api_version, name)
    if found is None:
        raise LookupError(f"the sandbox's clusters have no {name} of {api_version}")
    return found


_DEFINITION: Final = kind_of("apiextensions.k8s.io/v1", "CustomResourceDefinition")


def find_resource(group: str, version: str, resource: str) -> Kind | None:
    """The kind behind a path's resource, or None where the clusters have no such kind."""
    return _BY_RESOURCE.get((group, version, resource))


_SCALED: Final = (("Ready", "True"), ("Active", "True"), ("Fallback", "False"), ("Paused", "False"))
"""Conditions of a ScaledObject whose metrics are answered (KEDA documentation, ScaledObject)."""


def with_defaults(manifest: Mapping[str, Json]) -> dict[str, Json]:
    """What the API server fills in where nobody has a say, and a status as if its controllers had done their work."""
    filled = dict(manifest)
    spec = dict(filled.get("spec") or {})
    if filled["kind"] in ("Deployment", "StatefulSet"):
        spec.setdefault("replicas", 1)
        filled["spec"] = spec
        filled["status"] = {
            **(filled.get("status") or {}),
            **dict.fromkeys(("replicas", "readyReplicas", "availableReplicas", "updatedReplicas"), spec["replicas"]),
            "observedGeneration": filled["metadata"].get("generation", 1),
        }
    if filled["kind"] in ("NodePool", "EC2NodeClass"):
        filled["status"] = {"conditions": [{"type": "Ready", "status": "True"}], **(filled.get("status") or {})}
    if filled["kind"] == "ScaledObject":
        conditions = [{"type": name, "status": status} for name, status in _SCALED]
        filled["status"] = {"conditions": conditions, **(filled.get("status") or {})}
    if filled["kind"] == _DEFINITION.name:
        filled["status"] = {"conditions": [{"type": "Established", "status": "True"}], **(filled.get("status") or {})}
    if filled["kind"] == "CronJob":
        spec.setdefault("suspend", False)
        filled["spec"] = spec
    return filled
