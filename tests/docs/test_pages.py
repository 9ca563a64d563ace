"""What the pages say of the tree is so: links lead somewhere, every page is reached, tables list what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest

from workshop.checks.catalog import CHECKS
from workshop.cli import main
from workshop.cli.commands.dns import group as dns
from workshop.cli.commands.sandbox import group as sandbox
from workshop.cli.lazy import LazyGroup
from workshop.sandbox.paths import CHECKOUT

DOCS = CHECKOUT / "docs"
PAGES = sorted([*CHECKOUT.glob("*.md"), *DOCS.rglob("*.md"), *(CHECKOUT / ".github").glob("*.md")])

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    text = re.sub(r"^( *)```.*?^\1```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^    .*", "", text, flags=re.MULTILINE)


def links(page: Path) -> list[tuple[Path, str]]:
    """Files, and anchors in them, to which the page leads."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    parts = [link.partition("#") for link in found if not re.match(r"[a-z]+:", link)]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in parts]


def anchors(page: Path) -> set[str]:
    """By which GitHub knows the page's headings."""
    heads = re.findall(r"^#+ (.*)", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    dead = [str(to) for to, anchor in links(page) if not to.exists() or (anchor and anchor not in anchors(to))]
    assert dead == []


def test_every_page_is_reached_from_the_index() -> None:
    seen: set[Path] = set()
    ahead = [DOCS / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            ahead += [to for to, _ in links(page) if to.is_relative_to(DOCS)]
    assert {page for page in PAGES if page.is_relative_to(DOCS)} - seen == set()


def test_the_architecture_names_every_package() -> None:
    """Of workshop/, a row each; what is below one, in its row."""
    text = (DOCS / "architecture.md").read_text("utf-8")
    rows = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `workshop/")}
    packages = [file.parent.relative_to(CHECKOUT) for file in (CHECKOUT / "workshop").glob("*/**/__init__.py")]
    missing = [
        str(package)
        for package in packages
        if (row := rows.get(f"workshop/{package.parts[1]}/")) is None
        or (len(package.parts) == 3 and f"`{package.parts[2]}/`" not in row)
    ]
    assert missing == []


def test_the_readme_leads_to_every_page_of_docs_itself() -> None:
    linked = {to for to, _ in links(CHECKOUT / "README.md")}
    assert set(DOCS.glob("*.md")) - {DOCS / "README.md"} - linked == set()


def test_preflights_page_lists_every_check_with_its_stage() -> None:
    rows = re.findall(r"^\| (`[^|]*) \| ([\w-]+) \|", (DOCS / "preflight.md").read_text("utf-8"), flags=re.MULTILINE)
    listed = {(name, stage) for names, stage in rows for name in re.findall(r"`([\w-]+)`", names)}
    assert listed == {(check.id, check.stage.value) for check in CHECKS}


def test_no_page_is_of_one_machine() -> None:
    pages = {
        page.name for page in PAGES if re.search(r"/(home|root|work|Users)/|\.internal\b", page.read_text("utf-8"))
    }
    assert pages == set()


def test_every_command_is_in_the_table() -> None:
    rows = re.findall(r"^\| (`[^|]*)\|", (DOCS / "commands.md").read_text("utf-8"), flags=re.MULTILINE)
    groups = [dns.app, sandbox.app, main.app]
    commands = {name for group in groups for name in cast("type[LazyGroup]", group.info.cls).lazy_commands}
    assert commands - set(re.findall(r"[a-z]+", " ".join(rows))) == set()
