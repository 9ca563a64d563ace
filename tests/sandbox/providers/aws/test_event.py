"""Buckets, their settings and access entries through their stand-ins: made, the same afterwards, changed, gone."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.providers.aws.test_secrets import life
from tests.sandbox.providers.calls import Calls
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.aws.provider import AwsProvider
from workshop.sandbox.providers.provider import ProviderError

URN = "urn:pulumi:sandbox::workshop::aws:x/y:Y::thing"
BUCKET, ENTRY = "aws:s3/bucket:Bucket", "aws:eks/accessEntry:AccessEntry"
ROLE = "arn:aws:iam::123456789012:role/ai-coder-workshop-keeper"
RULE = {"id": "kept", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": 31.0}}
PRIVATE = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
POLICY: Json = {"Version": "2012-10-17", "Statement": []}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
SHORTER = {
    **RULE,
    "noncurrentVersionExpiration": {"noncurrentDays": 1.0},
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1.0},
}
MARKERS = {**RULE, "id": "markers", "expiration": {"expiredObjectDeleteMarker": True}}


def encrypted(algorithm: str) -> Json:
    return {"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}


@pytest.fixture
def aws(sandbox: SandboxPaths) -> Calls:
    token = dict.fromkeys(("accessKey", "secretKey"), token_of(sandbox))
    endpoints = [{"s3": sandbox.aws_endpoint, "eks": f"{sandbox.aws_endpoint}/eks"}]
    return Calls(AwsProvider({"region": "us-west-2", "endpoints": json.dumps(endpoints), **token}))


def test_a_bucket(aws: Calls) -> None:
    life(aws, BUCKET, {"bucket": "workshop-test", "tags": {"a": "1"}}, {"tags": {"b": "2"}})
    life(aws, BUCKET, {"bucket": "workshop-test"}, {"tags": {"b": "2"}})


@pytest.mark.parametrize(
    ("kind", "inputs", "change"),
    [
        ("PublicAccessBlock", PRIVATE, {"blockPublicAcls": False}),
        ("ServerSideEncryptionConfiguration", {"rules": [encrypted("AES256")]}, {"rules": [encrypted("aws:kms")]}),
        ("LifecycleConfiguration", {"rules": [RULE]}, {"rules": [SHORTER, MARKERS]}),
        ("Policy", {"policy": json.dumps(POLICY)}, {"policy": {**POLICY, "Statement": [DENY]}}),
    ],
)
def test_a_setting_of_a_bucket(aws: Calls, kind: str, inputs: Json, change: Json) -> None:
    name = f"workshop-{kind.lower()}"
    aws.create(URN, BUCKET, aws.check(URN, BUCKET, None, {"bucket": name}, b"seed").inputs, False)
    life(aws, f"aws:s3/bucket{kind}:Bucket{kind}", {"bucket": name, **inputs}, change)


def test_a_bucket_that_had_versions_never_goes_back_to_having_none(aws: Calls) -> None:
    kind = "aws:s3/bucketVersioning:BucketVersioning"
    inputs: Json = {"bucket": "workshop-versions", "versioningConfiguration": {"status": "Enabled"}}
    aws.create(URN, BUCKET, aws.check(URN, BUCKET, None, {"bucket": "workshop-versions"}, b"seed").inputs, False)
    wanted = aws.check(URN, kind, None, inputs, b"seed").inputs
    made = aws.create(URN, kind, wanted, False)
    found = aws.read(URN, kind, made.id, wanted, made.outputs)
    assert found is not None
    assert aws.diff(URN, kind, made.id, found.inputs, found.outputs, wanted, ()).changed == ()
    aws.delete(URN, kind, made.id, wanted, made.outputs)
    found = aws.read(URN, kind, made.id, wanted, made.outputs)
    assert found is not None
    assert found.outputs["versioningConfiguration"] == {"status": "Suspended"}


def test_an_access_entry(aws: Calls) -> None:
    inputs = {"clusterName": "coder-oregon", "principalArn": ROLE, "userName": "keeper", "tags": {"a": "1"}}
    life(aws, ENTRY, inputs, {"userName": "other"})
    made = aws.check(URN, ENTRY, None, inputs, b"seed").inputs
    aws.create(URN, ENTRY, made, False)
    assert aws.find(URN, ENTRY, made) == f"coder-oregon:{ROLE}"
    with pytest.raises(ProviderError, match="already in use"):
        aws.create(URN, ENTRY, made, False)
    aws.delete(URN, ENTRY, f"coder-oregon:{ROLE}", made, {})


def test_a_bucket_that_is_there_is_found(aws: Calls) -> None:
    inputs = aws.check(URN, BUCKET, None, {"bucket": "workshop-found"}, b"seed").inputs
    assert aws.find(URN, BUCKET, inputs) is None
    aws.create(URN, BUCKET, inputs, False)
    assert aws.find(URN, BUCKET, inputs) == "workshop-found"
