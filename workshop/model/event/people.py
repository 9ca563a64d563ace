"""Who is invited to an event, as what, and on which conditions. Addresses and names are personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from workshop.model.event.seats import workspace_name

DEVICES: Final = 3
"""On which a participant may be at once where the roster says nothing: a laptop, a phone, a machine in the room."""

MOST_DEVICES: Final = 20


class Role(StrEnum):
    """What a person may do at the door."""

    PARTICIPANT = "participant"
    INSTRUCTOR = "instructor"
    HELPER = "helper"


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """One person's. person: `workshop-07` for who has seat 7, `staff-1`, `staff-2` for instructor and helpers.

    email, name: of staff only, participants' stand in their seats; None once they were erased. expires_at: until when
    it may be accepted; None: as long as there are links. revoked_at: since when no link of theirs works.
    max_devices: on how many devices they may be at once; None: on any number. is_transferable: whoever has the link
    may take it. is_external: belongs to none of the organizer's domains.
    """

    person: str
    role: Role
    invited_at: datetime
    seat: int | None = None
    email: str | None = None
    name: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    accepted_at: datetime | None = None
    max_devices: int | None = None
    is_transferable: bool = False
    is_external: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether its links work, as far as it goes: not revoked, and accepted or still to be accepted in time."""
        if self.revoked_at is not None:
            return False
        return self.accepted_at is not None or self.expires_at is None or now < self.expires_at


def person_of_seat(seat: int) -> str:
    """Who has a seat, as invitations, links, sessions and mails know them."""
    return workspace_name(seat)


def staff(number: int) -> str:
    """An instructor or helper."""
    return f"staff-{number}"


def link_of(token: str, origin: str) -> str:
    """What a person opens. origin: of the page, such as https://join.example.com."""
    return f"{origin}/i/{token}"
