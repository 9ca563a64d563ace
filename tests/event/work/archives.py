"""Archives as a participant could make them."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

from tests.event.work.test_save import AT
from workshop.model.event.receipts import Receipt, Result, archive_key
from workshop.sandbox.json_values import Json

Entry = tuple[str, bytes | str, bytes]
"""Name, content or a link's target, and tarfile's type."""


def archive(*entries: Entry) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as writer:
        for name, content, kind in entries:
            info = tarfile.TarInfo(name)
            info.type = kind
            if isinstance(content, str):
                info.linkname = content
                writer.addfile(info)
            else:
                info.size = len(content)
                writer.addfile(info, io.BytesIO(content))
    return made.getvalue()


def compressed(tar: bytes) -> bytes:
    return gzip.compress(tar, 1)


def put(s3: Json, data: bytes, seat: int, event: str = "hostile") -> Receipt:
    """In the bucket, with the receipt that it would have."""
    key = archive_key(event, seat, AT, 1)
    s3.put_object(Bucket="work", Key=key, Body=data)
    return Receipt(
        seat=seat,
        workspace_id="w",
        build_number=1,
        at=AT,
        result=Result.SAVED,
        files=1,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        key=key,
    )
