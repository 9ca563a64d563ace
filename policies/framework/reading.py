"""Reading declared values: the one place where policies touch what Pulumi hands them.

Pulumi's proxies raise an error at an unknown value which the engine reports as advisory even for a
mandatory policy, so a rule that reads them directly fails open. `plain` takes the proxies away, and
a `Reading` answers a plain value of the type asked for or raises `Unreadable`, which is a violation.

A rule stops at the first value that it cannot read. So that one run names them all, it is then run once more on a
reading that collects what it cannot read, instead of raising it (`Reading.collecting`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar, cast

from pulumi_policy.proxy import UnknownValueError

T = TypeVar("T")
U = TypeVar("U")
Fault = Literal["unknown", "missing", "wrong type", "empty"]


class Unknown:
    """A value that only the change itself will bring."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


class _Unread:
    """Stands for a value that could not be read, while unreadable values are collected."""


_UNREAD: Final = _Unread()

FIXES: Final[Mapping[Fault, str]] = {
    "unknown": "give it as a plain value, not as another resource's output",
    "missing": "declare it",
    "wrong type": "give it a value that can be read",
    "empty": "give it a value",
}


@dataclass
class Unreadable(Exception):
    """A declared value that cannot be judged. path: where it is; problem: what is wrong with it; fix: what to do."""

    fault: Fault
    path: str
    problem: str
    fix: str = ""
    args: tuple[object, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        self.fix = self.fix or FIXES[self.fault]

    def __str__(self) -> str:
        return self.problem


def wrong(path: str, found: str, wanted: str) -> Unreadable:
    """A value that is none of those that can be judged. found, wanted: as a message shows them."""
    return Unreadable("wrong type", path, f"{path} is {found}, must be {wanted}", f"set {path} to {wanted}")


def plain(value: object) -> object:
    """The same tree of plain values, with UNKNOWN where Pulumi does not know yet."""
    if value is None or isinstance(value, (str, bytes, int, float)):
        return value
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        return {str(key): _known(entries, key) for key in entries}
    if isinstance(value, Sequence):
        items = cast("Sequence[object]", value)
        return [_known(items, index) for index in range(len(items))]
    return value


def _known(container: Mapping[object, object] | Sequence[object], key: object) -> object:
    try:
        value = container[key]  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType] one of the two fits
    except UnknownValueError:
        return UNKNOWN
    return plain(cast("object", value))


@dataclass(frozen=True)
class Reading:
    """One declared value and its path. collected: where what cannot be read goes; None: it is raised."""

    value: object
    path: str = ""
    collected: list[Unreadable] | None = field(default=None, compare=False, repr=False)

    def collecting(self, collected: list[Unreadable]) -> Reading:
        """The same value; what cannot be read, in it or below it, is added to the list."""
        return replace(self, collected=collected)

    @property
    def is_known(self) -> bool:
        """Whether the value itself, whatever is below it, is known."""
        return self.value is not UNKNOWN

    @property
    def is_mapping(self) -> bool:
        """Whether it is an object."""
        return isinstance(self.value, dict)

    def member(self, *keys: str) -> Reading:
        """The value under these keys. Raises Unreadable if it, or anything on the way, is absent."""
        reading = self
        for key in keys:
            found, path = reading._child(key), reading._path_of(key)
            if found is None and reading.is_mapping:
                reading.give_up(Unreadable("missing", path, f"{path} is missing"))
            reading = found or Reading(_UNREAD, path, self.collected)
        return reading

    def optional(self, *keys: str) -> Reading | None:
        """The value under these keys, or None if it, or anything on the way, is absent or null."""
        reading: Reading | None = self
        for key in keys:
            reading = reading._child(key)
            if reading is None:
                return None
        return reading

    def text(self) -> str:
        """Text that is not empty."""
        value = self._of(str, "text", None)
        if value is not None and not value.strip():
            self.give_up(Unreadable("empty", self.path, f"{self.path} is empty"))
        return value or ""

    def boolean(self) -> bool:
        """True or false."""
        return self._of(bool, "true or false", False)

    def integer(self) -> int:
        """A whole number; Pulumi sends 3 as 3.0."""
        number = self.number()
        if not number.is_integer():
            self.refuse("a whole number")
        return int(number)

    def number(self) -> float:
        """A finite number."""
        if isinstance(self.value, bool):
            self.refuse("a number")
            return 0.0
        number = float(self._of((int, float), "a number", 0))
        if not math.isfinite(number):
            self.refuse("a finite number")
            return 0.0
        return number

    def items(self) -> tuple[Reading, ...]:
        """A list of at least one."""
        found = self.items_or_none()
        if self.value == []:
            self.give_up(Unreadable("empty", self.path, f"{self.path} is empty"))
        return found

    def items_or_none(self) -> tuple[Reading, ...]:
        """A list that may be empty, where an empty list means something."""
        nothing: list[object] = []
        values = cast("list[object]", self._of(list, "a list", nothing))
        return tuple(Reading(value, f"{self.path}[{index}]", self.collected) for index, value in enumerate(values))

    def texts(self) -> tuple[str, ...]:
        """A list of at least one text."""
        return tuple(item.text() for item in self.items())

    def entries(self) -> dict[str, Reading]:
        """An object with at least one key; keys whose value is null are left out."""
        found = self.entries_or_none()
        if not found and self.is_mapping:
            self.give_up(Unreadable("empty", self.path, f"{self.path or 'the resource'} is empty"))
        return found

    def entries_or_none(self) -> dict[str, Reading]:
        """An object that may be empty, where an empty object means something."""
        nothing: dict[str, object] = {}
        values = cast("dict[str, object]", self._of(dict, "an object", nothing))
        return {
            key: Reading(value, self._path_of(key), self.collected)
            for key, value in values.items()
            if value is not None
        }

    def walk(self) -> Iterator[Reading]:
        """This value and everything below it, unknown values included."""
        yield self
        if isinstance(self.value, dict):
            for child in self.entries_or_none().values():
                yield from child.walk()
        elif isinstance(self.value, list):
            for child in self.items_or_none():
                yield from child.walk()

    def give_up(self, unreadable: Unreadable) -> None:
        """Raises what cannot be read of this value, or collects it, once for each path."""
        if self.collected is None:
            raise unreadable
        if self.value is not _UNREAD and all(one.path != unreadable.path for one in self.collected):
            self.collected.append(unreadable)

    def unread(self) -> Reading:
        """This place with a value of which nothing more is said."""
        return replace(self, value=_UNREAD)

    def refuse(self, wanted: str) -> None:
        """Says that a value of the right kind is none that can be judged. Raises Unreadable, or collects it."""
        self.give_up(self._wrong_type(wanted))

    def _child(self, key: str) -> Reading | None:
        return self.entries_or_none().get(key)

    def _path_of(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _of(self, kind: type[T] | tuple[type[T], ...], wanted: str, neutral: U) -> T | U:
        if self.value is UNKNOWN:
            self.give_up(Unreadable("unknown", self.path, f"{self.path} is not known before the change"))
        elif isinstance(self.value, kind):
            return self.value
        elif self.value is not _UNREAD:
            self.give_up(self._wrong_type(wanted))
        return neutral

    def _wrong_type(self, wanted: str) -> Unreadable:
        return wrong(self.path, describe(self.value), wanted)


def describe(value: object) -> str:
    """A value as a message shows it, with its kind where that is not plain to see."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value:g}"
        case str():
            return f"the text '{value}'"
        case list():
            return "a list"
        case dict():
            return "an object"
        case None:
            return "null"
        case _:
            return f"a {type(value).__name__}"
