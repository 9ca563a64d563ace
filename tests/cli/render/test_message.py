"""What is printed fits the width, but for commands and names, which can be copied."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.text import print_violations
from workshop.cli.render.times import with_offset
from workshop.model.counting import counted
from workshop.model.outcome import Violation
from workshop.model.settings.window import Window

COMMAND = f"pulumi config set --path workshop:image.digest sha256:{'0' * 64} --stack live"


def printed(message: str, indent: int = 0) -> list[str]:
    screen = Console(file=io.StringIO(), width=40)
    print_message(screen, message, indent)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue().splitlines()


def test_prose_is_wrapped_and_a_command_is_not() -> None:
    lines = printed(f"1. the image's digest is not set, so regions could run different images: {COMMAND}, or none", 3)
    assert lines == [
        "1. the image's digest is not set, so",
        "   regions could run different images:",
        f"       {COMMAND}",
        "   or none",
    ]


def test_a_path_is_never_broken() -> None:
    path = f"/{'long/' * 12}file.json"
    assert printed(f"{path} is damaged: delete it") == [path, "is damaged: delete it"]


def test_what_resources_have_in_common_is_said_once() -> None:
    screen = Console(file=io.StringIO(), width=80)
    print_violations(
        screen,
        [
            Violation(policy="p", resource="a", message="a: is not set: pulumi config set a 1"),
            Violation(policy="p", resource="b", message="b: is not set: pulumi config set b 2"),
            Violation(policy="p", resource="b2", message="b2: is not set: pulumi config set b 2"),
            Violation(policy="p", resource="c", message="c: is wrong"),
        ],
    )
    assert isinstance(screen.file, io.StringIO)
    assert screen.file.getvalue().splitlines() == [
        "1. [p] a, b, b2: is not set:",
        "       pulumi config set a 1",
        "       pulumi config set b 2",
        "2. [p] c: is wrong",
    ]


@pytest.mark.parametrize(("number", "text"), [(0, "0 reasons"), (1, "1 reason"), (2, "2 reasons")])
def test_one_is_not_many(number: int, text: str) -> None:
    assert counted(number, "reason") == text


@pytest.mark.parametrize(
    ("start", "text"),
    [
        (
            "2026-10-01T09:00-07:00",
            "closes 2026-10-01 22:00 UTC (15:00 -07:00), opens 2026-10-01 03:00 UTC (2026-09-30 20:00 -07:00)",
        ),
        ("2026-10-01T09:00+00:00", "closes 2026-10-01 22:00 UTC, opens 2026-10-01 03:00 UTC"),
    ],
)
def test_times_are_shown_in_the_window_s_own_offset_too(start: str, text: str) -> None:
    window = Window.model_validate({"start": start, "duration": "4h"})
    assert with_offset("closes 2026-10-01 22:00 UTC, opens 2026-10-01 03:00 UTC", window) == text
    assert with_offset(text, None) == text
