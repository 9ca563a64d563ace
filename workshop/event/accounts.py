"""People's accounts in Coder: found or made, kept from creating workspaces, and in the end as they were before."""

from __future__ import annotations

from workshop.event.coder.client import Coder
from workshop.event.coder.organizations import CREATION_BAN, Member, Organization
from workshop.event.failure import EventFailure
from workshop.event.store.records import Records, SeatRecord
from workshop.model.settings.event import Event


class Accounts:
    """Of one event's people. Raises EventFailure and CoderError."""

    def __init__(self, event: Event, coder: Coder, records: Records) -> None:
        self._event = event
        self._organization_name = event.template.partition("/")[0]
        self._coder = coder
        self._records = records

    def find_or_make(self, seat: SeatRecord) -> str:
        """The account that the roster names, or has the address of, or a new one. One of our name was made by us."""
        if seat.email is None and seat.account is None:
            raise EventFailure(f"its person has no address: workshop event bind --seat {seat.seat} --account NAME")
        organization, ours = self._organization(), account_name(self._event.name, seat.seat)
        if seat.account is not None:
            found = self._coder.user(seat.account)
            if found is None:
                raise EventFailure("Coder has no account of the name that the roster gives")
        else:
            found = self._coder.user_of(seat.email or "")
        if found is None:
            found = self._coder.create_user(
                ours,
                seat.email or "",
                name=seat.name or "",
                login_type=self._event.login,
                organization_id=organization.id,
            )
        elif organization.id not in found.organization_ids:
            self._coder.add_member(organization.id, found.username)
        self._records.change_seat(seat.seat, account=found.username, is_found=True, is_ours=found.username == ours)
        return "made" if found.username == ours else "found"

    def ban(self, seat: SeatRecord) -> str:
        """Keeps an account from creating workspaces of its own; what it had before is kept before that."""
        member = self._member(seat)
        if seat.had_ban is None:
            self._records.change_seat(seat.seat, had_ban=CREATION_BAN in member.role_names)
        self._coder.ban_creation(member)
        self._records.change_seat(seat.seat, is_banned=True)
        return ""

    def release(self, seat: SeatRecord) -> str:
        """Deletes an account that was made for the event; another may create workspaces again, if it could before."""
        said = "nothing to do"
        if seat.account is not None and seat.is_ours:
            self._coder.delete_user(seat.account)
            said = "deleted"
        elif seat.account is not None and seat.had_ban is False and self._coder.user(seat.account) is not None:
            self._coder.lift_ban(self._member(seat))
            said = "as it was before"
        self._records.change_seat(seat.seat, is_ours=False, is_banned=False)
        return said

    def _organization(self) -> Organization:
        found = self._coder.organization(self._organization_name)
        if found is None:
            raise EventFailure(f"Coder has no organization {self._organization_name}")
        return found

    def _member(self, seat: SeatRecord) -> Member:
        members = self._coder.members(self._organization().id)
        found = next((one for one in members if one.username == seat.account), None)
        if found is None:
            raise EventFailure(
                f"the account of seat {seat.seat} is no member of organization {self._organization_name}"
            )
        return found


def account_name(event: str, seat: int) -> str:
    """Of an account that is made for the event: 32 characters at most, as Coder has it."""
    return f"{event[:28].rstrip('-')}-{seat:02}"
