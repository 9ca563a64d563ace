"""Buckets and their settings as pulumi-aws 7.51 has them; never what is in a bucket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from workshop.sandbox.json_values import Json, is_mapping
from workshop.sandbox.providers.aws.resources import AwsResource
from workshop.sandbox.providers.comparison import auto_name
from workshop.sandbox.providers.provider import Properties

_HOME: Final = "us-east-1"
"""The one region that S3 takes for granted, and refuses to be told."""

_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


class _Bucket(AwsResource):
    service = "s3"
    replaces = ("bucket",)
    identity = ("bucket",)
    computed = ("arn", "bucketDomainName", "bucketRegionalDomainName", "tagsAll")
    kept = ("forceDestroy",)
    if_given = ()

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        return {**inputs, "bucket": inputs.get("bucket") or old.get("bucket") or auto_name(urn, seed)}

    def exclusive_id(self, inputs: Properties) -> str | None:
        return inputs["bucket"]

    def create(self, client: Json, inputs: Properties) -> str:
        name, region = inputs["bucket"], client.meta.region_name
        where = {} if region == _HOME else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(Bucket=name, **where)
        self._write_tags(client, name, inputs.get("tags") or {})
        return name

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        if _absent(lambda: client.head_bucket(Bucket=id), "404", "NoSuchBucket") is None:
            return None
        found: Mapping[str, Json] = _absent(lambda: client.get_bucket_tagging(Bucket=id), "NoSuchTagSet") or {}
        tags = {tag["Key"]: tag["Value"] for tag in found.get("TagSet", [])}
        return {
            "bucket": id,
            "arn": f"arn:aws:s3:::{id}",
            "bucketDomainName": f"{id}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{id}.s3.{client.meta.region_name}.amazonaws.com",
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        if (old.get("tags") or {}) != (new.get("tags") or {}):
            self._write_tags(client, id, new.get("tags") or {})

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        _absent(lambda: client.delete_bucket(Bucket=id), "NoSuchBucket")

    @staticmethod
    def _write_tags(client: Json, name: str, tags: Mapping[str, str]) -> None:
        if tags:
            pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs})
        else:
            client.delete_bucket_tagging(Bucket=name)


class _BucketSetting(AwsResource):
    """One setting of a bucket, which has the bucket's name for its id; writing it twice is writing it once."""

    service = "s3"
    replaces = ("bucket",)
    identity = ("bucket",)
    computed = ()
    kept = ()
    if_given = ()
    missing: tuple[str, ...]
    """Codes by which S3 says that there is none."""

    def write(self, client: Json, inputs: Properties) -> None:
        """Sets it."""
        raise NotImplementedError

    def answer(self, client: Json, id: str) -> dict[str, Json]:
        """As it is, by Pulumi's names."""
        raise NotImplementedError

    def remove(self, client: Json, id: str) -> None:
        """Takes it away."""
        raise NotImplementedError

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        return inputs

    def exclusive_id(self, inputs: Properties) -> str | None:
        return None

    def create(self, client: Json, inputs: Properties) -> str:
        self.write(client, inputs)
        return inputs["bucket"]

    def read(self, client: Json, id: str) -> dict[str, Json] | None:
        found = _absent(lambda: self.answer(client, id), "NoSuchBucket", *self.missing)
        return None if found is None else {"bucket": id, **found}

    def update(self, client: Json, id: str, old: Properties, new: Properties) -> None:
        self.write(client, new)

    def delete(self, client: Json, id: str, inputs: Properties) -> None:
        _absent(lambda: self.remove(client, id), "NoSuchBucket", *self.missing)


class _PublicAccessBlock(_BucketSetting):
    missing = ("NoSuchPublicAccessBlockConfiguration",)

    def write(self, client: Json, inputs: Properties) -> None:
        chosen = {_capital(key): bool(inputs.get(key)) for key in _BLOCKS}
        client.put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=chosen)

    def answer(self, client: Json, id: str) -> dict[str, Json]:
        found = client.get_public_access_block(Bucket=id)["PublicAccessBlockConfiguration"]
        return {key: found.get(_capital(key), False) for key in _BLOCKS}

    def remove(self, client: Json, id: str) -> None:
        client.delete_public_access_block(Bucket=id)


class _Versioning(_BucketSetting):
    missing = ()

    def write(self, client: Json, inputs: Properties) -> None:
        status = inputs["versioningConfiguration"]["status"]
        client.put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration={"Status": status})

    def answer(self, client: Json, id: str) -> dict[str, Json]:
        return {
            "versioningConfiguration": {"status": client.get_bucket_versioning(Bucket=id).get("Status", "Disabled")}
        }

    def remove(self, client: Json, id: str) -> None:
        """S3 never goes back to having no versions."""
        client.put_bucket_versioning(Bucket=id, VersioningConfiguration={"Status": "Suspended"})


class _Encryption(_BucketSetting):
    missing = ("ServerSideEncryptionConfigurationNotFoundError",)

    def write(self, client: Json, inputs: Properties) -> None:
        rules = [
            {
                "ApplyServerSideEncryptionByDefault": {
                    "SSEAlgorithm": rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
                }
            }
            for rule in inputs["rules"]
        ]
        client.put_bucket_encryption(Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules})

    def answer(self, client: Json, id: str) -> dict[str, Json]:
        found = client.get_bucket_encryption(Bucket=id)["ServerSideEncryptionConfiguration"]["Rules"]
        rules = [
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
                }
            }
            for rule in found
        ]
        return {"rules": rules}

    def remove(self, client: Json, id: str) -> None:
        client.delete_bucket_encryption(Bucket=id)


class _Lifecycle(_BucketSetting):
    missing = ("NoSuchLifecycleConfiguration",)

    def write(self, client: Json, inputs: Properties) -> None:
        rules = [_renamed(rule, _aws_name) for rule in inputs["rules"]]
        client.put_bucket_lifecycle_configuration(Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules})

    def answer(self, client: Json, id: str) -> dict[str, Json]:
        rules = client.get_bucket_lifecycle_configuration(Bucket=id)["Rules"]
        return {"rules": [_renamed(rule, _pulumi_name) for rule in rules]}

    def remove(self, client: Json, id: str) -> None:
        client.delete_bucket_lifecycle(Bucket=id)


class _Policy(_BucketSetting):
    missing = ("NoSuchBucketPolicy",)

    def complete(self, urn: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
        """A policy may be given as an object; AWS keeps text."""
        policy = inputs.get("policy")
        return {**inputs, "policy": json.dumps(policy)} if is_mapping(policy) else inputs

    def write(self, client: Json, inputs: Properties) -> None:
        client.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])

    def answer(self, client: Json, id: str) -> dict[str, Json]:
        return {"policy": client.get_bucket_policy(Bucket=id)["Policy"]}

    def remove(self, client: Json, id: str) -> None:
        client.delete_bucket_policy(Bucket=id)


def _absent(ask: Callable[[], Json], *codes: str) -> Json:
    """What an action answers; None where S3 says that there is none. Buckets' errors have no classes of their own."""
    failed: Json = import_module("botocore.exceptions").ClientError
    try:
        return ask() or {}
    except failed as error:
        if error.response["Error"]["Code"] in codes:
            return None
        raise


def _capital(key: str) -> str:
    return key[0].upper() + key[1:]


def _aws_name(key: str) -> str:
    return "ID" if key == "id" else _capital(key)


def _pulumi_name(key: str) -> str:
    return "id" if key == "ID" else key[0].lower() + key[1:]


def _renamed(value: Json, name: Callable[[str], str]) -> Json:
    """A rule, which both sides write alike but for the case of its names."""
    if is_mapping(value):
        return {name(key): _renamed(item, name) for key, item in value.items() if item is not None}
    return int(value) if isinstance(value, float) else value


RESOURCES: Final[Mapping[str, AwsResource]] = {
    "aws:s3/bucket:Bucket": _Bucket(),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _PublicAccessBlock(),
    "aws:s3/bucketVersioning:BucketVersioning": _Versioning(),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _Encryption(),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _Lifecycle(),
    "aws:s3/bucketPolicy:BucketPolicy": _Policy(),
}
"""By type token."""
