"""The event's own client on the sandbox's Coder: a seat from the account to its end, by a keeper that is no owner."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderRefused, RateLimited
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.servers.coder.rights import BAN

URL = "http://127.0.0.1/coder"


@pytest.fixture
def server(tmp_path: Path) -> Server:
    server = Server(sandbox_paths(tmp_path))
    server.keep(build_seconds=0.001, agent_seconds=0)
    return server


def client(server: Server, token: str) -> Coder:
    return Coder(URL, token, transport=httpx.WSGITransport(app=server.coder))


def keeper(server: Server) -> str:
    """The token of an account with the keeper's two roles."""
    token = server.user("keeper", "organization-admin")
    server.put("users/keeper/roles", {"roles": ["user-admin"]})
    return token


def test_the_keepers_roles_are_enough_in_its_organization_and_nowhere_else(server: Server) -> None:
    token = keeper(server)
    with client(server, token) as coder:
        assert coder.missing_rights(server.organization("coder")) == []
        assert set(coder.missing_rights(server.organization("demo"))) >= {"create workspaces", "read provisioners"}


def test_a_seat_from_its_account_to_its_end(server: Server) -> None:
    with client(server, keeper(server)) as coder:
        organization = coder.organization("coder")
        assert organization
        template = coder.template(organization.id, "docker")
        assert template
        assert [one.name for one in coder.rich_parameters(template.active_version_id)] == ["region"]
        made, found = (
            coder.create_user("ada", "ada@example.com", login_type="github", organization_id=organization.id)
            for _ in range(2)
        )
        assert coder.user_of("ADA@example.com") == made == found
        (member,) = [one for one in coder.members(organization.id) if one.username == "ada"]
        assert coder.ban_creation(member) == ()

        asked = {"region": "us-west-2"}
        seat, again = (
            coder.create_workspace(
                "ada", "workshop-07", template_id=template.id, parameters=asked, ttl=timedelta(hours=7)
            )
            for _ in range(2)
        )
        assert again.id == seat.id
        server.ask("buildinfo")
        server.coder.look()
        found = coder.workspace(seat.id)
        assert found
        assert found.latest_build.status == "running"
        assert coder.build_parameters(found.latest_build.id) == {"region": "us-west-2"}
        assert coder.build_log(found.latest_build.id)
        assert found.latest_build.deadline
        coder.extend(seat.id, found.latest_build.deadline + timedelta(hours=1))
        coder.set_ttl(seat.id, timedelta(hours=2))

        with pytest.raises(CoderRefused, match="workspaces"):
            coder.delete_user("ada")
        for transition in ("stop", "delete"):
            build = coder.build(seat.id, transition)
            assert build
            server.ask("buildinfo")
            server.ask("buildinfo")
        assert coder.workspace(seat.id) is None
        assert coder.workspaces("owner:ada") == []
        (member,) = [one for one in coder.members(organization.id) if one.username == "ada"]
        assert BAN in member.role_names
        coder.suspend("ada")
        coder.delete_user("ada")
        assert coder.user("ada") is None


def test_provisioners_and_their_queue(server: Server) -> None:
    with client(server, keeper(server)) as coder:
        organization = server.organization("coder")
        assert coder.idle_provisioners(organization) == 18
        server.keep(build_seconds=60)
        for number in range(8):
            server.workspace("sandbox", f"workshop-{number:02}")
        assert coder.idle_provisioners(organization) == 12
        assert len(coder.pending_jobs(organization)) == 2
        assert coder.entitlements()


def test_it_renews_its_token_and_revokes_the_old_one(server: Server) -> None:
    old = keeper(server)
    with client(server, old) as coder:
        new = coder.renew_token(timedelta(hours=1), "second")
        coder.revoke_token(old.partition("-")[0])
        assert coder.me().username == "keeper"
    assert server.ask("users/me", token=old)[0] == 401
    assert server.ask("users/me", token=new)[0] == 200
    with client(server, token_of(server.paths)) as engineer:
        assert engineer.me().username == "sandbox"


def test_a_limit_is_told_with_its_time(server: Server) -> None:
    server.keep(rate_limit=1)
    with client(server, token_of(server.paths)) as coder:
        coder.me()
        with pytest.raises(RateLimited):
            coder.me()
