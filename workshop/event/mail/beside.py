"""Mail beside the keeper's looks: one batch after the other, which no look waits for."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from workshop.event.failure import EventFailure
from workshop.event.mail.delivery import ServerAway, Transport
from workshop.event.mail.folder import MailFolder
from workshop.event.mail.sender import Sender
from workshop.event.mail.server import MailServer
from workshop.event.mail.texts import Texts
from workshop.event.store.cached import Store
from workshop.model.event.keeper import (
    JOIN_URL_VARIABLE,
    MAIL_FOLDER_VARIABLE,
    MAIL_TEMPLATES_VARIABLE,
    SMTP_PASSWORD_VARIABLE,
    join_url,
)
from workshop.model.settings.mailing import Mailing
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings


class MailBeside:
    """One sender's work. problem: why its last batch ended early; empty where it did not."""

    def __init__(self, sender: Sender) -> None:
        self.problem = ""
        self._sender = sender
        self._pool = ThreadPoolExecutor(1)
        self._batch: Future[str] | None = None

    def go_on(self, *, wait: bool) -> None:
        """Begins a batch unless one is under way. wait: until it has ended."""
        if self._batch is None or self._batch.done():
            self._collect()
            self._batch = self._pool.submit(self._send)
        if wait:
            self._collect()

    def close(self) -> None:
        """Ends after the mail that is on its way."""
        self._sender.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _collect(self) -> None:
        if self._batch is not None:
            self.problem, self._batch = self._batch.result(), None

    def _send(self) -> str:
        try:
            self._sender.send_due()
        except ServerAway as away:
            return str(away)
        except SQLAlchemyError:
            return "the event's database did not answer"
        except Exception as error:  # noqa: BLE001 - one mail's defect must not end the others' keeper, nor be quoted
            return f"it failed unexpectedly: {type(error).__name__}"
        return ""


def mail_of(settings: Settings, store: Store, clock: Callable[[], datetime]) -> MailBeside | None:
    """By the Pod's environment; None where the event sends none. Raises EventFailure."""
    mailing = given(settings.event).mail
    if mailing is None:
        return None
    own = os.environ.get(MAIL_TEMPLATES_VARIABLE)
    sender = Sender(
        settings,
        store,
        Texts(Path(own) if own else None),
        _way(mailing),
        origin=os.environ.get(JOIN_URL_VARIABLE) or join_url(settings),
        clock=clock,
    )
    return MailBeside(sender)


def _way(mailing: Mailing) -> Callable[[], Transport]:
    if folder := os.environ.get(MAIL_FOLDER_VARIABLE):
        return lambda: MailFolder(Path(folder))
    password = os.environ.get(SMTP_PASSWORD_VARIABLE, "")
    if mailing.user is not None and not password:
        raise EventFailure(f"{SMTP_PASSWORD_VARIABLE} is empty: mail.user has no password")
    return lambda: MailServer(mailing, password)
