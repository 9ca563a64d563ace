"""The keeper's way into the cluster of another region."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ResourceOptions

from components.component import Component
from workshop.model.names import MANAGED_BY_TAG, MARK


@dataclass(frozen=True, kw_only=True)
class KeeperAccessArgs:
    """cluster: its name at EKS. role_arn: the keeper's. user: what it is called in the cluster."""

    cluster: str
    role_arn: str
    user: str


class KeeperAccess(Component):
    """Declares an EKS access entry without groups and without access policies: the cluster's own roles name the user.

    Outputs: cluster (its name at EKS).
    """

    def __init__(self, name: str, args: KeeperAccessArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        aws.eks.AccessEntry(
            self.child_name("keeper-access"),
            cluster_name=args.cluster,
            principal_arn=args.role_arn,
            user_name=args.user,
            tags={MANAGED_BY_TAG: MARK},
            opts=self.child_options(),
        )
        self.register_outputs({"cluster": args.cluster})
