"""What is in S3's buckets, as files: moto forgets it when the server ends, and the record of changes is to stay small.

Only what is there now is kept: versions that were replaced or deleted are moto's alone, until the server ends.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from werkzeug.wrappers import Response

from workshop.sandbox.servers.aws.request import S3, AwsRequest
from workshop.sandbox.servers.aws.s3 import bucket_and_key

_WHOLE: Final = ("PutObject", "CompleteMultipartUpload")
_PRIVATE: Final = 0o700


class Objects:
    """Files, one an object. answer: moto's, to a request."""

    def __init__(self, folder: Path, answer: Callable[[AwsRequest], Response]) -> None:
        self._folder = folder
        self._answer = answer

    def put_back(self) -> None:
        """Gives moto what was there when the server ended; of a bucket that is gone, nothing."""
        for file in sorted(self._folder.glob("*/*")):
            bucket, key = file.parent.name, unquote(file.name)
            if not file.name.endswith(".tmp"):
                body = file.read_bytes().decode("latin-1")
                self._answer(_request("PUT", bucket, key, body))

    def follow(self, request: AwsRequest) -> None:
        """Keeps what a request has left of the objects that it was about."""
        bucket, key = bucket_and_key(request.path)
        keys = [key] if request.action in _WHOLE else _deleted(request)
        for each in keys:
            found = self._answer(_request("GET", bucket, each))
            path = self._folder / bucket / quote(each, safe="")
            if found.status_code == 200:
                _write(path, found.iter_encoded())
            else:
                path.unlink(missing_ok=True)


def _request(method: str, bucket: str, key: str, body: str = "") -> AwsRequest:
    path = f"/{bucket}/{key}"
    return AwsRequest(at=datetime.now(UTC), service=S3, region="us-east-1", method=method, path=path, body=body)


def _deleted(request: AwsRequest) -> list[str]:
    if request.action != "DeleteObjects":
        return []
    document = ElementTree.fromstring(request.body.encode("latin-1"))  # noqa: S314 -- moto has read it
    return [each.text or "" for each in document.iter() if each.tag.rpartition("}")[2] == "Key"]


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    path.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
