"""What is asked of S3 in the sandbox: buckets by path, their settings, and objects in parts; nothing else reaches moto.

Requests carry no action's name: it follows from method, path and query (Amazon S3 API Reference).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

_SETTINGS: Final = {
    "versioning": "BucketVersioning",
    "encryption": "BucketEncryption",
    "lifecycle": "BucketLifecycleConfiguration",
    "policy": "BucketPolicy",
    "publicAccessBlock": "PublicAccessBlock",
    "ownershipControls": "BucketOwnershipControls",
    "tagging": "BucketTagging",
}
_VERBS: Final = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}

_OF_BUCKETS: Final[Mapping[tuple[str, str], str]] = {
    ("PUT", ""): "CreateBucket",
    ("HEAD", ""): "HeadBucket",
    ("DELETE", ""): "DeleteBucket",
    ("GET", "list-type"): "ListObjectsV2",
    ("GET", "versions"): "ListObjectVersions",
    ("GET", "uploads"): "ListMultipartUploads",
    ("POST", "delete"): "DeleteObjects",
    **{(method, query): f"{verb}{name}" for query, name in _SETTINGS.items() for method, verb in _VERBS.items()},
}
_OF_OBJECTS: Final[Mapping[tuple[str, str], str]] = {
    ("PUT", ""): "PutObject",
    ("GET", ""): "GetObject",
    ("HEAD", ""): "HeadObject",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("PUT", "partNumber,uploadId"): "UploadPart",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
}
OBJECT_ACTIONS: Final = frozenset({*_OF_OBJECTS.values(), "DeleteObjects"})
"""They change, or read, objects: what is in a bucket is not recorded."""

_PAGES: Final = "continuation-token encoding-type key-marker max-keys max-uploads prefix start-after upload-id-marker"
_PLAIN: Final = frozenset([*_PAGES.split(), "response-content-disposition", "version-id-marker", "versionId", "x-id"])
"""Queries that change no action."""

_SIGNED: Final = re.compile(r"X-Amz-(?:Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)")
_PATH: Final = re.compile(r"/(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?(?P<key>.*)", re.DOTALL)
_HEADERS: Final = re.compile(
    r"content-type|content-md5|range|x-amz-(?:meta-[\w-]+|checksum-[\w-]+|sdk-checksum-algorithm"
    r"|server-side-encryption(?:-aws-kms-key-id|-bucket-key-enabled)?|bucket-object-lock-enabled|object-ownership"
    r"|expected-bucket-owner|mp-object-size)",
    re.IGNORECASE,
)


def action_of(method: str, path: str, query: str) -> str:
    """The action that a request asks for; "" for one that the sandbox doesn't know, or a query that it doesn't."""
    at = _PATH.fullmatch(path)
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True) if not _SIGNED.fullmatch(name)]
    if at is None or len(names) != len(set(names)):
        return ""
    telling = ",".join(sorted(set(names) - _PLAIN))
    return (_OF_OBJECTS if at["key"] else _OF_BUCKETS).get((method, telling), "")


def bucket_and_key(path: str) -> tuple[str, str]:
    """Of a path that has an action."""
    at = _PATH.fullmatch(path)
    return (at["bucket"], at["key"]) if at else ("", "")


def is_header(name: str) -> bool:
    """Whether S3's actions that are known here look at it."""
    return _HEADERS.fullmatch(name) is not None


def presigned_key(query: Mapping[str, str]) -> str:
    """The access key in a URL that is signed for somebody who has none; "" where there is none."""
    return query.get("X-Amz-Credential", "").partition("/")[0]
