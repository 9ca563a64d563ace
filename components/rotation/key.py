"""The window's key at AWS: where it is kept, and who may write and read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ResourceOptions

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
        tags = {MANAGED_BY_TAG: MARK}
        aws.secretsmanager.Secret(
            self.child_name("litellm-key"),
            name=args.stored_as,
            description="LiteLLM's key for the workshop window",
            recovery_window_in_days=0,
            tags=tags,
            opts=self.child_options(),
        )
        # AWS ends the ARN with six characters of its own.
        arn = f"arn:aws:secretsmanager:{args.region}:{args.account}:secret:{args.stored_as}-??????"
        bound = args.permissions_boundary and f"arn:aws:iam::{args.account}:policy/{args.permissions_boundary}"
        for role_name, reader in args.readers.items():
            role = aws.iam.Role(
                self.child_name(role_name),
                name=role_name,
                assume_role_policy=json.dumps(_trust(args.account, reader)),
                permissions_boundary=bound,
                tags=tags,
                opts=self.child_options(),
            )
            aws.iam.RolePolicy(
                self.child_name(f"{role_name}-policy"),
                name="litellm-key",
                role=role_name,
                policy=json.dumps(_allow(arn, reader.actions)),
                opts=self.child_options(depends_on=[role]),
            )
        self.register_outputs({"stored_as": args.stored_as})


def _trust(account: str, reader: KeyReader) -> dict[str, Any]:
    """Only this ServiceAccount's Pods."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{reader.oidc_issuer}"},
                "Condition": {
                    "StringEquals": {
                        f"{reader.oidc_issuer}:aud": "sts.amazonaws.com",
                        f"{reader.oidc_issuer}:sub": (
                            f"system:serviceaccount:{reader.namespace}:{reader.service_account}"
                        ),
                    }
                },
            }
        ],
    }


def _allow(arn: str, actions: tuple[str, ...]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}
