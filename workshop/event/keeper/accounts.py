"""People's accounts in Coder: found or made, kept from creating workspaces, and in the end as they were before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from workshop.event.coder.client import Coder
from workshop.event.coder.organizations import CREATION_BAN, Member, Organization
from workshop.event.failure import EventFailure
from workshop.event.keeper.recent import KNOWN_SECONDS, Recent
from workshop.event.store.records import Records, SeatRecord
from workshop.event.store.sharing import ban_elsewhere, hand_over
from workshop.model.settings.event import Event

_MOST_NAMES: Final = 6


class Accounts:
    """Of one event's people. Raises EventFailure and CoderError."""

    def __init__(self, event: Event, coder: Coder, records: Records) -> None:
        self._event = event
        self._organization_name = event.template.partition("/")[0]
        self._coder = coder
        self._records = records
        self._organization = Recent(self._ask_organization, KNOWN_SECONDS)
        self._members = Recent(lambda: coder.members(self._organization().id), KNOWN_SECONDS)

    def find_or_make(self, seat: SeatRecord) -> str:
        """The account that the roster names, or has the address of, or a new one."""
        email = seat.email
        if email is None and seat.account is None:
            raise EventFailure(f"its person has no address: workshop event bind --seat {seat.seat} --account NAME")
        organization, is_ours = self._organization(), seat.is_ours
        if seat.account is not None and not is_ours:
            found = self._coder.user(seat.account)
            if found is None:
                raise EventFailure("Coder has no account of the name that the roster gives")
        elif not is_ours:
            found = self._coder.user_of(email or "")
        else:
            found = None  # it was begun before
        if found is None:
            name = seat.account or self._free_name(seat.seat)
            # Before there is one: an account that somebody else had is never taken for ours, nor deleted.
            self._records.change_seat(seat.seat, account=name, is_ours=True)
            is_ours = True
            found = self._coder.create_user(
                name, email or "", name=seat.name or "", login_type=self._event.login, organization_id=organization.id
            )
        elif organization.id not in found.organization_ids:
            self._coder.add_member(organization.id, found.username)
        self._records.change_seat(seat.seat, account=found.username, is_found=True)
        return "made" if is_ours else "found"

    def ban(self, seat: SeatRecord) -> str:
        """Keeps an account from creating workspaces of its own; what it had before is kept before that."""
        member = self._member(seat)
        if seat.had_ban is None:
            elsewhere = self._ban_elsewhere(seat)
            had_ban = CREATION_BAN in member.role_names if elsewhere is None else elsewhere
            self._records.change_seat(seat.seat, had_ban=had_ban)
        self._coder.ban_creation(member)
        self._records.change_seat(seat.seat, is_banned=True)
        return ""

    def release(self, seat: SeatRecord) -> str:
        """Deletes an account that was made for the event; another may create workspaces again, if it could before.

        One that another event has too is left to that one.
        """
        said = "nothing to do"
        if seat.account is not None and self._ban_elsewhere(seat) is not None:
            said = "left to another event"
            if seat.is_ours:
                hand_over(self._records.engine, self._event.name, seat.account)
        elif seat.account is not None and seat.is_ours:
            self._coder.delete_user(seat.account)
            said = "deleted"
        elif seat.account is not None and seat.had_ban is False and self._coder.user(seat.account) is not None:
            self._coder.lift_ban(self._member(seat))
            said = "as it was before"
        self._records.change_seat(seat.seat, is_ours=False, is_banned=False)
        return said

    def _ban_elsewhere(self, seat: SeatRecord) -> bool | None:
        return ban_elsewhere(self._records.engine, self._event.name, seat.account or "")

    def _free_name(self, seat: int) -> str:
        """Of our own, with a number more where somebody has it already."""
        ours = account_name(self._event.name, seat)
        names = (ours, *(f"{ours}-{number}" for number in range(2, _MOST_NAMES)))
        free = next((name for name in names if self._coder.user(name) is None), None)
        if free is None:
            raise EventFailure(f"accounts {ours} to {names[-1]} are all somebody's: give it a name in the roster")
        return free

    def _ask_organization(self) -> Organization:
        found = self._coder.organization(self._organization_name)
        if found is None:
            raise EventFailure(f"Coder has no organization {self._organization_name}")
        return found

    def _member(self, seat: SeatRecord) -> Member:
        found = _of(self._members(), seat.account) or _of(self._members.anew(), seat.account)
        if found is None:
            raise EventFailure(
                f"the account of seat {seat.seat} is no member of organization {self._organization_name}"
            )
        return found


def _of(members: Iterable[Member], account: str | None) -> Member | None:
    return next((one for one in members if one.username == account), None)


def account_name(event: str, seat: int) -> str:
    """Of an account that is made for the event: 32 characters at most with a number more, as Coder has it."""
    return f"{event[:26].rstrip('-')}-{seat:02}"
