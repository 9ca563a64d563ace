"""The pictures in docs/mail/: every kind of mail, as Chromium shows its HTML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tests.event.door.served import chromium
from tests.event.mail.conftest import settings_of
from workshop.event.mail.preview import previews
from workshop.model.event.mail.due import times_of
from workshop.sandbox.files import write_whole

FOLDER: Final = Path(__file__).parents[2] / "docs" / "mail"
WIDTH: Final = 600


def drawn(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """Contents by the kind of mail."""
    settings = settings_of(587, survey_url="https://example.com/survey")
    page = browser.new_page(viewport={"width": WIDTH, "height": 300})
    for name, html in previews(settings, times_of(settings, None, None), None).items():
        if name.endswith(".html"):
            page.set_content(html)
            yield Path(name).stem, page.screenshot(full_page=True, type="jpeg", quality=40)


if __name__ == "__main__":
    with chromium() as found:
        for file, content in drawn(found):
            write_whole(FOLDER / f"{file}.jpeg", content)
