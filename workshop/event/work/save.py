"""One participant's work, out of the workspace and into the bucket, with a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from workshop.event.work.bucket import Bucket, BucketError
from workshop.event.work.exec import Cluster, ExecError
from workshop.event.work.pod import Packed, Place, PodError, Survey, pack, shortened, survey
from workshop.model.counting import counted
from workshop.model.event.receipts import Receipt, Result, archive_key

MIB: Final = 1024 * 1024
MOST_BYTES: Final = 512 * MIB
"""Of one participant's files."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """Whose work it is, and where. event, seat: by which it is kept; build_number: of the workspace that runs now."""

    event: str
    seat: int
    workspace_id: str
    build_number: int
    place: Place


class _TooLarge(Exception):
    """More came than there was a moment before."""


def save(
    cluster: Cluster,
    bucket: Bucket,
    work: Work,
    at: datetime,
    *,
    most_bytes: int = MOST_BYTES,
    previous: Receipt | None = None,
) -> Receipt:
    """Saves what there is now, and answers what became of it; nothing is raised that can go wrong with one seat.

    at: now. previous: the last good receipt of this seat; where nothing has changed since, it is the answer.
    """
    try:
        there = survey(cluster, work.place)
        if previous is not None and previous.is_good and previous.content == there.content:
            return previous
        if there.files == 0:
            return _receipt(
                work, at, Result.EMPTY, "there are no files", content=there.content, left_out=there.left_out
            )
        if there.bytes > most_bytes:
            return _receipt(work, at, Result.REFUSED, _too_large(there, most_bytes), left_out=there.left_out)
        return _archive(cluster, bucket, work, at, there, most_bytes)
    except _TooLarge:
        return _receipt(work, at, Result.REFUSED, f"more than {_mib(most_bytes)} came, the most that is saved")
    except (ExecError, PodError, BucketError) as failure:
        return _receipt(work, at, Result.FAILED, str(failure))


def _archive(cluster: Cluster, bucket: Bucket, work: Work, at: datetime, there: Survey, most_bytes: int) -> Receipt:
    key = archive_key(work.event, work.seat, at, work.build_number)
    with bucket.uploading(key) as upload:

        def take(data: bytes) -> None:
            upload.write(data)
            if upload.bytes > most_bytes:
                raise _TooLarge

        packed = pack(cluster, work.place, take)
    receipt = _receipt(
        work,
        at,
        Result.SAVED,
        _note(packed),
        files=packed.files,
        bytes=upload.bytes,
        sha256=upload.sha256,
        key=key,
        content=there.content,
        left_out=shortened((*there.left_out, *packed.left_out)),
    )
    bucket.write_receipt(receipt)
    return receipt


def _receipt(work: Work, at: datetime, result: Result, reason: str, **found: object) -> Receipt:
    values = {"seat": work.seat, "workspace_id": work.workspace_id, "build_number": work.build_number}
    return Receipt.model_validate({**values, "at": at, "result": result, "reason": reason, **found})


def _too_large(there: Survey, most_bytes: int) -> str:
    name, size = there.largest
    return (
        f"{_mib(there.bytes)} are more than {_mib(most_bytes)}, the most that is saved; {name} alone has {_mib(size)}"
    )


def _note(packed: Packed) -> str:
    return f"{counted(packed.changed, 'file')} changed while being read" if packed.changed else ""


def _mib(count: int) -> str:
    return f"{count / MIB:,.0f} MiB" if count >= 10 * MIB else f"{count / MIB:,.1f} MiB"
