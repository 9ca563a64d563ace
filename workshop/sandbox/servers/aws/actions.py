"""What is asked of AWS in the sandbox: nothing else reaches moto, which knows services that run what they are sent.

An action is here because this project's code, its tests or Pulumi's real AWS provider, for the resources that the
program declares, asks for it. A new one is one more word here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service. target: what stands before the action in X-Amz-Target; None where the body has it (Action=)."""

    actions: frozenset[str]
    target: str | None = None


def _service(*actions: str, target: str | None = None) -> Service:
    return Service(actions=frozenset(word for line in actions for word in line.split()), target=target)


SERVICES: Final[Mapping[str, Service]] = {
    "ecr": _service(
        "CreateRepository DescribeRepositories DeleteRepository",
        "PutImageTagMutability PutImageScanningConfiguration",
        "ListTagsForResource TagResource UntagResource",
        "PutLifecyclePolicy GetLifecyclePolicy DeleteLifecyclePolicy",
        "DescribeRegistry PutReplicationConfiguration DescribeImageReplicationStatus",
        "PutImage DescribeImages BatchGetImage BatchDeleteImage GetAuthorizationToken",
        "StartImageScan DescribeImageScanFindings",
        target="AmazonEC2ContainerRegistry_V20150921",
    ),
    "iam": _service(
        "CreateRole GetRole UpdateRole UpdateAssumeRolePolicy DeleteRole",
        "ListRoleTags TagRole UntagRole",
        "PutRolePolicy GetRolePolicy DeleteRolePolicy",
        "ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole",  # the real provider's
    ),
    "rds": _service("CreateDBInstance CreateDBSnapshot DescribeDBSnapshots"),
    "sts": _service("GetCallerIdentity"),
    "secretsmanager": _service(
        "CreateSecret DescribeSecret UpdateSecret DeleteSecret",
        "GetSecretValue PutSecretValue TagResource UntagResource",
        "GetResourcePolicy",  # the real provider's
        target="secretsmanager",
    ),
    "ec2": _service("DescribeInstances RunInstances TerminateInstances DescribeSubnets DescribeInstanceTypeOfferings"),
    "servicequotas": _service(
        "GetServiceQuota GetAWSDefaultServiceQuota ListServiceQuotas RequestServiceQuotaIncrease",
        target="ServiceQuotasV20190624",
    ),
}
"""By the name that requests are signed for."""


def is_allowed(service: str, target: str, action: str) -> bool:
    """Whether moto may see the action. target: what stood before it in X-Amz-Target; "" where there was none."""
    found = SERVICES.get(service)
    return found is not None and action in found.actions and target == (found.target or "")
