"""Secrets of AWS Secrets Manager as pulumi-aws 7.51 has them: the secret itself, never its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.providers.aws.resources import AwsResource
from workshop.sandbox.providers.comparison import auto_name
from workshop.sandbox.providers.provider import Properties

_DEFAULT_RECOVERY_DAYS: Final = 30


class _Secret(AwsResource):
    service = "secretsmanager"
    replaces = ("name",)
    identity = ("name",)
    computed = ("arn", "policy", "replicas", "tagsAll")
    kept = ("recoveryWindowInDays", "forceOverwriteReplicaSecret")
    if_given = ()

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        return {**inputs, "name": inputs.get("name") or old.get("name") or auto_name(urn, seed)}

    def exclusive_id(self, inputs: Properties) -> str | None:
        return inputs["name"]

    def create(self, client: Json, inputs: Properties) -> str:
        optional = {"Description": inputs.get("description"), "Tags": _tag_list(inputs.get("tags") or {})}
        given = {key: value for key, value in optional.items() if value}
        return client.create_secret(Name=inputs["name"], **given)["ARN"]

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        try:
            found = client.describe_secret(SecretId=id)
        except client.exceptions.ResourceNotFoundException:
            return None
        if found.get("DeletedDate"):
            return None
        listed: list[Mapping[str, str]] = found.get("Tags") or []
        tags = {tag["Key"]: tag["Value"] for tag in listed}
        return {
            "name": found["Name"],
            "arn": found["ARN"],
            "description": found.get("Description") or "",
            "policy": "",
            "replicas": [],
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        if old.get("description") != new.get("description"):
            client.update_secret(SecretId=id, Description=new.get("description") or "")
        before: Mapping[str, str] = old.get("tags") or {}
        after: Mapping[str, str] = new.get("tags") or {}
        if gone := sorted(before.keys() - after.keys()):
            client.untag_resource(SecretId=id, TagKeys=gone)
        if after and after != before:
            client.tag_resource(SecretId=id, Tags=_tag_list(after))

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        days = inputs.get("recoveryWindowInDays", _DEFAULT_RECOVERY_DAYS)
        how = {"RecoveryWindowInDays": int(days)} if days else {"ForceDeleteWithoutRecovery": True}
        try:
            client.delete_secret(SecretId=id, **how)
        except client.exceptions.ResourceNotFoundException:
            return


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


RESOURCES: Final[Mapping[str, AwsResource]] = {"aws:secretsmanager/secret:Secret": _Secret()}
"""By type token."""
