from __future__ import annotations

import pytest

from tests.event.coder.replay import Record, record, replayed
from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderRefused, CoderUnreachable
from workshop.event.coder.users import User

ADA = record("121-user-ada-before-login").response_body
LOST = Record(name="lost", method="POST", path="/api/v2/users", status=502, request_body={})
TAKEN = LOST.model_copy(update={"name": "taken", "status": 409, "response_body": {"message": "Exists."}})
COMPANY = "e29f84cd-b298-49ae-88c4-24bd2aa88ee9"
FOUND = "121-user-ada-before-login"
NOT_FOUND = Record(
    name="not found",
    method="GET",
    path="/api/v2/users/ada",
    status=400,
    response_body=record("153-user-unknown-name").response_body,
)


def make(coder: Coder, email: str = "ADA@example.test") -> User:
    return coder.create_user("ada", email, login_type="password", organization_id=COMPANY)


@pytest.mark.parametrize("answer", [TAKEN, LOST], ids=["taken", "lost"])
def test_an_account_that_is_there_is_not_made_again(answer: Record) -> None:
    with replayed(answer, FOUND) as coder:
        assert make(coder).id == ADA["id"]


def test_a_username_that_is_another_persons_is_refused() -> None:
    with replayed(TAKEN, FOUND) as coder, pytest.raises(CoderRefused) as caught:
        make(coder, "bob@example.test")
    assert caught.value.status == 409


def test_an_address_that_has_another_username_is_refused() -> None:
    with replayed(TAKEN, NOT_FOUND) as coder, pytest.raises(CoderRefused) as caught:
        make(coder)
    assert caught.value.status == 409


def test_an_account_that_may_or_may_not_be_made_yet_is_unknown() -> None:
    with replayed(LOST, NOT_FOUND) as coder, pytest.raises(CoderUnreachable):
        make(coder)


@pytest.mark.parametrize("name", ["107-create-user-duplicate-username-409", "108-create-user-duplicate-email-409"])
def test_a_real_coder_does_not_say_which_is_taken(name: str) -> None:
    taken = record(name)
    username, email = taken.request_body["username"], taken.request_body["email"]
    organization = taken.request_body["organization_ids"][0]
    absent = NOT_FOUND.model_copy(update={"path": f"/api/v2/users/{username}"})
    with replayed(taken, absent) as coder, pytest.raises(CoderRefused, match=r"\(409\): User already exists"):
        coder.create_user(username, email, login_type="password", organization_id=organization)


def test_one_who_logged_in_is_active_before_it_was_seen() -> None:
    with replayed(FOUND, "122-user-ada-after-login", "023-me") as coder:
        before, after = coder.user("ada"), coder.user("ada")
        me = coder.user("me")
    assert before is not None
    assert (before.status, before.last_seen_at) == ("dormant", None)
    assert after is not None
    assert (after.status, after.last_seen_at) == ("active", None)
    assert me is not None
    assert me.last_seen_at is not None


def test_an_address_is_looked_for_in_whatever_case_and_whole() -> None:
    search = record("144-users-q-text")
    for email, found in (("ADA@example.test", ADA["id"]), ("da@example.test", None)):
        asked = search.model_copy(update={"path": f"/api/v2/users?q={email}"})
        with replayed(asked) as coder:
            user = coder.user_of(email)
        assert (user.id if user else None) == found
