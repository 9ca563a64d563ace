"""What may go wrong has its run in the docs: a line that explains it, a picture, and a drill."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts.pictures.rehearsal import FOLDER, people
from workshop.model.rehearsal.faults import Fault
from workshop.sandbox.paths import CHECKOUT

DOCS = CHECKOUT / "docs"


@pytest.mark.parametrize("fault", [*Fault])
def test_each_fault_is_explained_and_drilled(fault: Fault) -> None:
    assert f"\n### {fault}\n" in (DOCS / "rehearsal.md").read_text(encoding="utf-8")
    assert f"--fault {fault}" in (DOCS / "drills.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.svg")), ids=lambda file: file.stem)
def test_each_picture_is_one_of_people_and_shown_at_its_fault(file: Path) -> None:
    fault = Fault(file.stem)
    assert f"\n### {fault}\n\n![{fault}](rehearsal/{fault}.svg)\n" in (DOCS / "rehearsal.md").read_text(
        encoding="utf-8"
    )
    assert ElementTree.parse(file).getroot()[0].text == "People over time"


def test_the_first_picture_of_a_page_is_taken() -> None:
    assert people("<p><svg a='1'><title/></svg><svg/></p>") == "<svg a='1'><title/></svg>\n"
