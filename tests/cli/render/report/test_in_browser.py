"""A report in Chromium: axe finds nothing, nothing is fetched, and a narrow screen is wide enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # pyright: ignore[reportMissingTypeStubs]

from tests.cli.render.report.test_report import as_html, hostile, made
from tests.event.door.served import chromium
from workshop.model.report.report import Report

pytestmark = [pytest.mark.slow, pytest.mark.chromium]


@pytest.mark.parametrize("report", [made(), hostile()], ids=["plain", "hostile"])
def test_a_report_can_be_read_by_anybody(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(as_html(report), encoding="utf-8")
    fetched: list[str] = []
    said: list[str] = []
    axe: Any = Axe()
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 320, "height": 640}, bypass_csp=True)
        page.on("request", lambda request: fetched.append(request.url))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(file.as_uri())
        is_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        wrong = [one["id"] for one in axe.run(page).response["violations"]]
    assert (wrong, is_wide, said) == ([], False, [])
    assert fetched == [file.as_uri()]
