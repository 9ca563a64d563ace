"""What the Kubernetes provider replaces when it changes, instead of changing it where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workshop.sandbox.providers.provider import Properties

IDENTITY: Final = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_IMMUTABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "Deployment": ("spec.selector",),
    "StatefulSet": ("spec.selector", "spec.serviceName"),
    "Job": ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
    "Service": ("spec.clusterIP",),
    "StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    "NodePool": ("spec.template.spec.nodeClassRef.group", "spec.template.spec.nodeClassRef.kind"),
}

_DATA: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "ConfigMap": (("data", "binaryData"), "enableConfigMapMutable"),
    "Secret": (("data", "stringData", "type"), "enableSecretMutable"),
}
"""What is replaced when it changes, and the provider's setting by which it is changed where it is."""


def immutable_paths(inputs: Properties, configuration: Properties) -> tuple[str, ...]:
    """Fields of an object that make another one of it, by the provider's settings (its pkg/provider/diff.go)."""
    fields, setting = _DATA.get(inputs["kind"], ((), ""))
    is_mutable = configuration.get(setting) in (True, "true") and not inputs.get("immutable")
    immutable = (*IDENTITY, *_IMMUTABLE.get(inputs["kind"], ()))
    return immutable if is_mutable else (*immutable, *fields)
