"""EKS access entries as pulumi-aws 7.51 has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.providers.aws.resources import AwsResource
from workshop.sandbox.providers.provider import Properties


class _AccessEntry(AwsResource):
    service = "eks"
    replaces = ("clusterName", "principalArn", "type", "tags")
    identity = ("clusterName", "principalArn")
    computed = ("accessEntryArn", "tagsAll")
    kept = ()
    if_given = ("kubernetesGroups", "type", "userName")

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        return inputs

    def exclusive_id(self, inputs: Properties) -> str | None:
        return f"{inputs['clusterName']}:{inputs['principalArn']}"

    def create(self, client: Json, inputs: Properties) -> str:
        optional = {name: inputs.get(key) for name, key in _OPTIONAL.items()}
        client.create_access_entry(
            clusterName=inputs["clusterName"],
            principalArn=inputs["principalArn"],
            **{name: value for name, value in optional.items() if value},
        )
        return f"{inputs['clusterName']}:{inputs['principalArn']}"

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        cluster, _, principal = id.partition(":")
        try:
            found = client.describe_access_entry(clusterName=cluster, principalArn=principal)["accessEntry"]
        except client.exceptions.ResourceNotFoundException:
            return None
        return {
            "clusterName": found["clusterName"],
            "principalArn": found["principalArn"],
            "accessEntryArn": found["accessEntryArn"],
            "kubernetesGroups": found["kubernetesGroups"],
            "userName": found["username"],
            "type": found["type"],
            "tags": found["tags"],
            "tagsAll": found["tags"],
        }

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        cluster, _, principal = id.partition(":")
        client.update_access_entry(
            clusterName=cluster,
            principalArn=principal,
            kubernetesGroups=new.get("kubernetesGroups") or [],
            username=new.get("userName") or principal,
        )

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        cluster, _, principal = id.partition(":")
        try:
            client.delete_access_entry(clusterName=cluster, principalArn=principal)
        except client.exceptions.ResourceNotFoundException:
            return


_OPTIONAL: Final = {"username": "userName", "kubernetesGroups": "kubernetesGroups", "type": "type", "tags": "tags"}
"""Optional inputs by AWS's names."""

RESOURCES: Final[Mapping[str, AwsResource]] = {"aws:eks/accessEntry:AccessEntry": _AccessEntry()}
"""By type token."""
