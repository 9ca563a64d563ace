"""Where work is kept: one bucket of S3, private and versioned; an archive comes in parts and is whole or not there."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, Final

from workshop.model.event.receipts import Receipt, receipt_key

_boto3: Any = import_module("boto3")
_config: Any = import_module("botocore.config")
_exceptions: Any = import_module("botocore.exceptions")

PART_BYTES: Final = 8 * 1024 * 1024
"""S3 takes 5 MiB and more, but for the last, and 10,000 at most: 78 GiB."""

UPLOADS: Final = 10
"""At once, each with one part in memory; whoever begins another one waits."""

_READ_BYTES: Final = 256 * 1024
_DELETED_AT_ONCE: Final = 1000
"""S3's own limit for one request."""

URL_SECONDS: Final = 300
"""For how long whoever has a URL can begin to download."""

_SECONDS: Final = 30
_ATTEMPTS: Final = 5


class BucketError(Exception):
    """S3 refused, or can't be reached. Its text says what it was asked for."""


class Bucket:
    """One bucket. Its methods raise BucketError; it may be used from many threads."""

    def __init__(self, name: str, region: str) -> None:
        """Takes AWS's credentials and endpoint from the environment, as boto3 does. No request is made yet."""
        retries = {"total_max_attempts": _ATTEMPTS, "mode": "standard"}
        config = _config.Config(
            connect_timeout=_SECONDS, read_timeout=_SECONDS, retries=retries, max_pool_connections=2 * UPLOADS
        )
        self.name = name
        self._client: Any = _boto3.session.Session().client("s3", region_name=region, config=config)
        self._room = threading.BoundedSemaphore(UPLOADS)

    def close(self) -> None:
        """Gives its connections back."""
        self._client.close()

    @contextmanager
    def uploading(self, key: str) -> Generator[Upload]:
        """An archive that is there once this ends, and leaves nothing where it ends with an exception."""
        with self._room:
            upload = Upload(self._client, self.name, key)
            try:
                yield upload
                with _named(f"write {key}"):
                    upload.finish()
            except BaseException:
                upload.abort()
                raise

    def write_receipt(self, receipt: Receipt) -> None:
        """Puts a receipt beside its archive."""
        key = receipt_key(receipt.key)
        with _named(f"write {key}"):
            body = receipt.model_dump_json(indent=2).encode()
            self._client.put_object(Bucket=self.name, Key=key, Body=body, ContentType="application/json")

    def read(self, key: str) -> Iterator[bytes]:
        """The archive in pieces, unverified."""
        with _named(f"read {key}"):
            body = self._client.get_object(Bucket=self.name, Key=key)["Body"]
            try:
                yield from body.iter_chunks(_READ_BYTES)
            finally:
                body.close()

    def url(self, key: str, file_name: str, seconds: int = URL_SECONDS) -> str:
        """Lets whoever has it download the archive, under a name of its own, until the seconds are over."""
        disposition = f'attachment; filename="{file_name}"'
        parameters = {"Bucket": self.name, "Key": key, "ResponseContentDisposition": disposition}
        with _named(f"sign a URL of {key}"):
            return self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)

    def erase(self, event: str) -> int:
        """Deletes all that is kept of an event, in every version, and uploads that nobody finished.

        Answers how many versions. To be called again after an error: it goes on with what is left.
        """
        count = 0
        with _named(f"erase {event}"):
            where = {"Bucket": self.name, "Prefix": f"{event}/"}
            for page in self._client.get_paginator("list_multipart_uploads").paginate(**where):
                for one in page.get("Uploads", []):
                    self._client.abort_multipart_upload(Bucket=self.name, Key=one["Key"], UploadId=one["UploadId"])
            while versions := self._versions(where):
                answer = self._client.delete_objects(Bucket=self.name, Delete={"Objects": versions, "Quiet": True})
                failed = answer.get("Errors", [])
                if failed:
                    raise BucketError(f"S3 can't erase {failed[0]['Key']}: {failed[0].get('Message') or 'no reason'}")
                count += len(versions)
        return count

    def _versions(self, where: dict[str, str]) -> list[dict[str, str]]:
        page = self._client.list_object_versions(**where, MaxKeys=_DELETED_AT_ONCE)
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        return [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]


class Upload:
    """One archive on its way. bytes, sha256: of what has been written so far."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:  # noqa: ANN401 -- boto3 has no types
        self._client = client
        self._where = {"Bucket": bucket, "Key": key}
        self._id: str | None = None
        self._parts: list[dict[str, str | int]] = []
        self._part = io.BytesIO()
        self._digest = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """In hexadecimal digits."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Adds to it; returns when S3 has all parts that are full. Raises BucketError."""
        self._digest.update(data)
        self.bytes += len(data)
        rest = memoryview(data)
        while rest:
            written = self._part.write(rest[: PART_BYTES - self._part.tell()])
            rest = rest[written:]
            if self._part.tell() == PART_BYTES:
                with _named(f"write {self._where['Key']}"):
                    self._send()

    def finish(self) -> None:
        """From now on it is there, all of it."""
        if self._id is None:
            self._part.seek(0)
            self._client.put_object(**self._where, Body=self._part)
        else:
            if self._part.tell():
                self._send()
            upload = {"Parts": self._parts}
            self._client.complete_multipart_upload(**self._where, UploadId=self._id, MultipartUpload=upload)
        kept = self._client.head_object(**self._where)["ContentLength"]
        if kept != self.bytes:
            raise BucketError(f"S3 has {kept} bytes of {self._where['Key']}, {self.bytes} were sent")

    def abort(self) -> None:
        """Leaves nothing of parts that were sent; where that fails too the bucket's lifecycle does it."""
        if self._id is not None:
            with suppress(_exceptions.BotoCoreError, _exceptions.ClientError):
                self._client.abort_multipart_upload(**self._where, UploadId=self._id)

    def _send(self) -> None:
        if self._id is None:
            self._id = self._client.create_multipart_upload(**self._where)["UploadId"]
        number = len(self._parts) + 1
        self._part.seek(0)  # as a file it is sent piece by piece: botocore copies bytes as a whole
        done = self._client.upload_part(**self._where, UploadId=self._id, PartNumber=number, Body=self._part)
        self._part.seek(0)
        self._part.truncate()
        kept = {name: done[name] for name in ("ETag", "ChecksumCRC32") if name in done}
        self._parts.append({"PartNumber": number, **kept})


@contextmanager
def _named(what: str) -> Generator[None]:
    try:
        yield
    except _exceptions.ClientError as error:
        said = error.response["Error"]
        raise BucketError(f"S3 refused to {what}: {said.get('Message') or said.get('Code')}") from None
    except _exceptions.BotoCoreError as error:
        raise BucketError(f"S3 could not {what}: {error}") from None
