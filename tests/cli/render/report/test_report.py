"""A report as Markdown, HTML, PDF and pictures: the same each time, and nothing that others wrote acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader
from syrupy.assertion import SnapshotAssertion

from tests.model.report.played import START, given, played
from workshop.cli.render.report.contents.report import sections, title
from workshop.cli.render.report.html import html
from workshop.cli.render.report.markdown import markdown
from workshop.cli.render.report.pdf import pdf
from workshop.cli.render.report.pictures.report import pictures
from workshop.model.report.feedback import read_feedback
from workshop.model.report.history import Line
from workshop.model.report.report import Report, make_report

ANSWERS = b"Overall,Again?,What was missing?\n5,yes,coffee\n4,yes,more time\n"
HOSTILE = (
    "<script>alert(1)</script>",
    '#import "@preview/evil:1.0.0": * #panic("typst")',
    "$x^2$ *bold* _it_ `code` @everybody [a](javascript:alert(1)) | cell",
    "\x1b[31m\u202e\u0007]]>&lt;&amp;",
    "``` \n # heading \n - list",
    "\\u{22} #sys.inputs #read(\"/etc/passwd\")",
)  # fmt: skip


def made(report: Report | None = None) -> Report:
    return report or make_report(given(), played(), feedback=read_feedback(ANSWERS))


def hostile() -> Report:
    """Whatever others may write says the worst that it can."""
    history = played()
    seats = tuple(replace(one, name=HOSTILE[one.seat % len(HOSTILE)]) for one in history.seats)
    lines = tuple(
        Line(at=START, action=f"step-{place}", subject="workshop-01", phase="failed", text=text)
        for place, text in enumerate(HOSTILE)
    )
    answers = "\n".join(['"Question <b>,*"', *('"{}"'.format(text.replace('"', '""')) for text in HOSTILE)])
    changed = replace(history, seats=seats, lines=(*history.lines, *lines))
    return make_report(given(), changed, feedback=read_feedback(answers.encode()), with_names=True)


def as_html(report: Report) -> str:
    return html(title(report), sections(report), pictures(report))


def as_pdf(report: Report) -> bytes:
    return pdf(title(report), sections(report), pictures(report))


def pdf_text(report: Report) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(as_pdf(report))).pages).split())


def test_markdown(snapshot: SnapshotAssertion) -> None:
    assert markdown(title(made()), sections(made())) == snapshot


def test_json(snapshot: SnapshotAssertion) -> None:
    assert made().model_dump_json(indent=1) == snapshot


@pytest.mark.parametrize("render", [as_html, as_pdf], ids=["html", "pdf"])
def test_the_same_report_has_the_same_bytes(render: Callable[[Report], object]) -> None:
    again = Report.model_validate_json(made().model_dump_json())
    assert render(again) == render(made())


def test_the_pdf_has_the_text_and_says_nothing_of_when_and_where_it_was_made() -> None:
    text = pdf_text(made())
    assert "Event october: report In short 2026-10-06 16:00 UTC to 2026-10-06 19:00 UTC" in text
    assert "Of the budget (25, hard cap) 10.87 are left." in text
    assert "average start of a workspace < 120 s" in text
    metadata = PdfReader(BytesIO(as_pdf(made()))).metadata
    assert metadata is not None
    assert metadata.title == "Event october: report"
    assert metadata.creation_date is None


def test_nobody_is_named_in_any_format_unless_asked_for() -> None:
    for text in (as_html(made()), pdf_text(made()), markdown(title(made()), sections(made()))):
        assert "Ada" not in text
        assert "person" not in re.sub("person who|person's?|people", "", text.replace("1 person", ""))
    named = make_report(given(), played(), with_names=True)
    assert "Ada Example" in as_html(named)
    assert "Ada Example" in pdf_text(named)
    assert "`Ada" not in markdown(title(named), sections(named))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, set[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, set()).update(name for name, _ in attrs)


def tags(text: str) -> Mapping[str, set[str]]:
    parser = _Tags()
    parser.feed(text)
    return parser.found


def test_in_html_nothing_that_others_wrote_is_a_tag() -> None:
    text = as_html(hostile())
    known = tags(as_html(make_report(given(), played(), with_names=True, feedback=read_feedback(ANSWERS))))
    assert tags(text) == known
    assert "script" not in known
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_in_the_pdf_typst_reads_nothing_that_others_wrote() -> None:
    text = pdf_text(hostile())
    assert '#import "@preview/evil:1.0.0": * #panic("typst")' in text
    assert '#read("/etc/passwd")' in text
    assert "$x^2$ *bold* _it_" in text


def test_in_markdown_what_others_wrote_is_code() -> None:
    text = markdown(title(hostile()), sections(hostile()))
    assert "`<script>alert(1)</script>`" in text
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    for word in ("script", "@everybody", "javascript", "heading", "#import", "/etc/passwd"):
        assert word not in outside


def test_letters_that_the_pdfs_fonts_lack_are_in_the_other_formats() -> None:
    seats = tuple(replace(one, name="山田 太郎") for one in played().seats)
    named = make_report(given(), replace(played(), seats=seats), with_names=True)
    assert "山田 太郎" in as_html(named)
    assert as_pdf(named).startswith(b"%PDF")


def test_pictures_are_xml_that_says_what_it_shows() -> None:
    found = pictures(made())
    assert set(found) == {"spending", "states", "starts", "engagement"}
    for picture in found.values():
        root = ET.fromstring(picture)
        texts = {child.tag.partition("}")[2]: child.text for child in root}
        assert texts["title"]
        assert texts["desc"]
    assert "14.13 of 25 USD" in found["spending"]


def test_of_what_was_not_measured_there_is_no_picture() -> None:
    report = make_report(given(), replace(played(), lines=(), runs=(), receipts=()))
    assert set(pictures(report)) <= {"engagement"}
    assert as_pdf(report).startswith(b"%PDF")


def test_an_event_of_five_hundred_seats_is_drawn_in_bounded_size() -> None:
    seats = tuple(replace(played().seats[0], seat=number) for number in range(1, 501))
    lines = tuple(
        replace(line, subject=f"workshop-{number:02}")
        for number in range(1, 501)
        for line in played().lines
        if line.subject == "workshop-01"
    )
    report = make_report(given(), replace(played(), seats=seats, lines=lines))
    assert all(len(picture) < 30_000 for picture in pictures(report).values())
