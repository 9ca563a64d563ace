"""Who may do what: the roles that a workshop gives, and the ban that keeps a room to its one template."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.servers.coder.rights import BAN


@pytest.fixture
def server(tmp_path: Path) -> Server:
    server = Server(sandbox_paths(tmp_path))
    server.keep(build_seconds=0, agent_seconds=0)
    return server


def test_a_banned_member_starts_and_stops_but_makes_and_deletes_nothing(server: Server) -> None:
    ada = server.user("ada", BAN)
    keeper = server.user("keeper", "organization-admin")
    body = {"template_id": server.template("docker"), "name": "mine"}
    status, refused = server.ask("users/me/workspaces", "POST", body, ada)
    assert (status, refused["message"]) == (403, "Unauthorized to create workspace.")
    made = server.workspace("ada", token=keeper)
    builds = f"workspaces/{made['id']}/builds"
    for transition in ("stop", "start"):
        server.ask("buildinfo")
        server.made(builds, {"transition": transition}, ada)
    server.ask("buildinfo")
    status, refused = server.ask(builds, "POST", {"transition": "delete"}, ada)
    assert (status, refused["message"]) == (403, "You do not have permission to delete this workspace.")
    server.made(builds, {"transition": "delete"}, keeper)


def test_without_the_ban_a_member_makes_and_deletes_their_own(server: Server) -> None:
    ada = server.user("ada")
    made = server.workspace("me", token=ada)
    assert made["owner_name"] == "ada"
    server.ask("buildinfo")
    server.made(f"workspaces/{made['id']}/builds", {"transition": "delete"}, ada)


def test_an_owner_of_the_site_is_not_kept_by_the_ban(server: Server) -> None:
    owner = server.user("olga", BAN)
    server.put("users/olga/roles", {"roles": ["owner"]})
    assert server.workspace("me", token=owner)["owner_name"] == "olga"


def test_a_banned_admin_of_the_organization_is(server: Server) -> None:
    token = server.user("adam", "organization-admin", BAN)
    body = {"template_id": server.template("docker"), "name": "mine"}
    assert server.ask("users/me/workspaces", "POST", body, token)[0] == 403


def test_the_ban_is_given_by_an_admin_of_the_organization_not_of_users(server: Server) -> None:
    server.user("ada")
    organization, asked = server.organization("coder"), {"roles": [BAN]}
    path = f"organizations/{organization}/members/ada/roles"
    user_admin = server.user("uma")
    server.put("users/uma/roles", {"roles": ["user-admin"]})
    assert server.ask(path, "PUT", asked, user_admin)[0] == 404
    assert server.put(path, asked, server.user("adam", "organization-admin"))["roles"][0]["name"] == BAN


def test_one_organizations_admin_is_nobody_in_another(server: Server) -> None:
    keeper = server.user("keeper", "organization-admin")
    demo = server.organization("demo")
    assert server.ask(f"organizations/{demo}/provisionerdaemons", token=keeper)[0] == 404
    assert server.ask("organizations/coder/provisionerjobs", token=keeper)[0] == 200


def test_an_organization_is_nothing_to_those_who_are_not_in_it(server: Server) -> None:
    kept = server.kept()["templates"]
    server.keep(templates={**kept, "theirs": {**kept["docker"], "organization": "demo"}})
    ada = server.user("ada")
    assert {one["organization_name"] for one in server.got("templates", ada)} == {"coder"}
    assert [one["name"] for one in server.got("organizations", ada)] == ["coder"]
    assert server.ask("organizations/demo", token=ada)[0] == 404


def test_a_member_sees_their_own_workspaces_only(server: Server) -> None:
    ada, bob = server.user("ada"), server.user("bob")
    made = server.workspace("me", token=ada)
    assert server.got("workspaces", bob) == {"workspaces": [], "count": 0}
    assert server.ask(f"workspaces/{made['id']}", token=bob)[0] == 404
    assert server.got("workspaces", ada)["count"] == 1


def test_a_token_ends(server: Server) -> None:
    server.user("ada")
    key = server.made("users/ada/keys/tokens", {"lifetime": 60 * 10**9, "token_name": "short"})["key"]
    assert server.ask("users/me", token=key)[0] == 200
    server.wait(minutes=2)
    assert server.ask("users/me", token=key)[0] == 401
    assert key.partition("-")[2] not in str(server.kept())


def test_too_many_requests_to_one_path_from_one_address_are_refused(server: Server) -> None:
    server.keep(rate_limit=3)
    ada = server.user("ada")
    for token in (None, ada, None):
        assert server.ask("users/me", token=token, address="192.0.2.7")[0] == 200
    status, refused = server.ask("users/me", token=ada, address="192.0.2.7")
    assert (status, refused["message"]) == (
        429,
        "You've been rate limited for sending more than 3 requests in 1m0s.",
    )
    assert server.ask("users/me", address="192.0.2.8")[0] == 200
    assert server.ask("templates", address="192.0.2.7")[0] == 200


def test_a_password_opens_a_session_and_ends_dormancy(server: Server) -> None:
    server.keep(login_limit=4)
    body = {"username": "ada", "email": "ada@example.com", "password": "correct horse", "login_type": "password"}
    made = server.made("users", {**body, "organization_ids": [server.organization("coder")]})
    assert made["status"] == "dormant"
    assert "correct horse" not in str(server.kept())
    asked = {"email": "ADA@example.com", "password": "correct horse"}
    refused = server.ask("users/login", "POST", {**asked, "password": "wrong"}, "")
    assert refused == (401, {"message": "Incorrect email or password."})
    session = server.made("users/login", asked, "")["session_token"]
    assert server.got("users/me", session)["status"] == "active"
    assert server.ask("users/logout", "POST", token=session)[0] == 200
    assert server.ask("users/me", token=session)[0] == 401
    server.put("users/ada/status/suspend", None)
    status, refused = server.ask("users/login", "POST", asked, "")
    assert (status, "suspended" in refused["message"]) == (401, True)
    assert server.ask("users/login", "POST", asked, "")[0] == 401
    assert server.ask("users/login", "POST", asked, "")[0] == 429


def test_a_templates_terraform_is_for_whoever_may_change_it(server: Server) -> None:
    docker = server.template("docker")
    version = server.got(f"templates/{docker}")["active_version_id"]
    file = f"files/{server.got(f'templateversions/{version}')['job']['file_id']}"
    assert server.ask(file)[0] == 200
    for role in ("organization-template-admin", "organization-admin"):
        assert server.ask(file, token=server.user(f"a-{role[13]}", role))[0] == 200
    status, refused = server.ask(file, token=server.user("ada"))
    assert (status, refused["message"]) == (404, "Resource not found or you do not have access to this resource")
    assert server.got(f"templateversions/{version}/variables", server.user("bob")) == []


def test_a_file_is_read_twelve_times_a_minute(server: Server) -> None:
    file = "files/11111111-1111-1111-1111-111111111111"
    assert [server.ask(file)[0] for _ in range(13)] == [404] * 12 + [429]
