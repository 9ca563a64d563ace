"""Kinds of resources that policies judge, by Pulumi type token."""

from __future__ import annotations

from policies.framework.kinds import (
    ADMISSION,
    DEPLOYMENT,
    NODE_CLASS,
    NODE_POOL,
    any_of,
    component,
    exactly,
    is_patch,
    kubernetes,
)


def test_kubernetes_kinds_are_told_whatever_the_version_with_patches() -> None:
    for token in ("kubernetes:karpenter.sh/v1:NodePool", "kubernetes:karpenter.sh/v1beta1:NodePoolPatch"):
        assert NODE_POOL(token)
    for token in (
        "kubernetes:karpenter.sh/v1:NodePools",
        "kubernetes:karpenter-sh/v1:NodePool",
        "kubernetes:karpenter.sh/v1:NodeClaim",
        "other:karpenter.sh/v1:NodePool",
    ):
        assert not NODE_POOL(token)
    assert not NODE_CLASS("kubernetes:karpenter.sh/v1:NodePool")
    assert NODE_CLASS("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass")
    assert DEPLOYMENT("kubernetes:apps/v1:Deployment")
    either = kubernetes("batch", "Job", "CronJob")
    assert either("kubernetes:batch/v1:Job")
    assert either("kubernetes:batch/v1:CronJobPatch")


def test_other_kinds_are_told_by_their_whole_token() -> None:
    either = any_of(exactly("aws:ecr/repository:Repository"), component("CoderServer"))

    assert either("aws:ecr/repository:Repository")
    assert either("workshop:components:CoderServer")
    assert not either("aws:ecr/repository:Repositor")
    assert not any_of()("aws:ecr/repository:Repository")


def test_patches_are_kubernetes_own() -> None:
    assert is_patch("kubernetes:apps/v1:DeploymentPatch")
    assert not is_patch("kubernetes:apps/v1:Deployment")
    assert not is_patch("other:index:DispatchPatch")


def test_admission_is_a_policy_and_its_binding() -> None:
    for name in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"):
        assert ADMISSION(f"kubernetes:admissionregistration.k8s.io/v1:{name}")
