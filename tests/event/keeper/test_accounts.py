"""What people had in Coder before the event, and what two events share."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.event.sandbox_event import SandboxEvent, event_of, workshop_in
from workshop.event.coder.organizations import CREATION_BAN
from workshop.event.failure import EventFailure
from workshop.event.keeper.accounts import Accounts
from workshop.event.store.records import SeatRecord
from workshop.model.settings.section import given
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.slow
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with workshop_in(tmp_path_factory.mktemp("accounts")) as found:
        yield found


def test_a_workspace_that_its_person_had_before_is_left_alone(paths: SandboxPaths, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'event.db'}"
    with event_of(paths, "owner", 1, url, starts_in=2 * HOUR) as event, event.keeper() as keeper:
        coder = event.systems.coder
        template = given(coder.template(given(coder.organization("coder")).id, "docker"))
        account = given(event.store.records.seats()[0].email)
        owner = coder.create_user(
            "owner", account, login_type="github", organization_id=given(coder.organization("coder")).id
        )
        own = coder.create_workspace(owner.username, "workshop-01", template_id=template.id)
        keeper.once()
        event.move(90 * MINUTE)
        for _ in range(8):
            keeper.once()
            event.move(MINUTE)
        record = event.store.records.seats()[0]
        assert (record.workspace_id, record.problem[:25]) == (None, "its person had a workspac")
        assert given(coder.workspace(own.id)).latest_build.transition == "start"


def organization(event: SandboxEvent) -> str:
    return given(event.systems.coder.organization("coder")).id


def is_banned(event: SandboxEvent, account: str) -> bool:
    members = event.systems.coder.members(organization(event))
    return next(CREATION_BAN in one.role_names for one in members if one.username == account)


def accounts_of(event: SandboxEvent) -> Accounts:
    """Which know nothing yet of what was asked before."""
    return Accounts(given(event.settings.event), event.systems.coder, event.store.records)


def take(event: SandboxEvent) -> SeatRecord:
    """Gives the first seat its account and ban."""
    accounts = accounts_of(event)
    accounts.find_or_make(event.store.records.seats()[0])
    accounts.ban(event.store.records.seats()[0])
    return event.store.records.seats()[0]


@pytest.mark.parametrize("is_first", [True, False])
def test_what_two_events_share_is_left_to_the_last(paths: SandboxPaths, tmp_path: Path, is_first: bool) -> None:
    url, suffix = f"sqlite:///{tmp_path / 'event.db'}", "a" if is_first else "b"
    email = f"shared-{suffix}@example.com"
    with (
        event_of(paths, f"first-{suffix}", 0, url) as first,
        event_of(paths, f"second-{suffix}", 0, url) as second,
    ):
        coder = first.systems.coder
        if is_first:  # the account is there already
            coder.create_user("ada", email, login_type="github", organization_id=organization(first))
        for event in (first, second):
            event.store.records.add_seats([SeatRecord(seat=1, name="Ada", email=email)])
        one, two = take(first), take(second)
        account = "ada" if is_first else "first-b-01"
        assert (one.account, two.account) == (account, account)
        assert (one.is_ours, two.is_ours) == (not is_first, False)
        assert (one.had_ban, two.had_ban) == (False, False)

        assert accounts_of(first).release(one) == "left to another event"
        assert is_banned(first, account)
        said = accounts_of(second).release(second.store.records.seats()[0])
        assert said == ("as it was before" if is_first else "deleted")
        assert coder.user(account) is None or not is_banned(first, account)
        assert (coder.user(account) is None) is not is_first


def test_an_account_that_has_our_name_is_nobody_of_ours(paths: SandboxPaths, tmp_path: Path) -> None:
    with event_of(paths, "named", 2, f"sqlite:///{tmp_path / 'event.db'}") as event:
        coder, records = event.systems.coder, event.store.records
        accounts = accounts_of(event)
        seats = records.seats()
        for name, email in (("named-01", "somebody@example.com"), ("named-02", seats[1].email)):
            coder.create_user(name, email or "", login_type="github", organization_id=organization(event))
        assert [accounts.find_or_make(seat) for seat in seats] == ["made", "found"]
        assert [(one.account, one.is_ours) for one in records.seats()] == [("named-01-2", True), ("named-02", False)]
        for seat in records.seats():
            accounts.release(seat)
        assert coder.user("named-01-2") is None
        assert all(coder.user(name) for name in ("named-01", "named-02"))


def test_an_account_that_was_begun_is_made_and_goes_with_the_event(paths: SandboxPaths, tmp_path: Path) -> None:
    """A keeper that was killed before the account was there, or before that was written down."""
    with event_of(paths, "begun", 1, f"sqlite:///{tmp_path / 'event.db'}") as event:
        records = event.store.records
        records.change_seat(1, account="begun-01", is_ours=True)
        accounts = accounts_of(event)
        assert accounts.find_or_make(records.seats()[0]) == "made"
        again = replace(records.seats()[0], is_found=False)
        assert accounts.find_or_make(again) == "made"
        assert accounts.release(records.seats()[0]) == "deleted"


def test_who_has_no_address_needs_an_account_that_is_there(paths: SandboxPaths, tmp_path: Path) -> None:
    with event_of(paths, "nameless", 0, f"sqlite:///{tmp_path / 'event.db'}") as event:
        coder, records = event.systems.coder, event.store.records
        coder.create_user("cy", "cy@example.com", login_type="password", organization_id=organization(event))
        nameless, bound = (
            SeatRecord(seat=1, email=None, name="Ada"),
            SeatRecord(seat=2, email=None, name="", account="cy"),
        )
        records.add_seats([nameless, bound])
        accounts = Accounts(given(event.settings.event), coder, records)
        ada, cy = records.seats()
        with pytest.raises(EventFailure, match="workshop event bind --seat 1 --account NAME"):
            accounts.find_or_make(ada)
        assert accounts.find_or_make(cy) == "found"
