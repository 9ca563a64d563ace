"""Whatever an archive holds, it stays in its folder and has an end."""

from __future__ import annotations

import io
import tarfile
import tracemalloc

import pytest

from tests.event.work.archives import archive, compressed
from workshop.event.work.unpack import LeftOut, UnpackError, members, readable

FILE, LINK, HARD_LINK, FIFO, DEVICE, FOLDER = (
    *(tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE),
    *(tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE),
)
MIB = 1024 * 1024


def unpacked(data: bytes, most_bytes: int = 100 * MIB, piece: int = 1000) -> tuple[dict[str, bytes | None], list[str]]:
    left_out, found = LeftOut(), dict[str, bytes | None]()
    pieces = (data[at : at + piece] for at in range(0, len(data), piece))
    for member in members(pieces, left_out, most_bytes=most_bytes, most_members=1000):
        with readable():
            found[member.name] = member.content.read() if member.content else None
    return found, left_out.names


def test_files_and_folders_come_as_they_are() -> None:
    data = archive(
        ("./", b"", FOLDER), ("./a", b"", FOLDER), ("./a/b", b"work", FILE), ("./" + "long/" * 60 + "c", b"", FILE)
    )
    assert unpacked(data) == ({"a": None, "a/b": b"work", "long/" * 60 + "c": b""}, [])


@pytest.mark.parametrize(
    "entry",
    [
        ("../outside", b"x", FILE),
        ("./a/../../outside", b"x", FILE),
        ("./link", "/etc/passwd", LINK),
        ("./link", "a", LINK),
        ("./link", "./good", HARD_LINK),
        ("./fifo", "", FIFO),
        ("./device", "", DEVICE),
        ("./good", b"again", FILE),
        ("./good/", b"", FOLDER),
        (".\\..\\outside", b"x", FILE),
    ],
    ids=str,
)
def test_what_leads_out_or_is_no_file_is_left_out_and_named(entry: tuple[str, bytes | str, bytes]) -> None:
    found, left_out = unpacked(archive(("./good", b"work", FILE), entry, ("./after", b"more", FILE)))
    assert found == {"good": b"work", "after": b"more"}
    assert len(left_out) == 1


def test_an_absolute_name_is_one_in_the_folder() -> None:
    assert unpacked(archive(("/etc/passwd", b"x", FILE))) == ({"etc/passwd": b"x"}, [])


def test_names_of_no_known_encoding_can_be_read() -> None:
    info = tarfile.TarInfo("./b\udce4d")
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as writer:
        writer.addfile(info)
    assert list(unpacked(compressed(made.getvalue()))[0]) == ["b\ufffdd"]


def test_archives_in_a_row_are_one() -> None:
    """As tar leaves them where it was run several times."""
    both = b"".join(tarfile.TarInfo(f"./{name}").tobuf() + bytes(10240) for name in ("a", "b"))
    assert list(unpacked(compressed(both))[0]) == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (compressed(bytes(101 * MIB)), "it unpacks to more than 0.0976"),
        (archive(*((f"./{number}", b"", FILE) for number in range(1001))), "it has more than 1000 files"),
        (archive(("./a", b"work" * 1000, FILE))[:-20], "it ends early"),
        (archive(("./a", b"work", FILE))[:-8] + bytes(8), "it is not compressed as it should be"),
        (b"no archive at all", "it is not compressed as it should be"),
        (compressed(tarfile.TarInfo("a").tobuf()[:-512] + b"x" * 512), ""),
    ],
    ids=["bomb", "many-files", "cut-off", "wrong-checksum", "no-archive", "garbage"],
)
def test_what_has_no_end_or_is_broken_is_said(data: bytes, reason: str) -> None:
    if not reason:
        assert unpacked(data) == ({}, [])
        return
    with pytest.raises(UnpackError, match=reason):
        unpacked(data)


def test_a_member_that_ends_early_is_said() -> None:
    info = tarfile.TarInfo("./a")
    info.size = 5000
    with pytest.raises(UnpackError, match="it is no archive that can be read"):
        unpacked(compressed(info.tobuf() + b"short"))


def test_many_members_are_not_held_in_memory() -> None:
    count = 20_000
    tar = b"".join(tarfile.TarInfo(f"./{number}").tobuf() for number in range(count)) + bytes(1024)
    data = compressed(tar)
    tracemalloc.start()
    try:
        assert sum(1 for _ in members([data], LeftOut())) == count
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


def test_a_header_is_not_held_in_memory_whatever_its_size() -> None:
    info = tarfile.TarInfo("./a")
    info.type, info.size = tarfile.XHDTYPE, 90 * MIB
    data = compressed(info.tobuf() + bytes(90 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(UnpackError, match="it has a header of"):
            unpacked(data)
        assert tracemalloc.get_traced_memory()[1] < 20 * MIB
    finally:
        tracemalloc.stop()
