"""S3 in the sandbox: what the event needs of it, and nothing else."""

from __future__ import annotations

from importlib import import_module

import httpx
import pytest

from tests.sandbox.servers.aws.test_application import client, closing
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.aws.s3 import action_of
from workshop.sandbox.servers.listener import PART_BYTES

__all__ = ["closing"]

ClientError: Json = import_module("botocore.exceptions").ClientError


@pytest.fixture
def s3(sandbox: SandboxPaths) -> Json:
    return client(sandbox, "s3")


def make_bucket(s3: Json, name: str) -> None:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})


def test_an_object_in_parts_is_one_object(s3: Json) -> None:
    make_bucket(s3, "in-parts")
    upload = s3.create_multipart_upload(Bucket="in-parts", Key="october/07/a.tar.gz")["UploadId"]
    where = {"Bucket": "in-parts", "Key": "october/07/a.tar.gz", "UploadId": upload}
    parts: list[Json] = []
    for number, body in enumerate((b"a" * PART_BYTES, b"b" * 5), 1):
        done = s3.upload_part(**where, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": done["ETag"]})
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    found = s3.get_object(Bucket="in-parts", Key="october/07/a.tar.gz")["Body"].read()
    assert found == b"a" * PART_BYTES + b"b" * 5


def test_buckets_and_what_is_in_them_outlive_the_server(sandbox: SandboxPaths, s3: Json) -> None:
    make_bucket(s3, "kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    for key, body in (("a/work", b"old"), ("a/work", b"somebody's \xff work"), ("b", b"erased"), ("c d+e", b"odd")):
        s3.put_object(Bucket="kept", Key=key, Body=body)
    for version in s3.list_object_versions(Bucket="kept", Prefix="b")["Versions"]:
        erased = {"Key": "b", "VersionId": version["VersionId"]}
        s3.delete_objects(Bucket="kept", Delete={"Objects": [erased]})
    assert b"somebody's" not in sandbox.aws_record.read_bytes()
    assert {path.stat().st_mode & 0o777 for path in (sandbox.objects / "kept").iterdir()} == {0o600}
    assert not any(b"erased" in path.read_bytes() for path in sandbox.objects.rglob("*") if path.is_file())
    stop(sandbox)
    ensure_running(sandbox)
    assert s3.get_bucket_versioning(Bucket="kept")["Status"] == "Enabled"
    assert s3.get_object(Bucket="kept", Key="a/work")["Body"].read() == b"somebody's \xff work"
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="kept")["Contents"]] == ["a/work", "c d+e"]


def test_an_archive_in_parts_outlives_the_server_and_an_unfinished_one_does_not(
    sandbox: SandboxPaths, s3: Json
) -> None:
    make_bucket(s3, "finished")
    for key in ("whole", "half"):
        where = {"Bucket": "finished", "Key": key, "UploadId": ""}
        where["UploadId"] = s3.create_multipart_upload(Bucket="finished", Key=key)["UploadId"]
        part = s3.upload_part(**where, PartNumber=1, Body=b"work")
        if key == "whole":
            parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
            s3.complete_multipart_upload(**where, MultipartUpload=parts)
    stop(sandbox)
    ensure_running(sandbox)
    assert s3.get_object(Bucket="finished", Key="whole")["Body"].read() == b"work"
    assert s3.list_objects_v2(Bucket="finished")["KeyCount"] == 1
    assert s3.list_multipart_uploads(Bucket="finished").get("Uploads", []) == []


def test_a_url_lets_whoever_has_it_read_one_object(s3: Json) -> None:
    make_bucket(s3, "by-url")
    s3.put_object(Bucket="by-url", Key="a", Body=b"work")
    disposition = 'attachment; filename="work.tar.gz"'
    url = s3.generate_presigned_url(
        "get_object",
        Params={"Bucket": "by-url", "Key": "a", "ResponseContentDisposition": disposition},
        ExpiresIn=60,
    )
    answer = httpx.get(url, trust_env=False)
    assert (answer.content, answer.headers["Content-Disposition"]) == (b"work", disposition)
    assert httpx.put(url, content=b"x", trust_env=False).status_code == 401


def test_what_is_larger_than_a_part_is_refused(s3: Json) -> None:
    make_bucket(s3, "too-large")
    with pytest.raises(ClientError, match="413"):
        s3.put_object(Bucket="too-large", Key="a", Body=b"x" * (PART_BYTES + 1))


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/", ""),  # all buckets
        ("GET", "/a-bucket", ""),
        ("GET", "/a-bucket", "acl"),
        ("PUT", "/a-bucket", "website"),
        ("PUT", "/a-bucket", "notification"),
        ("PUT", "/a-bucket", "versioning&policy"),
        ("PUT", "/a-bucket", "versioning&versioning"),
        ("POST", "/a-bucket/key", "select&select-type=2"),
        ("PUT", "/a-bucket/key", "tagging"),
        ("DELETE", "/a-bucket/key", ""),
        ("PATCH", "/a-bucket/key", ""),
        ("PUT", "/UPPER/key", ""),
    ],
)
def test_what_nobody_here_asks_for_has_no_action(method: str, path: str, query: str) -> None:
    assert action_of(method, path, query) == ""


def test_moto_is_not_asked_for_it(sandbox: SandboxPaths, s3: Json) -> None:
    for ask in (
        lambda: s3.list_buckets(),
        lambda: s3.put_object_acl(Bucket="kept", Key="a", ACL="public-read"),
        lambda: s3.put_bucket_website(Bucket="kept", WebsiteConfiguration={}),
    ):
        with pytest.raises(ClientError, match="404"):
            ask()


def test_a_copy_is_none(sandbox: SandboxPaths, s3: Json) -> None:
    """The header that would make one does not reach moto: it is an object without content."""
    make_bucket(s3, "no-copies")
    s3.put_object(Bucket="no-copies", Key="a", Body=b"work")
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={token_of(sandbox)}/20250101/us-east-2/s3/aws4_request, x",
        "x-amz-copy-source": "/no-copies/a",
    }
    httpx.put(f"{sandbox.aws_endpoint}/no-copies/b", headers=headers, content=b"", trust_env=False)
    assert s3.get_object(Bucket="no-copies", Key="b")["Body"].read() == b""
