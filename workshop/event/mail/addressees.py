"""Everybody who may be written to, with what their mail goes by and to which address it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workshop.event.store.cached import Store
from workshop.model.event.mail.due import Addressee


@dataclass(frozen=True, kw_only=True)
class Written:
    """addressee: what mail goes by; email, name, account: None and empty once they were erased."""

    addressee: Addressee
    email: str | None
    name: str
    account: str | None


def addressees(store: Store) -> Mapping[str, Written]:
    """By person. Raises sqlalchemy.exc.SQLAlchemyError."""
    seats = {one.seat: one for one in store.records.seats()}
    found: dict[str, Written] = {}
    for invitation in store.invitations.all():
        seat = None if invitation.seat is None else seats.get(invitation.seat)
        email, name = (invitation.email, invitation.name) if seat is None else (seat.email, seat.name)
        found[invitation.person] = Written(
            addressee=Addressee(
                invitation=invitation,
                has_address=email is not None,
                state="" if seat is None else seat.state,
                was_used=seat is not None and seat.ready_build is not None,
            ),
            email=email,
            name=name or "",
            account=None if seat is None else seat.account,
        )
    return found
