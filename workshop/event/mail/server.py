"""A mail server, by SMTP: what it answers to each mail, and what is known when it does not answer."""

from __future__ import annotations

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

from workshop.event.mail.delivery import Delivery, ServerAway
from workshop.model.event.mail.outbox import State
from workshop.model.settings.mailing import Mailing

_SECONDS: Final = 30.0
"""For each of the server's answers."""

_GO_ON: Final = 354
_MEANINGS: Final = {
    "1": "the address is not known there",
    "2": "the mailbox does not take it",
    "3": "the mail system does not take it",
    "4": "it could not be routed",
    "5": "the server did not understand us",
    "6": "its content is not taken",
    "7": "a rule of the server's forbids it",
}
"""By the second number of an enhanced status code (RFC 3463)."""


class MailServer:
    """One connection, opened with the first mail. password: "" where nobody logs in."""

    def __init__(self, mailing: Mailing, password: str = "", *, context: ssl.SSLContext | None = None) -> None:
        """context: for TLS; None: the system's certificates."""
        self._mailing = mailing
        self._password = password
        self._context = context or ssl.create_default_context()
        self._sender = parseaddr(mailing.sender)[1]
        self._smtp: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, address: str) -> Delivery:
        """As Transport has it. Only from the end of the mail to the server's answer nobody knows whether it has it."""
        smtp = self._open()
        is_handed_over = False
        try:
            code, said = smtp.mail(self._sender)
            if code != 250:
                raise ServerAway(f"the mail server takes no mail from this sender: {_reason(code, said)}")
            for code, said in (smtp.rcpt(address), smtp.docmd("DATA")):
                if not 200 <= code < 300 and code != _GO_ON:
                    self._reset()
                    return _delivery(code, said)
            is_handed_over = True
            smtp.send(_on_the_wire(message))
            return _delivery(*smtp.getreply())
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            if not is_handed_over:
                raise ServerAway(f"the mail server went away: {_kind(error)}") from None
            return Delivery(state=State.UNKNOWN, problem="the mail server went away before it had answered")

    def close(self) -> None:
        """As Transport has it."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    def _reset(self) -> None:
        """Ready for another mail; a server that ends the connection after a refusal has refused all the same."""
        if self._smtp is not None:
            try:
                self._smtp.rset()
            except (OSError, smtplib.SMTPException):
                self.close()

    def _open(self) -> smtplib.SMTP:
        if self._smtp is None:
            mailing = self._mailing
            try:
                if mailing.security == "tls":
                    smtp = smtplib.SMTP_SSL(mailing.host, mailing.port, timeout=_SECONDS, context=self._context)
                else:
                    smtp = smtplib.SMTP(mailing.host, mailing.port, timeout=_SECONDS)
                self._smtp = smtp
                if mailing.security == "starttls":
                    smtp.starttls(context=self._context)
                smtp.ehlo_or_helo_if_needed()
                if mailing.user is not None:
                    smtp.login(mailing.user, self._password)
            except smtplib.SMTPAuthenticationError as error:
                self.close()
                raise ServerAway(f"the mail server refuses the login of mail.user: {error.smtp_code}") from None
            except (OSError, smtplib.SMTPException) as error:
                self.close()
                where = f"{mailing.host}:{mailing.port} ({mailing.security})"
                raise ServerAway(f"the mail server {where} can't be reached: {_kind(error)}") from None
        return self._smtp


def _on_the_wire(message: EmailMessage) -> bytes:
    """With dots at lines' beginnings doubled, and its end (RFC 5321, transparency)."""
    text = message.as_bytes()
    return re.sub(rb"(?m)^\.", b"..", text).removesuffix(b"\r\n") + b"\r\n.\r\n"


def _delivery(code: int, said: bytes) -> Delivery:
    if 200 <= code < 300:
        return Delivery(state=State.SENT)
    state = State.WAITING if 400 <= code < 500 else State.REFUSED
    return Delivery(state=state, problem=_reason(code, said))


def _reason(code: int, said: bytes) -> str:
    """By its numbers: what a server says besides may quote the address."""
    match = re.match(rb"[245]\.(\d{1,3})\.\d{1,3}\b", said)
    if match is None:
        return f"{code}"
    meaning = _MEANINGS.get(match[1].decode(), "")
    return f"{code} {match[0].decode()}{f', {meaning}' if meaning else ''}"


def _kind(error: Exception) -> str:
    """What went wrong, of whatever is no answer to a mail; in the system's words where it has some."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it does not offer what is asked for"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
