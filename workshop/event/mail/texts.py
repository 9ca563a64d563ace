"""What mails say: a template a kind, as text; the same text as HTML in one layout.

Own templates, in a folder of the event's, take the place of ours by their names: KIND.txt, frame.txt, layout.html, and
KIND.html for an HTML text that is not made of KIND.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from workshop.event.failure import EventFailure

OURS: Final = Path(__file__).parent / "templates"

_URL: Final = re.compile(r"https?://\S+")


@dataclass(frozen=True, kw_only=True)
class Text:
    """One mail as it is read."""

    subject: str
    plain: str
    html: str


@dataclass(frozen=True, kw_only=True)
class _Paragraph:
    """text: without the URL, where it ends in one on a line of its own, which becomes a button."""

    text: str
    url: str = ""
    button: str = ""


class Texts:
    """Mails by their kinds. own: a folder with the event's own templates."""

    def __init__(self, own: Path | None = None) -> None:
        loader = FileSystemLoader([one for one in (own, OURS) if one is not None])
        self._plain = SandboxedEnvironment(loader=loader, undefined=StrictUndefined, autoescape=False)
        self._html = SandboxedEnvironment(loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True)

    def write(self, kind: str, facts: Mapping[str, object]) -> Text:
        """One mail. facts: by name, as facts_of has them. Raises EventFailure for a template's mistake."""
        try:
            whole = self._plain.get_template(f"{kind}.txt").render(facts)
            head, _, body = whole.partition("\n\n")
            subject = " ".join(head.removeprefix("Subject:").split())
            plain = re.sub(r"\s*\n\s*\n\s*", "\n\n", body).strip() + "\n"
            names = [f"{kind}.html", "layout.html"]
            shown = {**facts, "subject": subject, "paragraphs": [*_paragraphs(plain)]}
            return Text(subject=subject, plain=plain, html=self._html.select_template(names).render(shown))
        except Exception as error:  # noqa: BLE001 - templates may be the organizer's, and fail in any way
            where = getattr(error, "name", None) or f"{kind}.txt"
            raise EventFailure(f"mail can't be written: {where}: {error}") from None


def _paragraphs(plain: str) -> Iterator[_Paragraph]:
    for block in plain.strip().split("\n\n"):
        text, _, last = block.rpartition("\n")
        if _URL.fullmatch(last):
            yield _Paragraph(text=text, url=last, button=_button(last))
        else:
            yield _Paragraph(text=block)


def _button(url: str) -> str:
    return "Open your page" if "/i/" in url else "Open"
