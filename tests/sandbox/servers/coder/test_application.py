"""Coder's stand-in: what it answers fits the published API, and follows its file and the clusters."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.clock import clock_file
from workshop.sandbox.files import write_whole
from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.state_file import coder_file

_jsonschema: Json = import_module("jsonschema")
PUBLISHED = json.loads((Path(__file__).parent / "published-00072fa.json").read_text("utf-8"))


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(sandbox_paths(tmp_path))


def fits(model: str, value: Json) -> None:
    _jsonschema.validate(value, {"$ref": f"#/$defs/{model}", "$defs": PUBLISHED["$defs"]})


def test_answers_that_were_not_recorded_have_the_published_form(server: Server) -> None:
    fits("BuildInfoResponse", server.got("buildinfo"))
    fits("RegionsResponse-codersdk_WorkspaceProxy", server.got("workspaceproxies"))
    fits("Entitlements", server.got("entitlements"))
    fits("Response", server.ask("templates", token="")[1])


def test_without_its_token_nothing_but_the_build_is_told(server: Server) -> None:
    assert server.ask("buildinfo", token="")[0] == 200
    assert server.ask("templates", token="")[0] == 401
    assert server.ask("templates", token="other")[0] == 401
    assert server.ask("nothing")[0] == 404


def test_provisioners_are_hidden_from_who_may_not_read_them(server: Server) -> None:
    coder = server.organization("coder")
    asked = {"checks": {"read": {"object": {"resource_type": "workspace", "organization_id": coder}, "action": "read"}}}
    assert server.ask("authcheck", "POST", asked) == (200, {"read": True})
    server.keep(reads_provisioners=False)
    assert server.ask(f"organizations/{coder}/provisionerdaemons")[0] == 404
    assert server.ask(f"organizations/{coder}/provisionerjobs")[0] == 404
    assert server.ask("authcheck", "POST", asked) == (200, {"read": False})


def test_an_open_source_build_knows_no_licence(server: Server) -> None:
    server.keep(licence=None)
    assert server.ask("entitlements") == (404, {"message": "Route not found."})


def test_provisioners_are_as_many_as_the_deployments_replicas(server: Server) -> None:
    server.keep(busy={"coder/us-east-2": 2})
    daemons = server.got(f"organizations/{server.organization('coder')}/provisionerdaemons?limit=100")
    here = [one["status"] for one in daemons if one["tags"]["region"] == "us-east-2"]
    assert (len(daemons), sorted(here)) == (18, ["busy", "busy", "idle", "idle", "idle", "idle"])


def test_a_file_that_was_damaged_is_told(server: Server) -> None:
    write_whole(coder_file(server.paths), "{")
    status, answer = server.ask("workspaceproxies")
    assert status == 500
    assert "coder.json is damaged" in answer["message"]


def test_a_clock_that_was_damaged_is_told(server: Server) -> None:
    write_whole(clock_file(server.paths), "{")
    status, answer = server.ask("workspaceproxies")
    assert status == 500
    assert "clock.json can't be read" in answer["message"]
