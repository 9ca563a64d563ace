"""Erasure leaves nothing, and a URL lets read one archive."""

from __future__ import annotations

import httpx
import pytest

from tests.event.work.archives import archive, put
from tests.event.work.test_unpack import FILE
from workshop.event.work import bucket as module
from workshop.event.work.bucket import Bucket, BucketError, Upload
from workshop.sandbox.json_values import Json


def versions(s3: Json, prefix: str) -> int:
    found = s3.list_object_versions(Bucket="work", Prefix=prefix)
    return len(found.get("Versions", [])) + len(found.get("DeleteMarkers", []))


def test_every_version_is_erased_and_nothing_of_another_event(
    bucket: Bucket, s3: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_DELETED_AT_ONCE", 2)
    for content in (b"first", b"second"):
        put(s3, archive(("./a", content, FILE)), seat=1, event="erased")
    gone = put(s3, archive(("./a", b"deleted", FILE)), seat=2, event="erased")
    s3.delete_objects(Bucket="work", Delete={"Objects": [{"Key": gone.key}]})
    put(s3, archive(("./a", b"kept", FILE)), seat=1, event="erased-not")
    s3.create_multipart_upload(Bucket="work", Key="erased/03/half.tar.gz")
    assert versions(s3, "erased/") == 4
    assert bucket.erase("erased") == 4
    assert (versions(s3, "erased/"), versions(s3, "erased-not/")) == (0, 1)
    assert s3.list_multipart_uploads(Bucket="work", Prefix="erased/").get("Uploads", []) == []
    assert bucket.erase("erased") == 0


def test_a_url_downloads_one_archive_under_its_own_name(bucket: Bucket, s3: Json) -> None:
    receipt = put(s3, archive(("./a", b"work", FILE)), seat=3)
    url = bucket.url(receipt.key, "workshop-03.tar.gz")
    answer = httpx.get(url, trust_env=False)
    assert len(answer.content) == receipt.bytes
    assert answer.headers["Content-Disposition"] == 'attachment; filename="workshop-03.tar.gz"'
    assert "X-Amz-Expires=300" in url


def test_an_archive_that_is_missing_is_said(bucket: Bucket) -> None:
    with pytest.raises(BucketError, match=r"S3 refused to read october/01/none\.tar\.gz: .*key does not exist"):
        list(bucket.read("october/01/none.tar.gz"))


def test_an_archive_that_arrives_shorter_is_said() -> None:
    """Nothing of S3's own does that; whatever stands between may."""

    class Short:
        def put_object(self, **_asked: object) -> None: ...

        def head_object(self, **_asked: object) -> dict[str, int]:
            return {"ContentLength": 3}

    upload = Upload(Short(), "work", "october/01/a.tar.gz")
    upload.write(b"work")
    with pytest.raises(BucketError, match=r"S3 has 3 bytes of october/01/a\.tar\.gz, 4 were sent"):
        upload.finish()
