"""The same of newer ones, 2.27 and 2.31, as an account with the keeper's rights, a member with the ban, an owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.event.coder.replay import Case, name, outcome, record
from workshop.event.coder.builds import Build, Transition
from workshop.event.coder.client import Coder
from workshop.event.coder.organizations import CREATION_BAN, Member
from workshop.event.coder.users import LoginType, Role, User
from workshop.event.coder.workspaces import Workspace

ORGANIZATION = "cc9392f6-a9f5-49ad-ae05-b3280f9d05e9"
TEMPLATE, VERSION = "7e6296eb-7f7a-4d41-90d0-1f6b0714e2f1", "b7dc3c44-e389-48a8-b36c-12797991a201"
SEAT, BUILD = "e1c4e16b-29f0-4166-9e43-6e6908fbbdff", "23cc1540-726a-41ec-82d0-9fb09efb27db"
NEWEST_ORGANIZATION = "d69f4b61-97ed-4823-93bf-494a3d7925c4"
CANCELED = "f8ad7fc0-67a0-4a8b-b15b-17695188e932"
DAY = timedelta(days=1)


def member(username: str, *roles: str) -> Member:
    listed = record("918-members").response_body
    found = Member.model_validate(next(one for one in listed if one["username"] == username))
    return found.model_copy(update={"roles": tuple(Role(name=one) for one in roles)}) if roles else found


def make(username: str, email: str, login_type: LoginType = "none", name: str = "") -> Callable[[Coder], User]:
    return lambda coder: coder.create_user(
        username, email, name=name, login_type=login_type, organization_id=ORGANIZATION
    )


def seat(coder: Coder) -> Workspace:
    return coder.create_workspace(
        "ada", "workshop-01", template_id=TEMPLATE, parameters={"nosuch": "1"}, ttl=timedelta(hours=8, seconds=1)
    )


def build(transition: Transition) -> Callable[[Coder], Build | None]:
    return lambda coder: coder.build(SEAT, transition)


def extend_by(played: str) -> Callable[[Coder], None]:
    deadline = datetime.fromisoformat(record(played).request_body["deadline"])
    return lambda coder: coder.extend(SEAT, deadline)


CASES: dict[Case, Callable[[Coder], object]] = {
    "900-organization": lambda coder: coder.organization("coder"),
    "901-organization-unknown": lambda coder: coder.organization("nowhere"),
    "902-template": lambda coder: coder.template(ORGANIZATION, "lab"),
    "903-template-unknown": lambda coder: coder.template(ORGANIZATION, "nowhere"),
    "904-rich-parameters": lambda coder: coder.rich_parameters(VERSION),
    "1020-entitlements": lambda coder: sorted(coder.entitlements()),
    "908-me": lambda coder: coder.user("me"),
    "909-missing-rights": lambda coder: coder.missing_rights(ORGANIZATION),
    "971-member-missing-rights": lambda coder: coder.missing_rights(ORGANIZATION),
    # accounts
    "910-create-bob": make("bob", "bob@example.com", name="Bob"),
    ("911-create-bob-again", "912-create-bob-again"): make("bob", "BOB@example.com"),
    ("913-create-bobs-address", "914-create-bobs-address"): make("bobby", "bob@example.com"),
    "916-user-unknown": lambda coder: coder.user("nobody"),
    "917-user-of": lambda coder: coder.user_of("ADA@example.com"),
    "974-suspended-me": lambda coder: coder.user("me"),
    "972-delete-user-with-workspace": lambda coder: coder.delete_user("ada"),
    "1012-delete-user": lambda coder: coder.delete_user("bob"),
    "1013-delete-user-again": lambda coder: coder.delete_user("bob"),
    # the ban: set by an organization's admin, it keeps a member from creating and deleting, and from nothing else
    "918-members": lambda coder: [one.username for one in coder.members(ORGANIZATION)],
    "919-add-member-existing": lambda coder: coder.add_member(ORGANIZATION, "ada"),
    "920-ban": lambda coder: coder.ban_creation(member("ada")),
    "922-banned-creates": lambda coder: coder.create_workspace("ada", "mine", template_id=TEMPLATE),
    "924-create-for-banned": seat,
    ("954-banned-stops", "955-banned-stops"): build("stop"),
    ("960-banned-starts", "961-banned-starts"): build("start"),
    ("968-banned-deletes", "969-banned-deletes"): build("delete"),
    "986-lift": lambda coder: coder.lift_ban(member("ada", CREATION_BAN)),
    "1004-ban-self": lambda coder: coder.ban_creation(member("keeper")),
    "1005-banned-owner-creates": lambda coder: coder.create_workspace("owner", "mine", template_id=TEMPLATE).name,
    # workspaces
    ("925-create-again", "926-create-again"): lambda coder: (
        coder.create_workspace("ada", "workshop-01", template_id=TEMPLATE).id
    ),
    ("927-stop-while-building", "928-stop-while-building"): build("stop"),
    "959-stop-what-is-stopped": build("stop"),
    ("979-delete", "980-delete"): build("delete"),
    "985-delete-again": build("delete"),
    "983-deleted": lambda coder: coder.workspace(SEAT),
    "984-deleted-by-name": lambda coder: coder.workspace_of("ada", "workshop-01"),
    "953-workspaces": lambda coder: coder.workspaces("organization:coder template:lab"),
    "945-build-log-after": lambda coder: coder.build_log(BUILD, 10**9),
    # an organization's admin can't cancel where the template does not let users
    "946-cancel-over": lambda coder: coder.cancel_build(BUILD),
    "1104-owner-cancels": lambda coder: coder.cancel_build(CANCELED),
    "1105-owner-cancels-again": lambda coder: coder.cancel_build(CANCELED),
    "1107-owner-cancels-over": lambda coder: coder.cancel_build(CANCELED),
    "1109-keeper-cancels-allowed": lambda coder: coder.cancel_build("97911098-acab-44fd-a4e6-8ee432e1104c"),
    # how long they run
    "929-extend-while-building": extend_by("929-extend-while-building"),
    ("947-extend", "948-extend"): extend_by("947-extend"),
    "949-extend-soon": extend_by("949-extend-soon"),
    # provisioners and tokens
    "931-provisioners": lambda coder: coder.provisioners(ORGANIZATION),
    "970-banned-tokens": lambda coder: coder.tokens(),
    "1014-tokens": lambda coder: coder.tokens(),
    # 2.31, which answers 404 for an account that it does not know
    "1200-user-unknown": lambda coder: coder.user("nobody"),
    "1201-user-unknown-id": lambda coder: coder.user("11111111-1111-1111-1111-111111111111"),
    ("1202-create-address-taken", "1203-create-address-taken"): lambda coder: coder.create_user(
        "adaa", "ada@example.com", login_type="none", organization_id=NEWEST_ORGANIZATION
    ),
    "1204-delete-user-again": lambda coder: coder.delete_user("ada"),
    "1205-unfinished-jobs": lambda coder: coder.unfinished_jobs(NEWEST_ORGANIZATION),
    "1206-unfinished-jobs-none": lambda coder: coder.unfinished_jobs(NEWEST_ORGANIZATION),
    "1207-unfinished-jobs-as-member": lambda coder: coder.unfinished_jobs(NEWEST_ORGANIZATION),
}


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_call_is_made_and_read_as_a_newer_coder_takes_and_answers_it(case: Case, snapshot: SnapshotAssertion) -> None:
    assert outcome(case, CASES[case]) == snapshot
