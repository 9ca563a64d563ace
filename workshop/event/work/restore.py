"""Saved work put into another workspace, where nothing that is there already is touched."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from typing_extensions import Buffer, override

from workshop.event.work.bucket import Bucket
from workshop.event.work.exec import Cluster, ExecError, Take
from workshop.event.work.export import verified
from workshop.event.work.pod import NO_FOLDER, Place, PodError
from workshop.event.work.unpack import LeftOut, members, readable
from workshop.model.event.receipts import Receipt

_STAGING: Final = ".workshop-restore"
_ENTER: Final = f'cd "${{1:-$HOME}}" || exit {NO_FOLDER}\n'
_UNPACK: Final = f"{_ENTER}rm -rf {_STAGING} && mkdir -m 700 {_STAGING} && cd {_STAGING} && exec tar -xf -\n"
_PLACE: Final = rf"""{_ENTER}
cd {_STAGING} || exit 1
find . -type d -exec sh -c 'for one; do [ -e "../$one" ] || mkdir -p "../$one"; done' sh {{}} +
find . -type f -exec sh -c '
for one
do
  if [ -e "../$one" ] || [ -L "../$one" ] || ! mv "$one" "../$one" 2>/dev/null; then printf "kept %s\n" "$one"; fi
done' sh {{}} +
cd .. && rm -rf {_STAGING}
"""
"""Moves what was unpacked beside what is there: a file whose place is taken stays out, and is named."""

_CLEAR: Final = f"{_ENTER}rm -rf {_STAGING}\n"
_SAID_BYTES: Final = 1024 * 1024


def restore(cluster: Cluster, bucket: Bucket, receipt: Receipt, place: Place) -> tuple[str, ...]:
    """Puts what a receipt's archive holds into the root of a place; answers which files were there already, and stay.

    Nothing is in place before all of the archive has come and is what the receipt says. Raises ExecError, PodError,
    BucketError, DigestError and UnpackError; to be called again after any of them.
    """

    def write(take: Take) -> None:
        with tarfile.open(fileobj=_Sent(take), mode="w|", format=tarfile.GNU_FORMAT) as archive:
            for member in members(verified(bucket, receipt), LeftOut()):
                made = tarfile.TarInfo(f"./{member.name}")
                made.mode = 0o755 if member.content is None or member.info.mode & 0o100 else 0o644
                made.mtime = member.info.mtime
                if member.content is None:
                    made.type = tarfile.DIRTYPE
                    archive.addfile(made)
                else:
                    made.size = member.info.size
                    with readable():
                        archive.addfile(made, member.content)

    try:
        _run(cluster, place, _UNPACK, write)
        said = _run(cluster, place, _PLACE)
    except BaseException:
        _clear(cluster, place)
        raise
    return tuple(line.removeprefix("kept ./") for line in said.splitlines() if line.startswith("kept ./"))


def _run(cluster: Cluster, place: Place, script: str, stdin: Callable[[Take], None] | None = None) -> str:
    said, complaints = _Beginning(), _Beginning()
    command = ["sh", "-c", script, "sh", place.root]
    code = cluster.run(place.container, command, stdout=said, stderr=complaints, stdin=stdin)
    if code:
        lines = complaints.text.splitlines()[-3:]
        raise PodError(f"sh ended with exit code {code}: {'; '.join(lines) or 'it says nothing'}")
    return said.text


def _clear(cluster: Cluster, place: Place) -> None:
    """Leaves nothing of a restore that failed, where the pod can still be reached; the next one begins with that."""
    with suppress(ExecError, PodError):
        _run(cluster, place, _CLEAR)


class _Beginning:
    """What comes first of a stream; the rest is dropped."""

    def __init__(self) -> None:
        self._held = bytearray()

    def __call__(self, data: bytes) -> None:
        self._held += data[: _SAID_BYTES - len(self._held)]

    @property
    def text(self) -> str:
        return self._held.decode("utf-8", "backslashreplace")


class _Sent(io.RawIOBase):
    """A file that is written to a command's input."""

    def __init__(self, take: Take) -> None:
        self._take = take

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Buffer, /) -> int:
        sent = bytes(data)
        self._take(sent)
        return len(sent)
