"""Markdown: what comes from elsewhere is code, and never more than text on GitHub."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from tests.cli.render.github import live_in
from workshop.cli.render.markdown import Block, bounded, code, folded, table

ATTACKS = {
    "mention": "@user",
    "team": "@org/team",
    "mention by entity": "&#64;user &commat;user",
    "issue": "#1 fixes #2",
    "issue by prefix": "GH-1",
    "issue of another repository": "owner/repo#1",
    "commit": "deadbeef0123 1234567",
    "commit of another repository": "owner/repo@deadbeef",
    "link": "[a](https://evil.example)",
    "reference": "[a]: https://evil.example",
    "autolink": "<https://evil.example>",
    "bare link": "https://evil.example ftp://evil.example",
    "www": "www.evil.example",
    "mail": "someone@evil.example mailto:a@evil.example",
    "image": "![x](https://evil.example/x.png)",
    "html": "<img src=x onerror=alert(1)><b>",
    "comment": "<!-- x -->",
    "end of details": "</summary></details><h1>",
    "code span": "` @user ` `` @user ``",
    "only backticks": "```",
    "backtick at either end": "`@user`",
    "bar": "a | @user",
    "escaped bar": "a \\| @user",
    "twice escaped bar": "a \\\\| @user",
    "backslash at the end": "@user\\",
    "backslash before a backtick": "\\` @user",
    "fence": "\n```\n@user\n```\n",
    "tildes": "~~~\n@user",
    "heading": "\n# @user\n",
    "table": "\n| a |\n|---|\n| @user |",
    "emoji": ":smile: $x$",
    "blank": "  ",
    "line separator": "a\u2028@user\u2029@user\x0b@user",
    "carriage return": "a\r\r@user",
    "control": "\x1b]8;;https://evil.example\x1b\\x",
}


@pytest.fixture(params=ATTACKS.values(), ids=list(ATTACKS))
def attack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_nothing_is_live_in_a_line_a_list_a_cell_and_a_fold(attack: str) -> None:
    assert live_in(f"Found {code(attack)} there.\n\n1. {code(attack)}\n") == []
    cells = table(("what", "found"), [(attack, attack), ("plain words", "12")])
    assert live_in(cells) == []
    rows = [token for token in MarkdownIt("commonmark").enable("table").parse(cells) if token.type == "td_open"]
    assert len(rows) == 4
    fold = folded(attack, attack, "diff")
    assert live_in(f"{fold}\nafter\n") == []
    assert [token.type for token in MarkdownIt("commonmark").parse(fold)] == ["html_block", "fence", "html_block"]


def test_the_attacks_would_be_live_without_it() -> None:
    harmless = {"only backticks", "fence", "tildes", "blank", "backtick at either end", "code span"}
    for name, text in ATTACKS.items():
        assert name in harmless or live_in(text) or live_in(f"a {text}"), name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "(nothing)"),
        ("LiteLLM pods", "LiteLLM pods"),
        ("proxy pods, each proxy region", "proxy pods, each proxy region"),
        ("5.95", "5.95"),
        ("added", "added"),
        ("-", "`-`"),
        ("us-east-2: nodes", "`us-east-2: nodes`"),
        ("defaced", "`defaced`"),
        ("1234567", "`1234567`"),
        ("1. list", "`1. list`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a\nb", r"`a\nb`"),
        (" ", "`   `"),
    ],
)
def test_plain_words_are_left_and_all_else_is_code(text: str, shown: str) -> None:
    assert code(text) == shown


def test_a_bar_stays_readable_in_a_cell() -> None:
    assert "| `sed 's\\|a\\|\\|'` |" in table(("x",), [("sed 's|a||'",)])
    assert code("a|b") == "`a|b`"
    assert "| - | - |" in table(("x", "y"), [("", "-")])


def test_a_long_text_is_cut_before_it_becomes_code() -> None:
    text = code("`" * 5_000)
    assert len(text) < 7_000
    assert live_in(f"{text} after\n") == []
    assert "(3000 more characters)" in text


def test_what_has_no_room_is_left_out_whole_and_said() -> None:
    blocks = [Block(text="head\n"), *(Block(text=f"`{number} @user`\n" + "x" * 300) for number in range(99))]
    short = bounded(blocks, 2_000)
    assert len(short.encode()) <= 2_000
    assert "**Left out**, for want of room: 93 parts." in short
    assert live_in(short) == []
    assert "Left out" not in bounded(blocks, None)
    assert "Left out" not in bounded(blocks[:3], 2_000)
