"""IAM roles that Pods take on: one ServiceAccount of one cluster each (IRSA)."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws
from pulumi import Resource

from components.component import Component
from workshop.model.names import MANAGED_BY_TAG, MARK


def pod_role(
    component: Component,
    name: str,
    trust: dict[str, Any],
    policy_name: str,
    statements: list[dict[str, Any]],
    permissions_boundary: str | None,
) -> Resource:
    """A role with one inline policy. permissions_boundary: ARN of the policy beyond which it may not go."""
    role = aws.iam.Role(
        component.child_name(name),
        name=name,
        assume_role_policy=json.dumps(trust),
        permissions_boundary=permissions_boundary,
        tags={MANAGED_BY_TAG: MARK},
        opts=component.child_options(),
    )
    return aws.iam.RolePolicy(
        component.child_name(f"{name}-policy"),
        name=policy_name,
        role=name,
        policy=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        opts=component.child_options(depends_on=[role]),
    )


def trust_of_account(account: str, oidc_issuer: str, namespace: str, service_account: str) -> dict[str, Any]:
    """Only this ServiceAccount's Pods, by the OIDC issuer of their cluster."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{oidc_issuer}"},
                "Condition": {
                    "StringEquals": {
                        f"{oidc_issuer}:aud": "sts.amazonaws.com",
                        f"{oidc_issuer}:sub": f"system:serviceaccount:{namespace}:{service_account}",
                    }
                },
            }
        ],
    }


def boundary_arn(account: str, permissions_boundary: str | None) -> str | None:
    """The ARN of the account's policy of this name."""
    return permissions_boundary and f"arn:aws:iam::{account}:policy/{permissions_boundary}"
