"""Resources as pulumi-aws 7.51 has them: inputs, outputs, ids and what can't be changed in place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, Protocol

from workshop.sandbox.json_values import Json, is_mapping
from workshop.sandbox.providers.comparison import auto_name
from workshop.sandbox.providers.provider import Properties


class AwsResource(Protocol):
    """One type. client: of its service, in the resource's region.

    service: botocore's name. replaces: inputs that can't be changed in place; identity: those that name it; computed:
    outputs that are no inputs; kept: inputs that AWS does not keep; if_given: inputs that make no difference where the
    program has none.
    """

    service: str = "ecr"
    replaces: tuple[str, ...]
    identity: tuple[str, ...]
    computed: tuple[str, ...]
    kept: tuple[str, ...]
    if_given: tuple[str, ...]

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        """Inputs with names filled in."""
        ...

    def exclusive_id(self, inputs: Properties) -> str | None:
        """The id that it gets, where creating it twice fails; None where that overwrites."""
        ...

    def create(self, client: Json, inputs: Properties) -> str:
        """Creates it and answers its id."""
        ...

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        """Inputs and outputs as they are, or None."""
        ...

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        """Changes what differs."""
        ...

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        """Deletes it, if it is there."""
        ...


class _Repository(AwsResource):
    replaces = ("name", "encryptionConfigurations")
    identity = ("name",)
    computed = ("arn", "registryId", "repositoryUrl", "tagsAll")
    kept = ("forceDelete",)
    if_given = ("encryptionConfigurations",)

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        return {**inputs, "name": inputs.get("name") or old.get("name") or auto_name(urn, seed)}

    def exclusive_id(self, inputs: Properties) -> str | None:
        return inputs["name"]

    def create(self, client: Json, inputs: Properties) -> str:
        optional = {
            "imageTagMutability": inputs.get("imageTagMutability"),
            "imageTagMutabilityExclusionFilters": inputs.get("imageTagMutabilityExclusionFilters"),
            "imageScanningConfiguration": inputs.get("imageScanningConfiguration"),
            "encryptionConfiguration": next(iter(inputs.get("encryptionConfigurations") or []), None),
            "tags": _tag_list(inputs.get("tags") or {}),
        }
        client.create_repository(repositoryName=inputs["name"], **{k: v for k, v in optional.items() if v})
        return inputs["name"]

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        try:
            (found,) = client.describe_repositories(repositoryNames=[id])["repositories"]
        except client.exceptions.RepositoryNotFoundException:
            return None
        tags = {
            tag["Key"]: tag["Value"]
            for tag in client.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
        }
        return {
            "name": found["repositoryName"],
            "arn": found["repositoryArn"],
            "registryId": found["registryId"],
            "repositoryUrl": found["repositoryUri"],
            "imageTagMutability": found["imageTagMutability"],
            "imageTagMutabilityExclusionFilters": found.get("imageTagMutabilityExclusionFilters") or [],
            "imageScanningConfiguration": found["imageScanningConfiguration"],
            "encryptionConfigurations": [found["encryptionConfiguration"]],
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        mutability = ("imageTagMutability", "imageTagMutabilityExclusionFilters")
        if any(old.get(key) != new.get(key) for key in mutability):
            filters = new.get(mutability[1])
            client.put_image_tag_mutability(
                repositoryName=id,
                imageTagMutability=new.get(mutability[0]) or "MUTABLE",
                **({mutability[1]: filters} if filters else {}),
            )
        if old.get("imageScanningConfiguration") != new.get("imageScanningConfiguration"):
            scanning = new.get("imageScanningConfiguration") or {"scanOnPush": False}
            client.put_image_scanning_configuration(repositoryName=id, imageScanningConfiguration=scanning)
        self._update_tags(client, id, old.get("tags") or {}, new.get("tags") or {})

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        try:
            client.delete_repository(repositoryName=id, force=bool(inputs.get("forceDelete")))
        except client.exceptions.RepositoryNotFoundException:
            return

    @staticmethod
    def _update_tags(client: Json, id: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        if old == new:
            return
        (found,) = client.describe_repositories(repositoryNames=[id])["repositories"]
        gone = sorted(old.keys() - new.keys())
        if gone:
            client.untag_resource(resourceArn=found["repositoryArn"], tagKeys=gone)
        if new:
            client.tag_resource(resourceArn=found["repositoryArn"], tags=_tag_list(new))


class _LifecyclePolicy(AwsResource):
    replaces = ("repository",)
    identity = ("repository",)
    computed = ("registryId",)
    kept = ()
    if_given = ()

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        """A policy may be given as an object; AWS keeps text."""
        policy = inputs.get("policy")
        return {**inputs, "policy": json.dumps(policy)} if is_mapping(policy) else inputs

    def exclusive_id(self, inputs: Properties) -> str | None:
        return None

    def create(self, client: Json, inputs: Properties) -> str:
        client.put_lifecycle_policy(repositoryName=inputs["repository"], lifecyclePolicyText=inputs["policy"])
        return inputs["repository"]

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        try:
            found = client.get_lifecycle_policy(repositoryName=id)
        except (client.exceptions.LifecyclePolicyNotFoundException, client.exceptions.RepositoryNotFoundException):
            return None
        return {"repository": id, "policy": found["lifecyclePolicyText"], "registryId": found["registryId"]}

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        self.create(client, new)

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        try:
            client.delete_lifecycle_policy(repositoryName=id)
        except (client.exceptions.LifecyclePolicyNotFoundException, client.exceptions.RepositoryNotFoundException):
            return


class _ReplicationConfiguration(AwsResource):
    """An account's registry in a region has exactly one: creating overwrites, deleting empties it."""

    replaces = ()
    identity = ()
    computed = ("registryId",)
    kept = ()
    if_given = ()

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        return inputs

    def exclusive_id(self, inputs: Properties) -> str | None:
        return None

    def create(self, client: Json, inputs: Properties) -> str:
        client.put_replication_configuration(replicationConfiguration={"rules": _rules(inputs)})
        return client.describe_registry()["registryId"]

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        found = client.describe_registry()
        rules = found["replicationConfiguration"]["rules"]
        return {"registryId": found["registryId"], "replicationConfiguration": {"rules": rules}} if rules else None

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        self.create(client, new)

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        client.put_replication_configuration(replicationConfiguration={"rules": []})


def _rules(inputs: Properties) -> list[dict[str, Json]]:
    configuration: Mapping[str, Json] = inputs.get("replicationConfiguration") or {}
    return list(configuration.get("rules") or [])


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


RESOURCES: Final[Mapping[str, AwsResource]] = {
    "aws:ecr/repository:Repository": _Repository(),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _LifecyclePolicy(),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": _ReplicationConfiguration(),
}
"""By type token."""
