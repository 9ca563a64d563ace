"""Kinds of resources that policies judge, by Pulumi type token.

Kubernetes kinds are recognised by group and kind, whatever the version, with or without `Patch`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

Kind: TypeAlias = Callable[[str], bool]
"""Whether a type token is of this kind."""


def kubernetes(group: str, *names: str) -> Kind:
    """Objects of one API group, and patches of them. The core group has no name in what is declared by kind alone."""
    versioned = r"(?:core/)?v\d\w*" if group == "core" else rf"{re.escape(group)}/[^:/]+"
    pattern = re.compile(rf"kubernetes:{versioned}:(?:{'|'.join(names)})(?:Patch)?")
    return lambda token: pattern.fullmatch(token) is not None


def exactly(*tokens: str) -> Kind:
    """Resources of these type tokens."""
    return frozenset(tokens).__contains__


def component(*classes: str) -> Kind:
    """This project's own components: their props are what a program hands to their constructor."""
    return exactly(*(f"workshop:components:{name}" for name in classes))


def any_of(*kinds: Kind) -> Kind:
    """Resources of any of these kinds."""
    return lambda token: any(kind(token) for kind in kinds)


def is_patch(token: str) -> bool:
    """Whether it owns a field or two of an object that belongs to somebody else."""
    return token.startswith("kubernetes:") and token.endswith("Patch")


NODE_POOL = kubernetes("karpenter.sh", "NodePool")
NODE_CLASS = kubernetes("karpenter.k8s.aws", "EC2NodeClass")
DEPLOYMENT = kubernetes("apps", "Deployment")
WORKLOAD = any_of(
    kubernetes("apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"),
    kubernetes("batch", "CronJob", "Job"),
    kubernetes("core", "Pod", "PodTemplate", "ReplicationController"),
    kubernetes("argoproj.io", "Rollout"),
)
"""What runs pods from a template of its own."""
CONFIGURATION = any_of(
    kubernetes("core", "ConfigMap", "Secret"),
    kubernetes("apiextensions.k8s.io", "CustomResourceDefinition"),
    kubernetes("admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"),
)
"""What may hold the words of a workload and runs none."""
ADMISSION = kubernetes("admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
