"""A door that listens on this machine, and Chromium in front of it."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

import uvicorn
from axe_playwright_python.sync_playwright import Axe  # pyright: ignore[reportMissingTypeStubs]
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

from tests.event.door.conftest import AtTheDoor, request
from workshop.event.door.app import door_app
from workshop.sandbox.json_values import Json


@contextmanager
def served(at: AtTheDoor, engine: Engine | None = None, **event: object) -> Generator[str]:
    """Its origin. engine: another database than the door's own. event: changes to its settings."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        asked = request(**event).model_copy(
            update={"origin": origin, "coder_url": f"{origin}/static", "is_loopback": True}
        )
        app = door_app(asked, engine or at.engine, lambda: at.now)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield origin
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def chromium() -> Generator[Browser]:
    """Debian's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def wrong_with(page: Page) -> list[str]:
    """What axe finds, by its rules' names; and whether the page has to be moved sideways."""
    found = cast("Json", Axe().run(page).response)  # pyright: ignore[reportUnknownMemberType]
    is_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*(str(one["id"]) for one in found["violations"]), *(["too wide"] if is_wide else [])]
