"""What GitHub would make of Markdown: everything in it that would be more than text.

GitHub looks for mentions, references, commits, addresses and links in the text that Markdown and entities have become,
and nowhere in code. The parser is CommonMark's with GitHub's tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_LIVE: Final = re.compile(
    r"@[A-Za-z0-9]|#\d|\bGH-\d|://|\bwww\.|[\w.+-]@[\w-]|\b[0-9a-fA-F]{7,}\b|\bmailto:|\bxmpp:|:[a-z0-9_+-]+:|\$",
    re.IGNORECASE,
)
_OURS: Final = frozenset({"details", "summary", "code"})


def live_in(markdown: str) -> list[str]:
    """Each piece that is more than text or code, or that GitHub would link."""
    parser = MarkdownIt("commonmark").enable("table")
    return [found for token in parser.parse(markdown) for found in _live(token)]


def _live(token: Token) -> Iterator[str]:
    if token.type in ("html_inline", "image", "link_open", "bullet_list_open", "blockquote_open", "code_block", "hr"):
        yield f"{token.type}: {token.content or token.attrs}"
    if token.type == "text":
        yield from (found[0] for found in _LIVE.finditer(token.content))
    if token.type == "html_block":
        html = _Html()
        html.feed(token.content)
        yield from html.live
    for child in token.children or ():
        yield from _live(child)


class _Html(HTMLParser):
    """Elements that are not ours, attributes, and what would be linked outside code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.live: list[str] = []
        self._in_code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code += tag == "code"
        if tag not in _OURS or attrs:
            self.live.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"

    def handle_comment(self, data: str) -> None:
        self.live.append(f"<!--{data}")

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self.live += [found[0] for found in _LIVE.finditer(data)]
