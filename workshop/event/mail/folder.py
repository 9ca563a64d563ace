"""A folder in place of a mail server: each mail a file, for whoever tries the event on their own machine."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from workshop.event.mail.delivery import Delivery, ServerAway
from workshop.model.event.mail.outbox import State


class MailFolder:
    """Mails by their Message-IDs; the same mail again takes its own place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage, address: str) -> Delivery:  # noqa: ARG002 - it is in the message
        """As Transport has it."""
        name = str(message["Message-ID"]).strip("<>").rpartition("@")[0]
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self._folder / f"{name}.eml"
            file.touch(mode=0o600)
            file.write_bytes(message.as_bytes())
        except OSError as error:
            raise ServerAway(f"{self._folder}: {error.strerror}") from None
        return Delivery(state=State.SENT)

    def close(self) -> None:
        """As Transport has it."""
