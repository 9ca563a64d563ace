"""How a mail's way to its server can end."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from workshop.model.event.mail.outbox import State


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """state: SENT; WAITING, to be tried again; REFUSED; or UNKNOWN. problem: why; never with an address."""

    state: State
    problem: str = ""


class ServerAway(Exception):
    """No mail can be sent now, whoever it is to. Says why, and holds no credential."""


class Transport(Protocol):
    """Takes mails, one after the other."""

    def send(self, message: EmailMessage, address: str) -> Delivery:
        """Hands one over to this address. Raises ServerAway."""
        ...

    def close(self) -> None:
        """Ends it, whatever state it is in."""
        ...
