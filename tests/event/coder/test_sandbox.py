"""A seat's life in the sandbox's Coder, by the client, as an account that has the keeper's rights."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderRefused, CoderUnreachable
from workshop.event.coder.organizations import CREATION_BAN
from workshop.sandbox.data_folder import token_of

START = datetime(2026, 12, 3, 9, tzinfo=UTC)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    server = Server(sandbox_paths(tmp_path))
    server.keep(build_seconds=60, agent_seconds=10)
    server.set_clock(START)
    return server


def client(server: Server, token: str) -> Coder:
    return Coder("http://127.0.0.1/coder", token, transport=httpx.WSGITransport(app=server.coder))


@pytest.fixture
def coder(server: Server) -> Generator[Coder]:
    with client(server, server.user("keeper", "organization-admin")) as coder:
        server.put("users/keeper/roles", {"roles": ["user-admin"]})
        yield coder


def test_the_keepers_account_has_the_rights_that_the_keeper_needs(server: Server, coder: Coder) -> None:
    organization = coder.organization("coder")
    assert organization is not None
    assert coder.missing_rights(organization.id) == []
    assert {one.username for one in coder.users()} >= {"keeper"}
    assert coder.organization("nowhere") is None
    with client(server, server.user("ada")) as ada:
        assert "read workspaces" in ada.missing_rights(organization.id)


def test_a_seat_is_made_once_used_saved_and_gone(server: Server, coder: Coder) -> None:
    organization = coder.organization("coder")
    assert organization is not None
    first, ada = (
        coder.create_user("ada", "Ada@example.com", login_type="none", organization_id=organization.id)
        for _ in range(2)
    )
    assert first.id == ada.id
    member = next(one for one in coder.members(organization.id) if one.username == "ada")
    assert coder.ban_creation(member) == ()
    banned = next(one for one in coder.members(organization.id) if one.username == "ada")
    assert banned.role_names == (CREATION_BAN,)

    template = coder.template(organization.id, "docker")
    assert template is not None
    assert coder.provisioners_by_status(organization.id)["idle"] > 0
    made, seat = (
        coder.create_workspace("ada", "workshop-01", template_id=template.id, ttl=timedelta(hours=8)) for _ in range(2)
    )
    assert made.id == seat.id
    assert (seat.owner_id, seat.is_ready, seat.failure) == (ada.id, False, "")
    assert coder.build(seat.id, "stop") is None  # while it is being started
    server.wait(seconds=90)
    ready = coder.workspace(seat.id)
    assert ready is not None
    assert ready.is_ready
    assert coder.build_log(ready.latest_build.id)

    deadline = START + timedelta(hours=10)
    coder.extend(seat.id, deadline)
    extended = coder.workspace_of("ada", "workshop-01")
    assert extended is not None
    assert extended.latest_build.deadline == deadline

    stopping = coder.build(seat.id, "stop")
    assert stopping is not None
    server.wait(seconds=90)
    stopped = coder.build(seat.id, "stop")
    assert stopped is not None
    assert (stopped.id, stopped.status) == (stopping.id, "stopped")
    with pytest.raises(CoderRefused) as caught:
        coder.delete_user("ada")
    assert caught.value.status == 417
    assert coder.build(seat.id, "delete") is not None
    server.wait(seconds=90)
    assert coder.workspace(seat.id) is None
    assert coder.workspace_of("ada", "workshop-01") is None
    gone = coder.build(seat.id, "delete")
    assert gone is not None
    assert gone.status == "deleted"
    coder.lift_ban(banned)
    coder.delete_user("ada")
    coder.delete_user("ada")
    assert coder.user("ada") is None


def test_a_token_says_when_it_ends(coder: Coder) -> None:
    (used,) = coder.tokens()
    assert coder.expires_at() == used.expires_at


def test_features_are_those_of_the_licence(server: Server, coder: Coder) -> None:
    with client(server, token_of(server.paths)) as engineer:
        assert "workspace_proxy" in engineer.entitlements()


class Lossy(httpx.BaseTransport):
    """Loses one request, or the answer to it."""

    def __init__(self, server: Server, number: int, lost: str) -> None:
        self._inner = httpx.WSGITransport(app=server.coder)
        self._left = number
        self._lost = lost

    @property
    def has_lost(self) -> bool:
        return self._left < 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._left -= 1
        if self._left == -1 and self._lost == "request":
            raise httpx.ConnectError("lost", request=request)
        response = self._inner.handle_request(request)
        if self._left == -1:
            raise httpx.ReadTimeout("lost", request=request)
        return response


def play(server: Server, coder: Coder, name: str, template: str, organization: str) -> None:
    """A seat from its account to its end, begun anew where anything was lost, as the keeper does."""
    while True:
        try:
            coder.create_user(name, f"{name}@example.com", login_type="none", organization_id=organization)
            coder.create_workspace(name, "workshop-01", template_id=template)
            server.wait(seconds=90)
            seat = coder.workspace_of(name, "workshop-01")
            assert seat is not None
            coder.build(seat.id, "stop")
            server.wait(seconds=90)
            coder.build(seat.id, "stop")
        except CoderUnreachable:
            continue
        return


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_whichever_call_is_lost_nothing_is_made_twice(server: Server, coder: Coder, lost: str) -> None:
    organization = coder.organization("coder")
    assert organization is not None
    template, token = server.template("docker"), server.user("lossy", "organization-admin")
    server.put("users/lossy/roles", {"roles": ["user-admin"]})
    number = 0
    while True:
        transport = Lossy(server, number, lost)
        with Coder("http://127.0.0.1/coder", token, transport=transport, sleep=lambda _: None) as lossy:
            play(server, lossy, f"seat-{number}", template, organization.id)
        if not transport.has_lost:
            break
        number += 1
    assert number > 5
    names = [f"seat-{each}" for each in range(number + 1)]
    assert [one.username for one in coder.users("seat-")] == sorted(names)
    assert {one.owner_name: one.latest_build.build_number for one in coder.workspaces()} == dict.fromkeys(names, 2)
