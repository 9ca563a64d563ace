"""IAM roles and their inline policies, as pulumi-aws 7.51 has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from workshop.sandbox.json_values import Json, is_mapping
from workshop.sandbox.providers.aws.resources import AwsResource
from workshop.sandbox.providers.comparison import auto_name
from workshop.sandbox.providers.provider import Properties


class _Role(AwsResource):
    service = "iam"
    replaces = ("name",)
    identity = ("name",)
    computed = ("arn", "createDate", "uniqueId", "tagsAll")
    kept = ("forceDetachPolicies",)
    if_given = ("description", "maxSessionDuration", "path")

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        named = {**inputs, "name": inputs.get("name") or old.get("name") or auto_name(urn, seed)}
        return {**named, "assumeRolePolicy": _text(inputs.get("assumeRolePolicy"))}

    def exclusive_id(self, inputs: Properties) -> str | None:
        return inputs["name"]

    def create(self, client: Json, inputs: Properties) -> str:
        optional = {"Description": inputs.get("description"), "Tags": _tag_list(inputs.get("tags") or {})}
        given = {key: value for key, value in optional.items() if value}
        client.create_role(RoleName=inputs["name"], AssumeRolePolicyDocument=inputs["assumeRolePolicy"], **given)
        return inputs["name"]

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        try:
            found = client.get_role(RoleName=id)["Role"]
        except client.exceptions.NoSuchEntityException:
            return None
        tags = {tag["Key"]: tag["Value"] for tag in client.list_role_tags(RoleName=id)["Tags"]}
        return {
            "name": found["RoleName"],
            "arn": found["Arn"],
            "uniqueId": found["RoleId"],
            "createDate": found["CreateDate"].isoformat(),
            "assumeRolePolicy": _document(found["AssumeRolePolicyDocument"]),
            "description": found.get("Description") or "",
            "maxSessionDuration": found["MaxSessionDuration"],
            "path": found["Path"],
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        if old.get("assumeRolePolicy") != new["assumeRolePolicy"]:
            client.update_assume_role_policy(RoleName=id, PolicyDocument=new["assumeRolePolicy"])
        if old.get("description") != new.get("description"):
            client.update_role(RoleName=id, Description=new.get("description") or "")
        before: Mapping[str, str] = old.get("tags") or {}
        after: Mapping[str, str] = new.get("tags") or {}
        if gone := sorted(before.keys() - after.keys()):
            client.untag_role(RoleName=id, TagKeys=gone)
        if after and after != before:
            client.tag_role(RoleName=id, Tags=_tag_list(after))

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        try:
            client.delete_role(RoleName=id)
        except client.exceptions.NoSuchEntityException:
            return


class _RolePolicy(AwsResource):
    service = "iam"
    replaces = ("name", "role")
    identity = ("name", "role")
    computed = ()
    kept = ()
    if_given = ()

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        named = {**inputs, "name": inputs.get("name") or old.get("name") or auto_name(urn, seed)}
        return {**named, "policy": _text(inputs.get("policy"))}

    def exclusive_id(self, inputs: Properties) -> str | None:
        return None

    def create(self, client: Json, inputs: Properties) -> str:
        client.put_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"])
        return f"{inputs['role']}:{inputs['name']}"

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        role, _, name = id.partition(":")
        try:
            found = client.get_role_policy(RoleName=role, PolicyName=name)
        except client.exceptions.NoSuchEntityException:
            return None
        return {"role": role, "name": name, "policy": _document(found["PolicyDocument"])}

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        self.create(client, new)

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        role, _, name = id.partition(":")
        try:
            client.delete_role_policy(RoleName=role, PolicyName=name)
        except client.exceptions.NoSuchEntityException:
            return


def _text(document: Json) -> Json:
    """A policy may be given as an object; AWS keeps text."""
    return json.dumps(document) if is_mapping(document) else document


def _document(document: Json) -> str:
    return json.dumps(document) if is_mapping(document) else unquote(document)


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


RESOURCES: Final[Mapping[str, AwsResource]] = {
    "aws:iam/role:Role": _Role(),
    "aws:iam/rolePolicy:RolePolicy": _RolePolicy(),
}
"""By type token."""
