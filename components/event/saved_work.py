"""The bucket of participants' saved work: private, encrypted, and empty again when it has been kept long enough."""

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
class SavedWorkArgs:
    """bucket: its name. days: for which what is put into it is kept. adopt: by resource name, the id of what exists
    already and is taken over."""

    bucket: str
    days: int
    adopt: Mapping[str, str]


class SavedWork(Component):
    """Declares a bucket for one event, and everything that keeps what is in it from others.

    All of it is retained when the stack is destroyed: people's work stays until its date, as private as before. An
    expired object leaves a version behind, which goes a day later, and that a marker, which goes by itself.

    Outputs: bucket (its name).
    """

    def __init__(self, name: str, args: SavedWorkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        resource = self.child_name("saved-work")
        bucket = aws.s3.Bucket(
            resource,
            bucket=args.bucket,
            tags={MANAGED_BY_TAG: MARK},
            opts=self.child_options(retain_on_delete=True, import_=args.adopt.get(resource)),
        )
        kept = self.child_options(depends_on=[bucket], retain_on_delete=True)
        blocked = aws.s3.BucketPublicAccessBlock(
            f"{resource}-private",
            bucket=args.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=kept,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{resource}-encryption",
            bucket=args.bucket,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=kept,
        )
        versioned = aws.s3.BucketVersioning(
            f"{resource}-versions",
            bucket=args.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=kept,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{resource}-expiry",
            bucket=args.bucket,
            rules=_expiry(args.days),
            opts=self.child_options(depends_on=[versioned], retain_on_delete=True),
        )
        aws.s3.BucketPolicy(
            f"{resource}-policy",
            bucket=args.bucket,
            policy=json.dumps(_encrypted_transport(args.bucket)),
            opts=self.child_options(depends_on=[blocked], retain_on_delete=True),
        )
        self.register_outputs({"bucket": args.bucket})


def _expiry(days: int) -> list[Any]:
    """S3 takes the markers' expiry in a rule of its own only."""
    return [
        {
            "id": "kept-long-enough",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "expiration": {"days": days},
            "noncurrent_version_expiration": {"noncurrent_days": 1},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
        },
        {
            "id": "markers",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "expiration": {"expired_object_delete_marker": True},
        },
    ]


def _encrypted_transport(bucket: str) -> dict[str, Any]:
    """Nobody, whatever their rights, without TLS."""
    arn = f"arn:aws:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
