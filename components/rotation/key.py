"""The window's key at AWS: where it is kept, and who may write and read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ResourceOptions

from components.aws_roles import boundary_arn, pod_role, trust_of_account
from components.component import Component
from workshop.model.names import MANAGED_BY_TAG, MARK


@dataclass(frozen=True, kw_only=True)
class KeyReader:
    """A ServiceAccount of one cluster, by the cluster's OIDC issuer, and the actions on the secret that it needs."""

    oidc_issuer: str
    namespace: str
    service_account: str
    actions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RotationKeyArgs:
    """account, region, stored_as: of the secret, and its name. readers: by the name of the IAM role of each.

    permissions_boundary: name of the account's policy beyond which no role may go, unset: none.
    """

    account: str
    region: str
    stored_as: str
    readers: Mapping[str, KeyReader]
    permissions_boundary: str | None = None


class RotationKey(Component):
    """Declares a secret without a value, and a role for each ServiceAccount that writes or reads it.

    The secret is deleted at once, without AWS's days of grace: its key is revoked or expires, and the next window
    needs the name.

    Outputs: stored_as (the secret's name).
    """

    def __init__(self, name: str, args: RotationKeyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        aws.secretsmanager.Secret(
            self.child_name("litellm-key"),
            name=args.stored_as,
            description="LiteLLM's key for the workshop window",
            recovery_window_in_days=0,
            tags={MANAGED_BY_TAG: MARK},
            opts=self.child_options(),
        )
        # AWS ends the ARN with six characters of its own.
        arn = f"arn:aws:secretsmanager:{args.region}:{args.account}:secret:{args.stored_as}-??????"
        for role_name, reader in args.readers.items():
            pod_role(
                self,
                role_name,
                trust_of_account(args.account, reader.oidc_issuer, reader.namespace, reader.service_account),
                "litellm-key",
                [{"Effect": "Allow", "Action": list(reader.actions), "Resource": arn}],
                boundary_arn(args.account, args.permissions_boundary),
            )
        self.register_outputs({"stored_as": args.stored_as})
