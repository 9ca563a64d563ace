"""Who of a roster is invited anew, to which seat and on which conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from workshop.model.event.people import DEVICES, Invitation, Role, person_of_seat, staff
from workshop.model.event.roster.person import Person


class Taken(Protocol):
    """A seat that somebody has."""

    @property
    def seat(self) -> int:
        """Its number."""
        ...

    @property
    def email(self) -> str | None:
        """Its person's address."""
        ...

    @property
    def name(self) -> str | None:
        """Its person's name."""
        ...

    @property
    def account(self) -> str | None:
        """Its person's username in Coder."""
        ...


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Somebody of a roster who is invited. is_new: their seat is not there yet."""

    person: Person
    invitation: Invitation
    is_new: bool

    @property
    def seat(self) -> int:
        """The number of their seat."""
        return self.invitation.seat or 0


class NoPlace(Exception):
    """There are fewer seats than people."""


def seat_of(person: Person, taken: Iterable[Taken]) -> int | None:
    """The seat that somebody has already: by address or account, by name where there is neither; None without one."""
    return next((one.seat for one in taken if _is_of(person, one)), None)


def _is_of(person: Person, taken: Taken) -> bool:
    pairs = [(person.email, taken.email), (person.account, taken.account)]
    if any(ours and theirs and ours.casefold() == theirs.casefold() for ours, theirs in pairs):
        return True
    by_name = person.email is person.account is taken.email is taken.account is None
    return by_name and person.name.casefold() == (taken.name or "").casefold()


def guests(
    people: Sequence[Person],
    taken: Collection[Taken],
    invited: Collection[Invitation],
    *,
    places: int,
    domains: Collection[str],
    now: datetime,
) -> tuple[Guest, ...]:
    """Everybody of a roster who was not invited yet, in its order. places: seats in all; domains: of internal people.

    Who has a seat keeps it. Raises NoPlace.
    """
    known = {one.seat for one in invited}
    seats = [seat_of(person, taken) for person in people]
    new = sum(1 for seat in seats if seat is None)
    if len(taken) + new > places:
        raise NoPlace(f"{new} more people would be more than the {places} seats: raise workshop:users")
    numbers = iter(range(max((one.seat for one in taken), default=0) + 1, places + len(taken) + new + 1))
    found = ((person, seat or next(numbers), seat is None) for person, seat in zip(people, seats, strict=True))
    return tuple(
        Guest(person=person, invitation=_invitation(person, seat, domains, now), is_new=is_new)
        for person, seat, is_new in found
        if seat not in known
    )


def _invitation(person: Person, seat: int, domains: Collection[str], now: datetime) -> Invitation:
    is_bound = person.device_bound is not False or person.max_devices is not None
    return Invitation(
        person=person_of_seat(seat),
        role=Role.PARTICIPANT,
        seat=seat,
        invited_at=now,
        expires_at=None if person.valid_days is None else now + timedelta(days=person.valid_days),
        accepted_at=now if person.accepted else None,
        max_devices=(person.max_devices or DEVICES) if is_bound else None,
        is_transferable=bool(person.transferable),
        is_external=is_external(person.email, domains) if person.external is None else person.external,
    )


def is_external(email: str | None, domains: Collection[str]) -> bool:
    """Whether an address is of none of the organizer's domains; whoever has none is external."""
    domain = (email or "").rpartition("@")[2].casefold()
    return not any(f".{domain}".endswith(f".{one}") for one in domains)


def new_staff(known: Collection[Invitation], role: Role, email: str, name: str, now: datetime) -> Invitation:
    """The invitation of one more who leads or helps; of the organizer's people, and on as many devices as they like."""
    number = 1 + sum(1 for one in known if one.role is not Role.PARTICIPANT)
    return Invitation(person=staff(number), role=role, invited_at=now, email=email, name=name)
