"""What is in an archive, as far as it may be unpacked on somebody else's machine.

A participant had the workspace, tar included, to themselves: an archive may hold anything. What leads out of its
folder, links, devices and what is twice there are left out; and there is an end to what a small archive may unpack to.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, Final, Self, cast

from typing_extensions import Buffer, override

GIB: Final = 1024**3
MOST_BYTES: Final = 4 * GIB
"""Of one archive, unpacked; what is saved is an eighth of it at most before it is compressed."""

MOST_MEMBERS: Final = 500_000
_EXTENSION_BYTES: Final = 1024 * 1024
_EXTENSIONS: Final = (
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)
_GZIP: Final = 31
"""zlib's wbits for gzip's header and checksum."""

_DESTINATION: Final = "/unpacked"
"""Nothing is written there: tarfile's filter wants a folder which members may not leave."""


class UnpackError(Exception):
    """The archive can't be unpacked. Its text says why."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file or a folder. name: its path in the archive's folder; content: None for a folder."""

    name: str
    info: tarfile.TarInfo
    content: IO[bytes] | None


@dataclass
class LeftOut:
    """What was not unpacked, with why."""

    names: list[str] = field(default_factory=list[str])


def members(
    pieces: Iterable[bytes], left_out: LeftOut, *, most_bytes: int = MOST_BYTES, most_members: int = MOST_MEMBERS
) -> Iterator[Member]:
    """Files and folders of an archive that comes in pieces, in its order; content is to be read before the next.

    All pieces are taken. Raises UnpackError, and what taking a piece does.
    """
    source = _Inflated(pieces, most_bytes)
    seen: set[str] = set()
    with readable(), tarfile.open(fileobj=source, mode="r|", ignore_zeros=True, tarinfo=_Header) as archive:
        for info in archive:
            cast("Any", archive).members.clear()  # or it would keep them all
            if len(seen) >= most_members:
                raise UnpackError(f"it has more than {most_members} files")
            name = _clean(info)
            if name == "":
                continue
            if name is None or name in seen:
                left_out.names.append(info.name)
                continue
            seen.add(name)
            yield Member(name=name, info=info, content=archive.extractfile(info) if info.isfile() else None)
        source.finish()


@contextmanager
def readable() -> Generator[None]:
    """Where a member is read. Raises UnpackError where it can't be."""
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise UnpackError(f"it is no archive that can be read: {error}") from None


class _Header(tarfile.TarInfo):
    """A member's header. What tarfile would hold in memory of it has a limit."""

    def _proc_member(self, archive: tarfile.TarFile) -> Self:
        if self.type == tarfile.GNUTYPE_SPARSE or (self.type in _EXTENSIONS and self.size > _EXTENSION_BYTES):
            raise UnpackError(f"it has a header of {self.size} bytes, or a file with holes")
        return cast("Any", super())._proc_member(archive)

    def _proc_gnusparse_10(self, *_arguments: object) -> None:
        raise UnpackError("it has a file with holes")


def _clean(info: tarfile.TarInfo) -> str | None:
    """The name under which it may be unpacked; "" for the folder itself, None where it may not be."""
    if not (info.isfile() or info.isdir()) or info.issparse():
        return None
    try:
        filtered = tarfile.data_filter(info, _DESTINATION)
    except tarfile.FilterError:
        return None
    parts = [part for part in filtered.name.split("/") if part not in ("", ".")]
    if any(part == ".." or "\0" in part or "\\" in part for part in parts):
        return None
    return "/".join(parts).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _Inflated(io.RawIOBase):
    """What gzip has compressed, as a file that can be read once, up to a limit."""

    def __init__(self, pieces: Iterable[bytes], most_bytes: int) -> None:
        self._pieces = iter(pieces)
        self._inflate = zlib.decompressobj(wbits=_GZIP)
        self._most_bytes = most_bytes
        self._count = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer, /) -> int:
        target = memoryview(buffer).cast("B")
        data = b""
        try:
            while not data and not self._inflate.eof:
                piece = self._inflate.unconsumed_tail or next(self._pieces, b"")
                if not piece:
                    raise UnpackError("it ends early")
                data = self._inflate.decompress(piece, len(target))
        except zlib.error as error:
            raise UnpackError(f"it is not compressed as it should be: {error}") from None
        self._count += len(data)
        if self._count > self._most_bytes:
            raise UnpackError(f"it unpacks to more than {self._most_bytes / GIB:g} GiB")
        target[: len(data)] = data
        return len(data)

    def finish(self) -> None:
        """Takes what is left, so that whoever counts the pieces sees all of them."""
        scratch = bytearray(tarfile.RECORDSIZE)
        while self.readinto(scratch):
            pass
        for _ in self._pieces:
            pass
