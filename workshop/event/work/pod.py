"""What is asked of a workspace's pod: how much there is, and all of it as one stream.

Only sh, find, stat, tar and gzip are run, GNU's or busybox's; nothing is written, so that a full disk and an agent that
is gone are no matter. tar is given the names that find has chosen, since busybox's may know no patterns: where there
are many it makes several archives, which follow each other in the stream.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from workshop.event.work.exec import Cluster, Container, Take
from workshop.event.work.selection import CACHES, SECRETS, find_left_out
from workshop.model.event.receipts import LEFT_OUT_AT_MOST
from workshop.model.settings.event import inside_home

NO_FOLDER: Final = 97
"""The scripts' exit code where the root isn't there."""

_END: Final = b"\nworkshop-end "
_END_BYTES: Final = len(_END) + 5
"""Followed by g for GNU's tar or b for another, three digits and a newline: a stream without it was cut off."""

_FIND_KILLED: Final = 254
_GZIP_FAILED: Final = 255
"""In place of tar's exit code, when it is not tar's."""

_ENTER: Final = f"""
cd "${{1:-$HOME}}" && shift || exit {NO_FOLDER}
LC_ALL=C; export LC_ALL
"""
_SURVEY: Final = f"""{_ENTER}
find "$@"
printf '\\nworkshop-end b%03d\\n' $?
"""
_PACK: Final = f"""{_ENTER}
kind=b lenient=
case $(tar --version 2>/dev/null) in *GNU*) kind=g lenient='--ignore-failed-read --hard-dereference' ;; esac
export lenient
exec 3>&1
codes=$( {{
  {{ find "$@" -exec sh -c 'tar -v --no-recursion $lenient -cf - "$@"; echo $? >&4' sh {{}} +
     code=$?; [ $code -le 1 ] || echo {_FIND_KILLED} >&4; }} |
  {{ gzip -1 -c >&3 || echo {_GZIP_FAILED} >&4; }}
}} 4>&1 )
worst=0
for code in $codes; do [ "$code" -le $worst ] || worst=$code; done
printf '\\nworkshop-end %s%03d\\n' $kind $worst
"""
_LEFT: Final = b"left "
_LISTED: Final = re.compile(rb"(?P<bytes>\d+) [-\d]+ [:.\d]+ [-+\d]+ \./(?P<path>.*)")
"""As stat -c '%s %y %n' has it."""

_TOPS: Final = 1000
"""Of the names at the top, those whose sizes are added up."""

_COMPLAINTS: Final = 20
_LINE_BYTES: Final = 4096
_CHANGED: Final = "file changed as we read it"
_DELAYED: Final = "error exit delayed from previous errors"
"""What busybox's tar says at the end where it has gone on after an error; otherwise exit code 1 is the last of it."""


class PodError(Exception):
    """A command in the pod ended badly. Its text says which, and what it complained of."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is to be saved. root: a folder, "" for the container's home; paths: in it, by default all of it.

    excludes: names left out beside secrets and caches; * stands for any letters.
    """

    container: Container
    root: str = ""
    paths: tuple[str, ...] = (".",)
    excludes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a path that leads out of the root."""
        for path in self.paths:
            inside_home(path)

    @property
    def left_out(self) -> list[str]:
        """find's expression for what is not saved."""
        return [*find_left_out((*SECRETS, *CACHES, *self.excludes)), "-prune"]

    @property
    def starts(self) -> list[str]:
        """The paths as find takes them."""
        return [path if path == "." else f"./{path.removeprefix('./')}" for path in self.paths]


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What there is. bytes: of the files themselves; content: a digest of paths, sizes and times of change.

    largest: what has the most bytes of all in the root, with how many; left_out: what is not to be saved.
    """

    files: int
    bytes: int
    content: str
    left_out: tuple[str, ...]
    largest: tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Packed:
    """What was in a stream. files: how many, links included; left_out: what could not be read; changed: meanwhile."""

    files: int
    left_out: tuple[str, ...]
    changed: int


def survey(cluster: Cluster, place: Place) -> Survey:
    """Looks at all there is. Raises ExecError and PodError."""
    listing, complaints = _Listing(), _Complaints()
    expression = [*place.left_out, "-exec", "stat", "-c", "left %n", "{}", "+", "-o"]
    expression += ["(", "-type", "f", "-o", "-type", "l", ")", "-exec", "stat", "-c", "%s %y %n", "{}", "+"]
    _stream(cluster, place, _SURVEY, expression, listing.lines, complaints)
    largest = listing.by_top.most_common(1)
    return Survey(
        files=listing.files,
        bytes=listing.bytes,
        content=listing.digest.hexdigest(),
        left_out=shortened([*listing.left_out, *complaints.lines], listing.more + complaints.more),
        largest=largest[0] if largest else ("", 0),
    )


def pack(cluster: Cluster, place: Place, take: Take) -> Packed:
    """Gives take all that is to be saved as one compressed archive. Raises ExecError and PodError, and what take does.

    Only when this returns was it all.
    """
    complaints = _Complaints()
    kept = ["(", "-type", "f", "-o", "-type", "d", "-o", "-type", "l", ")"]
    kind, code = _stream(cluster, place, _PACK, [*place.left_out, "-o", *kept], take, complaints)
    went_on = kind == "g" or complaints.went_on
    if code and not (code == 1 and went_on):
        what = {_FIND_KILLED: "find was killed", _GZIP_FAILED: "gzip failed"}.get(
            code, f"tar ended with exit code {code}"
        )
        raise PodError(f"{what}: {complaints.last}")
    unread = shortened(complaints.lines, complaints.more)
    return Packed(files=complaints.names, left_out=unread, changed=complaints.changed)


def shortened(names: Iterable[str], more: int = 0) -> tuple[str, ...]:
    """Names for a receipt; more: how many there are besides."""
    all_names = list(names)
    more += max(0, len(all_names) - (LEFT_OUT_AT_MOST - 1))
    return (*all_names[: LEFT_OUT_AT_MOST - 1], *([f"and {more} more"] if more else []))


def _stream(
    cluster: Cluster, place: Place, script: str, expression: list[str], take: Take, complaints: _Complaints
) -> tuple[str, int]:
    """Runs a script whose output ends with the mark; answers what is in that: which tar it is, and the worst code."""
    held = _HeldBack(take)
    command = ["sh", "-c", script, "sh", place.root, *place.starts, *expression]
    code = cluster.run(place.container, command, stdout=held, stderr=complaints)
    if code == NO_FOLDER:
        raise PodError(f"the workspace has no folder {place.root or '$HOME'}")
    if code:
        raise PodError(f"sh ended with exit code {code}: {complaints.last}")
    end = bytes(held.rest)
    if not end.startswith(_END):
        raise PodError("the stream ended early")
    return chr(end[len(_END)]), int(end[len(_END) + 1 :])


class _HeldBack:
    """Passes a stream on, but for what may be the mark at its end."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self.rest = b""

    def __call__(self, data: bytes) -> None:
        data = self.rest + data
        sure = max(len(data) - _END_BYTES, 0)
        self.rest = data[sure:]
        if sure:
            self._take(data[:sure])


class _Lines:
    """Cuts a stream into lines; of one that is too long its beginning."""

    def __init__(self, see: Callable[[bytes], None]) -> None:
        self._see = see
        self._begun = b""

    def __call__(self, data: bytes) -> None:
        *lines, begun = (self._begun + data).split(b"\n")
        self._begun = begun[:_LINE_BYTES]
        for line in lines:
            self._see(line)


class _Listing:
    """Of all files, as stat lists them."""

    def __init__(self) -> None:
        self.lines = _Lines(self._see)
        self.digest = hashlib.sha256()
        self.files = 0
        self.bytes = 0
        self.by_top: Counter[str] = Counter()
        self.left_out: list[str] = []
        self.more = 0

    def _see(self, line: bytes) -> None:
        if line.startswith(_LEFT):
            if len(self.left_out) < LEFT_OUT_AT_MOST:
                self.left_out.append(_text(line.removeprefix(_LEFT).removeprefix(b"./")))
            else:
                self.more += 1
            return
        self.digest.update(line + b"\n")
        listed = _LISTED.fullmatch(line)
        if listed:
            size, top = int(listed["bytes"]), _text(listed["path"].partition(b"/")[0])
            self.files += 1
            self.bytes += size
            if top in self.by_top or len(self.by_top) < _TOPS:
                self.by_top[top] += size


class _Complaints:
    """What commands say on stderr: tar's names, counted, and what is wrong."""

    def __init__(self) -> None:
        self._lines = _Lines(self._see)
        self.names = 0
        self.changed = 0
        self.went_on = False
        self.lines: list[str] = []
        self.more = 0

    @property
    def last(self) -> str:
        """The end of it."""
        return "; ".join(self.lines[-3:]) or "it says nothing"

    def __call__(self, data: bytes) -> None:
        self._lines(data)

    def _see(self, line: bytes) -> None:
        if line.startswith(b"./"):
            self.names += not line.endswith(b"/")
            return
        said = re.sub(r"^(?:tar|find|stat): (?:\./)?", "", _text(line))
        if said.endswith(_CHANGED):
            self.changed += 1
        elif said == _DELAYED:
            self.went_on = True
        elif len(self.lines) < _COMPLAINTS:
            self.lines.append(said)
        else:
            self.more += 1


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
