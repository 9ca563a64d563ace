"""What the keeper may do at AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pulumi import ResourceOptions

from components.aws_roles import boundary_arn, pod_role, trust_of_account
from components.component import Component

_ON_OBJECTS: Final = ("s3:AbortMultipartUpload", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject")
_ON_BUCKET: Final = ("s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions")
"""ListBucket: else what is not there is answered as what may not be seen."""

_POOL_TAG: Final = "aws:ResourceTag/karpenter.sh/nodepool"
"""By which Karpenter marks the instances of a pool."""


@dataclass(frozen=True, kw_only=True)
class KeeperRoleArgs:
    """role: its name. oidc_issuer, namespace, service_account: whose Pods take it on. bucket: of saved work.

    regions: whose instances it sees and ends. node_pool: of those that it may end. clusters: ARNs of those that it
    reaches from outside. permissions_boundary: name of the account's policy beyond which it may not go, unset: none.
    """

    account: str
    role: str
    oidc_issuer: str
    namespace: str
    service_account: str
    bucket: str
    regions: tuple[str, ...]
    node_pool: str
    clusters: tuple[str, ...]
    permissions_boundary: str | None = None


class KeeperRole(Component):
    """Declares the keeper's IAM role: it reads and writes one bucket, sees instances, and ends those of one pool.

    Outputs: role (its name).
    """

    def __init__(self, name: str, args: KeeperRoleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        pod_role(
            self,
            args.role,
            trust_of_account(args.account, args.oidc_issuer, args.namespace, args.service_account),
            "event",
            keeper_statements(args),
            boundary_arn(args.account, args.permissions_boundary),
        )
        self.register_outputs({"role": args.role})


def keeper_statements(args: KeeperRoleArgs) -> list[dict[str, Any]]:
    """Of the role's policy."""
    bucket = f"arn:aws:s3:::{args.bucket}"
    instances = [f"arn:aws:ec2:{region}:{args.account}:instance/*" for region in args.regions]
    statements = [
        {"Effect": "Allow", "Action": list(_ON_OBJECTS), "Resource": f"{bucket}/*"},
        {"Effect": "Allow", "Action": list(_ON_BUCKET), "Resource": bucket},
        {"Effect": "Allow", "Action": ["ec2:DescribeInstances"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["ec2:TerminateInstances"],
            "Resource": instances,
            "Condition": {"StringEquals": {_POOL_TAG: args.node_pool}},
        },
    ]
    if args.clusters:
        statements.append({"Effect": "Allow", "Action": ["eks:DescribeCluster"], "Resource": list(args.clusters)})
    return statements
