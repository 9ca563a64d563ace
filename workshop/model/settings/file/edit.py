"""Edits the text of a YAML file: what does not change stays as it is to the letter, comments and layout included.

A library that dumps what it has read normalizes indentation and loses comments within brackets. So the parser's marks
say where each value stands, text is inserted there and nowhere else, and what comes out is read back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import yaml

from workshop.model.settings.file.yaml import YamlError, read_yaml

_STEP: Final = 2
"""By how much is indented where the file shows no custom of its own."""

_Value: TypeAlias = Any
"""Plain values, as read_yaml answers them."""


class CannotEdit(ValueError):
    """The text can't be changed without touching something else; the message says why."""


@dataclass(frozen=True, kw_only=True)
class _Edit:
    """Replaces what stands between two places of the text."""

    start: int
    end: int
    text: str


def edited(text: str, wanted: _Value) -> str:
    """The text, with what it takes for read_yaml to answer `wanted`.

    New entries come last in their mapping or list. Raises CannotEdit where the text can't be read or has aliases, where
    a key would have to go, or a value that has comments in it.
    """
    try:
        found = read_yaml(text)
    except YamlError as error:
        raise CannotEdit(str(error)) from None
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.BaseLoader)):
        raise CannotEdit("it has aliases (*name), through which one change would be several")
    result = text if text.endswith("\n") or not text else text + _newline(text)
    if found is None:
        result += _dumped(wanted)
    else:
        for edit in sorted(_Editor(result).edits(found, wanted), key=lambda edit: edit.start, reverse=True):
            result = result[: edit.start] + edit.text + result[edit.end :]
    if not _reads_as(result, wanted):
        raise CannotEdit("its layout is too unusual to be edited by a program")
    return result


class _Editor:
    def __init__(self, text: str) -> None:
        self._text = text
        self._newline = _newline(text)
        self._root = cast("yaml.Node", yaml.compose(text, Loader=yaml.BaseLoader))
        columns = (_column(value) for _, value in self._root.value) if isinstance(self._root, yaml.MappingNode) else ()
        self._step = next((column for column in columns if column), _STEP)

    def edits(self, found: _Value, wanted: _Value) -> Iterator[_Edit]:
        """What turns one document into the other."""
        yield from self._of(self._root, found, wanted, None)

    def _of(self, node: yaml.Node, found: _Value, wanted: _Value, indent: int | None) -> Iterator[_Edit]:
        """indent: column of a block of lines that takes the value's place; None where brackets do."""
        if isinstance(node, yaml.MappingNode) and node.value and isinstance(wanted, dict):
            new = cast("dict[str, _Value]", wanted)
            if gone := [key for key in found if key not in new]:
                raise CannotEdit(f"{', '.join(gone)} would have to go")
            below = None if node.flow_style else _column(node) + self._step
            for key, value in node.value:
                yield from self._of(value, found[key.value], new[key.value], below)
            more = {key: value for key, value in new.items() if key not in found}
        elif isinstance(node, yaml.SequenceNode) and isinstance(wanted, list):
            items = cast("list[_Value]", wanted)
            if len(found) == len(items):
                for item, old, new_item in zip(node.value, found, items, strict=True):
                    yield from self._of(item, old, new_item, None)
                return
            if not node.value or found != items[: len(found)]:
                yield self._replaced(node, wanted, None if found else indent)
                return
            more = items[len(found) :]
        else:
            if found != wanted:
                yield self._replaced(node, wanted, None if found else indent)
            return
        if more:
            yield self._added(node, more)

    def _added(self, node: yaml.CollectionNode, more: _Value) -> _Edit:
        """Entries after the last one."""
        if node.flow_style:
            place = _end(_last(node))
            return _Edit(start=place, end=place, text=f", {_dumped(more, flow=True)[1:-2]}")
        place = self._end_of_line(_end(node))
        return _Edit(start=place, end=place, text=self._block(more, _column(node)))

    def _replaced(self, node: yaml.Node, value: _Value, indent: int | None) -> _Edit:
        """Another value: in its place, or on lines of its own where nothing was and lines are the custom."""
        start, end = node.start_mark.index, _end(node)
        if "#" in self._text[start:end]:
            raise CannotEdit(f"line {node.start_mark.line + 1}: comments in what is replaced would be lost")
        if indent is None:
            space = "" if self._text[start - 1] == " " else " "
            return _Edit(start=start, end=end, text=space + _dumped(value, flow=True).removesuffix("\n"))
        start, line_end = len(self._text[:start].rstrip(" ")), self._end_of_line(end)
        return _Edit(start=start, end=line_end, text=self._text[end:line_end] + self._block(value, indent))

    def _block(self, value: _Value, indent: int) -> str:
        """On lines of its own, after the one before them."""
        return "".join(f"{self._newline}{' ' * indent}{line}" for line in _dumped(value, self._step).splitlines())

    def _end_of_line(self, place: int) -> int:
        """After a comment that follows. A block of text ends where the next line starts."""
        if self._text[:place].endswith(self._newline):
            return place - len(self._newline)
        return self._text.index(self._newline, place)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _column(node: yaml.Node) -> int:
    """Where the entries of a mapping or list on lines of its own start; 0 for all else."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return 0
    return (node.value[0][0] if isinstance(node, yaml.MappingNode) else node).start_mark.column


def _last(node: yaml.CollectionNode) -> yaml.Node:
    return node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]


def _end(node: yaml.Node) -> int:
    """Where a value ends, closing bracket included and comments after it left out."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style:
        node = _last(node)
    return node.end_mark.index


def _dumped(value: _Value, indent: int = _STEP, *, flow: bool = False) -> str:
    text = yaml.safe_dump(
        value, sort_keys=False, allow_unicode=True, width=sys.maxsize, indent=indent, default_flow_style=flow
    )
    return text.removesuffix("...\n")  # which follows a single value


def _reads_as(text: str, wanted: _Value) -> bool:
    """JSON tells 1, 1.0 and true apart, which Python takes for equal."""
    try:
        return json.dumps(read_yaml(text), sort_keys=True) == json.dumps(wanted, sort_keys=True)
    except YamlError:
        return False
