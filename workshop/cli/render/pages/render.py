"""The pages themselves, as Markdown; what only people know is left to be filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

PAGES: Final = (
    "announcement",
    "agenda",
    "participant-guide",
    "facilitator-guide",
    "reminder",
    "incident-runbook",
    "thanks",
)

BLANK: Final = "TO BE FILLED IN"


def pages(facts: Mapping[str, Any]) -> Mapping[str, str]:
    """Each page by the name of its file."""
    environment = Environment(
        loader=PackageLoader("workshop.cli.render.pages"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, of settings that have no markup in them
    )
    return {f"{page}.md": environment.get_template(f"{page}.md").render({**facts, "blank": _blank}) for page in PAGES}


def _blank(what: str) -> str:
    return f"**{BLANK}: {what}**"
