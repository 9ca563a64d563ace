from __future__ import annotations

import json

import httpx
import pytest

from tests.event.coder.replay import Record, record, replayed
from workshop.event.coder.errors import CoderIgnored
from workshop.event.coder.organizations import CREATION_BAN, NEEDED, Member, Role

CHECK = record("184-authcheck").model_copy(update={"request_body": {}})
ROLES_OF_ADA = "/api/v2/organizations/one/members/ada-id/roles"


def answer(method: str, path: str, body: object, status: int = 200, sent: object = None) -> Record:
    return Record(name=path, method=method, path=path, status=status, response_body=body, request_body=sent)


def put(sent: list[str], given: list[str] | None = None) -> Record:
    roles = [{"name": name} for name in (sent if given is None else given)]
    return answer("PUT", ROLES_OF_ADA, {"roles": roles}, sent={"roles": sent})


def ada(*roles: str) -> Member:
    named = tuple(Role(name=role) for role in roles)
    return Member(organization_id="one", user_id="ada-id", username="ada", roles=named)


def test_the_ban_leaves_other_roles_and_says_what_was_there() -> None:
    with replayed(put(["auditor", CREATION_BAN])) as coder:
        assert coder.ban_creation(ada("auditor")) == ("auditor",)


def test_a_ban_that_was_there_is_not_ours_to_make() -> None:
    with replayed() as coder:
        assert coder.ban_creation(ada(CREATION_BAN)) == (CREATION_BAN,)


def test_lifting_the_ban_leaves_other_roles() -> None:
    with replayed(put(["auditor"])) as coder:
        coder.lift_ban(ada("auditor", CREATION_BAN))
    with replayed() as coder:
        coder.lift_ban(ada("auditor"))


def test_roles_that_were_not_given_are_reported() -> None:
    with replayed(put([CREATION_BAN], given=[])) as coder, pytest.raises(CoderIgnored, match="it gave none"):
        coder.ban_creation(ada())


def test_rights_are_asked_for_the_organization_and_accounts_for_the_site() -> None:
    checks = {
        "create accounts": {"object": {"resource_type": "user"}, "action": "create"},
        "read workspaces": {"object": {"resource_type": "workspace", "organization_id": "one"}, "action": "read"},
    }
    asked: list[httpx.Request] = []

    def may(allowed: set[str]) -> Record:
        return CHECK.model_copy(update={"response_body": {name: name in allowed for name in NEEDED}})

    with replayed(may(set(NEEDED)), may(set(NEEDED) - {"give roles"}), CHECK, asked=asked) as coder:
        assert coder.missing_rights("one") == []
        assert coder.missing_rights("one") == ["give roles"]
        assert coder.missing_rights("one") == list(NEEDED)
    sent = json.loads(asked[0].content)["checks"]
    assert checks == {name: sent[name] for name in checks}
    assert sent.keys() == NEEDED.keys()


@pytest.mark.parametrize(
    ("feature", "names"),
    [
        ({"entitlement": "entitled", "enabled": True}, {"template_rbac"}),
        ({"entitlement": "grace_period", "enabled": True}, {"template_rbac"}),
        ({"entitlement": "entitled", "enabled": False}, set[str]()),
        ({"entitlement": "not_entitled", "enabled": True}, set[str]()),
    ],
)
def test_a_feature_is_in_force_if_it_is_paid_for_and_on(feature: object, names: set[str]) -> None:
    with replayed(answer("GET", "/api/v2/entitlements", {"features": {"template_rbac": feature}})) as coder:
        assert coder.entitlements() == names


def test_an_image_with_a_licence_to_come_has_no_features() -> None:
    with replayed(answer("GET", "/api/v2/entitlements", {"message": "No."}, status=403)) as coder:
        assert coder.entitlements() == set()
