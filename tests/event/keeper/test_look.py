"""What a look has to say beside what it found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.event.coder.client import Coder
from workshop.event.keeper.look import Look, Systems, look
from workshop.model.event.seats import Seat, Span
from workshop.model.event.world import Node, Region


def test_whose_work_keeps_a_node_and_what_was_not_seen() -> None:
    theirs = Node(region="us-east-2", claim="pool-x", instance="i-1", strangers=("coder-ws/coder-eve",))
    ours = Node(region="us-east-2", claim="pool-y", instance="i-2", seats=frozenset({"w"}))
    found = Look(
        workspaces=None,
        provisioners=None,
        proxies=None,
        regions={"us-east-2": Region(nodes=(theirs, ours)), "us-west-2": None},
        runs={},
        problems={"Coder": "it did not answer"},
    )
    assert found.said() == {
        "Coder": "it did not answer",
        "node pool-x in us-east-2": "kept as long as others work on it: coder-ws/coder-eve",
    }


def test_what_coder_does_not_list_is_gone_only_for_who_may_read_it(tmp_path: Path) -> None:
    """An account whose roles somebody took away would else stop nobody, and end nodes under their work."""
    server, now = Server(sandbox_paths(tmp_path)), datetime.now(UTC)
    keeper = server.user("keeper", "organization-admin")
    server.put("users/keeper/roles", {"roles": ["user-admin"]})
    span = Span(starts_at=now, ends_at=now + timedelta(hours=1))

    def seen(token: str, workspace_id: str | None) -> Look:
        seat = Seat(number=1, owner="ada", spans=(span,), region="", workspace_id=workspace_id)
        with Coder("http://127.0.0.1/coder", token, transport=httpx.WSGITransport(app=server.coder)) as coder:
            return look(Systems(coder=coder, clusters={}, ec2={}), "october", "coder", [seat], now)

    assert seen(keeper, "gone").workspaces == {}
    member = server.user("ada")
    assert seen(member, None).workspaces == {}
    without = seen(member, "gone")
    assert without.workspaces is None
    assert without.problems["Coder"].startswith("the keeper's account may not ")
    assert "read workspaces" in without.problems["Coder"]
