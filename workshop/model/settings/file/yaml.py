"""Reads a settings file's YAML as the Pulumi CLI does, or says where and why not.

The CLI reads with Go's yaml.v3: YAML 1.2's booleans (`yes` and `on` are strings) with YAML 1.1's octals (`010` is 8).
What that reader or the CLI would silently change is refused by name: numbers that are not read as they are written
(`010`, `1.10`, `1_000`), timestamps, merge keys, tags, a second document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, cast

import yaml

from workshop.model.settings.commands import SettingPath

MAX_CHARACTERS: Final = 200_000
MAX_VALUES: Final = 20_000
MAX_DEPTH: Final = 40

_FAST_LOADER: Final[type[Any]] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml where PyYAML was built with it: for long files; its messages are terser."""

_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_TIMESTAMP: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)?)?")
_INTEGER: Final = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class YamlError(ValueError):
    """The text can't be read; the message says on which line and why."""


def read_yaml(text: str) -> Any:  # noqa: ANN401 - YAML is the wire format
    """Reads one document of plain values: dict with string keys, list, str, int, float, bool, None.

    Raises YamlError.
    """
    return _read(text, yaml.BaseLoader)[0]


def read_yaml_with_lines(text: str) -> tuple[Any, Mapping[SettingPath, int]]:
    """As read_yaml, and by its path the line on which each value starts; in a mapping, the line of its key.

    Raises YamlError.
    """
    return _read(text, _FAST_LOADER)


def _read(text: str, loader: type[Any]) -> tuple[Any, Mapping[SettingPath, int]]:
    if len(text) > MAX_CHARACTERS:
        raise YamlError(f"it has {len(text)} characters, at most {MAX_CHARACTERS} are read")
    try:
        reader = _Reader(text, loader)
        return reader.document(), reader.lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise YamlError(f"{where}{error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        raise YamlError(f"character {error.position} is {error.character:#06x}: {error.reason}") from None
    except (OverflowError, ValueError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError(f"not YAML: {error}") from None  # PyYAML lets escapes such as "\UFFFFFFFF" through to chr()


class _Reader:
    """Builds values from the parser's events, so that size, depth and aliases are bounded while it reads."""

    def __init__(self, text: str, loader: type[Any]) -> None:
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=loader))
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._values = 0
        self.lines: dict[SettingPath, int] = {}

    def document(self) -> Any:  # noqa: ANN401
        document: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise YamlError(f"{_line(event)}: a second document starts here; only one is read")
            elif isinstance(event, yaml.NodeEvent):
                document = self._value(event, ())
        return document

    def _value(self, event: yaml.Event, path: SettingPath) -> Any:  # noqa: ANN401
        self.lines.setdefault(path, _line_number(event))
        if len(path) > MAX_DEPTH:
            raise YamlError(f"{_line(event)}: nested more than {MAX_DEPTH} deep")
        before = self._values
        self._count(event, 1)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise YamlError(f"{_line(event)}: alias *{event.anchor} names no anchor before it")
            value, size = self._anchors[event.anchor]
            self._count(event, size)
            return value
        node = cast("yaml.ScalarEvent | yaml.CollectionStartEvent", event)  # nothing else stands for a value
        if node.tag is not None:
            raise YamlError(f"{_line(event)}: tag {node.tag} is not read; write the value without it")
        if isinstance(node, yaml.ScalarEvent):
            value = node.value if node.style else _plain(node)
        elif isinstance(node, yaml.SequenceStartEvent):
            items = enumerate(self._until(yaml.SequenceEndEvent))
            value = [self._value(item, (*path, index)) for index, item in items]
        else:
            value = self._mapping(path)
        if node.anchor is not None:
            self._anchors[node.anchor] = (value, self._values - before)
        return value

    def _mapping(self, path: SettingPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in self._until(yaml.MappingEndEvent):
            key = self._value(event, (*path, ""))
            if not isinstance(key, str):
                raise YamlError(f"{_line(event)}: a key must be a string; quote it")
            if key == "<<" and not getattr(event, "style", None):
                raise YamlError(f"{_line(event)}: merge keys are not read; write the keys out")
            if key in mapping:
                raise YamlError(f"{_line(event)}: the key {key} is given twice")
            self.lines[*path, key] = self.lines.pop((*path, ""))
            mapping[key] = self._value(next(self._events), (*path, key))
        return mapping

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _count(self, event: yaml.Event, values: int) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            raise YamlError(f"{_line(event)}: more than {MAX_VALUES} values, aliases counted in full")


def _line(event: yaml.Event) -> str:
    return f"line {_line_number(event)}"


def _line_number(event: yaml.Event) -> int:
    return cast("yaml.Mark", event.start_mark).line + 1  # the parser marks all that it finds


def _plain(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    """What an unquoted scalar means (yaml.v3, resolve.go)."""
    text = event.value
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _TIMESTAMP.fullmatch(text):
        raise YamlError(f"{_line(event)}: {text} is a timestamp, which the Pulumi CLI would rewrite; quote it")
    if _NOT_FINITE.fullmatch(text):
        raise YamlError(f"{_line(event)}: {text} is not a finite number")
    if text[0] not in "+-.0123456789":
        return text
    number = text.replace("_", "") if text[0] != "." else text
    value = _integer(number)
    if value is None and _FLOAT.fullmatch(number):
        value = float(number)
    if value is None or value in (float("inf"), float("-inf")):
        return text
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(Decimal(value))  # as Go's encoder writes it
    written = json.dumps(value)
    if text != written:
        raise YamlError(f'{_line(event)}: {text} is read as {written}; write {written}, or "{text}" for the text')
    return value


def _integer(text: str) -> int | None:
    """A 64-bit integer as Go's ParseInt and ParseUint with base 0 read it, else None."""
    if not _INTEGER.fullmatch(text) or len(text) > 70:  # 70: sign, 0b and 64 digits; longer never fits
        return None
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    is_octal = re.fullmatch(r"0[0-7]+", digits) is not None
    value = int(sign + digits, 8 if is_octal else 0)
    fits = -(2**63) <= value < 2**63 or (not sign and value < 2**64)
    return value if fits else None
