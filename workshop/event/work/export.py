"""All work of an event on somebody's disk: a zip file a seat, checked against its receipt, and a list of them."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from workshop.event.work.bucket import Bucket, BucketError
from workshop.event.work.unpack import LeftOut, Member, UnpackError, members, readable
from workshop.model.event.receipts import SUFFIX, Receipt
from workshop.model.legible import Legible

MANIFEST: Final = "manifest.json"
_COPIED_BYTES: Final = 1024 * 1024
_FIRST: Final = (1980, 1, 1, 0, 0, 0)
_LAST: Final = (2107, 12, 31, 23, 59, 58)
"""The times that a zip file can hold."""

_PRIVATE_FILE: Final = 0o600
_PRIVATE: Final = 0o700
_EXECUTABLE: Final = 0o100
"""Of a file's rights, the one that is kept."""


class DigestError(Exception):
    """An archive is not what its receipt says."""


class Exported(BaseModel):
    """One archive. name: of its file, without the ending. state: written now, kept from an earlier run, or failed.

    file: in the folder; files: in it; sha256: of it; archive: the receipt's. left_out: of the archive, what was not
    unpacked: links, and what would leave its folder. reason: why it failed, or what is to be known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    seat: int
    state: Literal["written", "kept", "failed"]
    file: str = ""
    files: int = 0
    sha256: str = ""
    archive: str = ""
    saved_at: datetime
    reason: Legible = ""
    left_out: tuple[Legible, ...] = ()


class Manifest(BaseModel):
    """What a folder holds of an event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    event: str
    archives: tuple[Exported, ...]


def export_all(
    bucket: Bucket,
    event: str,
    receipts: Iterable[Receipt],
    folder: Path,
    *,
    overwrite: bool = False,
    done: Callable[[Exported], None] = lambda _one: None,
) -> Manifest:
    """Writes seat-07.zip and so on, the newest work of each seat, and manifest.json, which it answers.

    A workspace that was started again may have begun with an empty home: the newest work of each earlier build is
    seat-07-build-3.zip.

    What an earlier run has written stays if it is the same work, and is replaced by newer work, which is said. Any
    other file that is in the way stays, as a failure of that one, unless overwrite. To be called again after failures:
    it goes on with what is missing. done: is given each archive's. Raises OSError where the folder can't be written.
    """
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    before = _read_manifest(folder, event)
    finished = dict(before)
    _write_manifest(folder, Manifest(event=event, archives=tuple(finished[each] for each in sorted(finished))))
    for name, receipt in to_export(receipts).items():
        finished[name] = one = _export(bucket, receipt, folder / name, before.get(name), overwrite=overwrite)
        done(one)
        _write_manifest(folder, Manifest(event=event, archives=tuple(finished[each] for each in sorted(finished))))
    return Manifest(event=event, archives=tuple(finished[each] for each in sorted(finished)))


def to_export(receipts: Iterable[Receipt]) -> dict[str, Receipt]:
    """By the name of the file that it becomes, without its ending: the newest archive of each build of each seat."""
    newest: dict[tuple[int, str], Receipt] = {}
    for receipt in sorted(receipts, key=lambda one: one.at):
        if receipt.key:
            newest[receipt.seat, receipt.archived_build] = receipt
    last = dict(newest.keys())
    return {
        f"seat-{seat:02d}" if build == last[seat] else f"seat-{seat:02d}-build-{build}": receipt
        for (seat, build), receipt in sorted(newest.items())
    }


def verified(bucket: Bucket, receipt: Receipt) -> Iterator[bytes]:
    """The archive in pieces; after the last one raises DigestError where it was not what the receipt says."""
    digest, count = hashlib.sha256(), 0
    for piece in bucket.read(receipt.key):
        digest.update(piece)
        count += len(piece)
        yield piece
    if (count, digest.hexdigest()) != (receipt.bytes, receipt.sha256):
        raise DigestError(f"{receipt.key} has {count} bytes that are not those of its receipt: it was changed")


def _export(bucket: Bucket, receipt: Receipt, stem: Path, before: Exported | None, *, overwrite: bool) -> Exported:
    path = stem.with_name(f"{stem.name}.zip")
    base = Exported(name=stem.name, seat=receipt.seat, state="failed", archive=receipt.sha256, saved_at=receipt.at)
    replaced = ""
    if before is not None and before.state != "failed" and _is_as_written(path, before):
        if before.archive == receipt.sha256:
            return before.model_copy(update={"state": "kept"})
        replaced = f"it replaces the work of {before.saved_at:%Y-%m-%d %H:%M} UTC"
    elif path.exists() and not overwrite:
        reason = f"{path.name} is there already, with something else in it: move it away"
        return base.model_copy(update={"reason": reason})
    left_out, count = LeftOut(), 0

    def fill(partial: Path) -> None:
        nonlocal count
        count = _write_zip(partial, members(verified(bucket, receipt), left_out))

    try:
        _write(path, fill)
    except UnpackError as error:
        return _as_it_is(bucket, receipt, stem, base, f"it was not unpacked: {error}")
    except (BucketError, DigestError) as error:
        return base.model_copy(update={"reason": str(error)})
    found = {"state": "written", "file": path.name, "files": count, "sha256": _digest(path), "reason": replaced}
    return Exported.model_validate({**base.model_dump(), **found, "left_out": tuple(left_out.names)})


def _is_as_written(path: Path, before: Exported) -> bool:
    """Whether a file of an earlier run is there, and nobody has changed it since."""
    try:
        return _digest(path) == before.sha256
    except FileNotFoundError:
        return False


def _as_it_is(bucket: Bucket, receipt: Receipt, stem: Path, base: Exported, reason: str) -> Exported:
    """The archive itself, where it can't be unpacked: nothing is lost, and whoever opens it knows."""
    path = stem.with_name(f"{stem.name}{SUFFIX}")

    def fill(partial: Path) -> None:
        with partial.open("wb") as file:
            for piece in verified(bucket, receipt):
                file.write(piece)

    try:
        _write(path, fill)
    except (BucketError, DigestError) as error:
        return base.model_copy(update={"reason": str(error)})
    reason = f"{reason}; {path.name} is the archive itself: unpack it where it can do no harm"
    return base.model_copy(update={"file": path.name, "sha256": receipt.sha256, "reason": reason})


def _write_zip(partial: Path, found: Iterator[Member]) -> int:
    """Answers how many files are in it."""
    count = 0
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member in found:
            changed = datetime.fromtimestamp(max(member.info.mtime, 0), UTC).timetuple()[:6]
            name = member.name if member.content else f"{member.name}/"
            info = zipfile.ZipInfo(name, min(max(changed, _FIRST), _LAST))
            info.compress_type = zipfile.ZIP_DEFLATED
            rights = 0o644 | (0o111 if member.info.mode & _EXECUTABLE else 0)
            info.external_attr = (stat.S_IFREG | rights if member.content else stat.S_IFDIR | 0o755) << 16
            if member.content is None:
                archive.writestr(info, b"")
                continue
            count += 1
            with archive.open(info, "w", force_zip64=True) as target, readable():
                while data := member.content.read(_COPIED_BYTES):
                    target.write(data)
    return count


def _write(path: Path, fill: Callable[[Path], object]) -> None:
    """A file that is whole or not there, and that nobody else may read."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=_PRIVATE_FILE)
        fill(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    text = manifest.model_dump_json(indent=2)
    _write(folder / MANIFEST, lambda partial: partial.write_text(text, encoding="utf-8"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_manifest(folder: Path, event: str) -> dict[str, Exported]:
    """By name; nothing where there is none of this event that can be read, and then nothing is taken for kept."""
    try:
        found = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return {one.name: one for one in found.archives} if found.event == event else {}
