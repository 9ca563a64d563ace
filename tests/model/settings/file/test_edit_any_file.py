"""Whatever a file looks like, an edit inserts what is new and leaves every other letter of it alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.model.settings.file.adoption import with_adoption
from workshop.model.settings.file.edit import CannotEdit
from workshop.model.settings.file.yaml import YamlError, read_yaml

SALT = "encryptionsalt: v1:XmH2vsOq0iA=:v1:abc"
KEYS = st.sampled_from(["workshop:users", "workshop:zone", "aws:region", "workshop:x-y", '"quoted key"', "'single'"])
SCALARS = st.sampled_from(
    ["20", "true", "~", "", "text", '"a # b"', "'it''s'", "https://x.io/a#b", "1.44.0", '"\\u00fc"']
)
BLOCK_TEXTS = st.sampled_from(["|", ">-", "|+"])
COMMENTS = st.sampled_from(["", " # why", "   # {not: this}"])


@st.composite
def flow(draw: st.DrawFn, depth: int = 0) -> str:
    space = draw(st.sampled_from(["", " "]))
    comma = draw(st.sampled_from([", ", ",\n        ", ", # in brackets\n        "])) if depth == 0 else ", "
    values = st.one_of(SCALARS.filter(bool), flow(depth=depth + 1)) if depth < 2 else SCALARS.filter(bool)
    items = draw(st.lists(values, max_size=3))
    if draw(st.booleans()):
        return f"[{space}{comma.join(items)}{space}]"
    return f"{{{space}{comma.join(f'k{index}: {item}' for index, item in enumerate(items))}{space}}}"


@st.composite
def entries(draw: st.DrawFn, indent: str, step: int, depth: int = 0) -> list[str]:
    """Lines of a mapping: scalars, brackets, texts, lists and mappings, with comments and empty lines between."""
    lines: list[str] = []
    for key in draw(st.lists(KEYS, min_size=1, max_size=4, unique_by=lambda key: key.strip("'\""))):
        lines += draw(st.sampled_from([[], [f"{indent}# about the next"], [""], ["# far left"]]))
        below = indent + " " * step
        kind = draw(st.sampled_from(["scalar", "flow", "text", "list", "mapping"][: 5 if depth < 2 else 3]))
        comment = draw(COMMENTS)
        if kind == "scalar":
            lines.append(f"{indent}{key}: {draw(SCALARS)}{comment}")
        elif kind == "flow":
            lines.append(f"{indent}{key}: {draw(flow())}{comment}")
        elif kind == "text":
            lines += [f"{indent}{key}: {draw(BLOCK_TEXTS)}{comment}", f"{below}one # two", "", f"{below}three"]
        elif kind == "list":
            dash = draw(st.sampled_from([indent, below]))
            lines += [f"{indent}{key}:{comment}", f"{dash}- {draw(SCALARS)}", f"{dash}- a: 1", f"{dash}  b: [1, 2]"]
        else:
            lines += [f"{indent}{key}:{comment}", *draw(entries(below, step, depth + 1))]
    return lines


ADOPTED = st.sampled_from(
    [
        None,
        ["adopt:"],
        ["adopt: {}"],
        ["adopt: # none yet"],
        ["adopt: ~"],
        ["adopt: { old: 1/1, # kept", "      older: 1/0 }"],
        ["adopt:", "STEP# kept", "STEPold: 1/1 # old"],
        ["adopt:", "STEP'old': \"1/1\"", ""],
    ]
)


@st.composite
def stack_files(draw: st.DrawFn) -> str:
    step = draw(st.sampled_from([2, 4]))
    indent = " " * step
    config = draw(entries(indent, step))
    adopted = draw(ADOPTED)
    if adopted is not None:
        prefix = draw(st.sampled_from(["workshop:", ""]))
        lines = [line.replace("STEP", indent) for line in adopted]
        lines = [f"{indent}{prefix if index == 0 else ''}{line}" for index, line in enumerate(lines)]
        place = draw(st.sampled_from([0, len(config)]))
        config[place:place] = lines
    parts = ["config:", *config]
    match draw(st.sampled_from(["none", "before", "after", "after a comment"])):
        case "before":
            parts = [SALT, *parts]
        case "after":
            parts = [*parts, SALT]
        case "after a comment":
            parts = [*parts, "", "# the salt", SALT, "# the end"]
        case _:
            pass
    end = [""] if parts[-1].endswith("three") else draw(st.sampled_from([[], [""]]))  # or it would gain a line's end
    head = draw(st.sampled_from([[], ["# head"], ["---"]]))
    return draw(st.sampled_from(["\n", "\r\n"])).join([*head, *parts, *end])


ADOPT = st.dictionaries(
    st.sampled_from(["*.a.io", "demo.coderdemo.io", "us-east-2-class", "old", f"{'a' * 60}.{'b' * 60}.io"]),
    st.sampled_from(["1/2", f"{'1' * 32}/{'2' * 32}", "workshop-workspaces"]),
    min_size=1,
)


@settings(max_examples=150, deadline=None)
@given(stack_files(), ADOPT)
def test_an_adoption_is_inserted_into_any_file_and_changes_nothing_else(text: str, adopt: dict[str, str]) -> None:
    try:
        before = read_yaml(text)
    except YamlError:
        with pytest.raises(CannotEdit):
            with_adoption(text, adopt)
        return
    result = with_adoption(text, adopt)
    key = "adopt" if "adopt" in before["config"] else "workshop:adopt"
    known: dict[str, str] = before["config"].get(key) or {}
    if adopt.keys() <= known.keys():
        assert result == text
        return
    assert read_yaml(result) == {**before, "config": {**before["config"], key: {**adopt, **known}}}
    assert _is_inserted(text, result, {} if known else {key: before["config"].get(key)})
    assert with_adoption(result, adopt) == result


def _is_inserted(text: str, result: str, replaced: dict[str, Any]) -> bool:
    """Whether the result is the text with one thing put in; a value that is empty may give way to it."""
    kept = re.sub(r"(adopt:) *(\{\}|~)", r"\1", text) if replaced else text
    kept = kept if kept.endswith("\n") else f"{kept}{_newline(text)}"
    start = next((index for index, (old, new) in enumerate(zip(kept, result, strict=False)) if old != new), len(kept))
    return result.endswith(kept[start:]) and len(result) >= len(kept) and _newline(text) == _newline(result)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
