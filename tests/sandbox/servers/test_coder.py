"""Coder's stand-in: what it answers fits the published API, and follows its file and the clusters."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest
from werkzeug.test import Client

from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_whole
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.systems import platform_settings, seed_clusters
from workshop.sandbox.servers.coder import Coder, coder_file

_jsonschema: Json = import_module("jsonschema")
PUBLISHED = json.loads((Path(__file__).parent / "coder-00072fa.json").read_text("utf-8"))


class Server:
    """The application alone, on clusters as they are seeded."""

    def __init__(self, paths: SandboxPaths) -> None:
        self.paths = paths
        settings = platform_settings(paths)
        seed_clusters(paths, settings)
        self._client = Client(Coder(paths, settings))

    def ask(self, path: str, method: str = "GET", body: Json = None, token: str | None = None) -> tuple[int, Json]:
        headers = {"Coder-Session-Token": token_of(self.paths) if token is None else token}
        response = self._client.open(f"/coder/api/v2/{path}", method=method, json=body, headers=headers)
        return response.status_code, response.get_json(silent=True)

    def got(self, path: str) -> Json:
        status, answer = self.ask(path)
        assert status == 200, answer
        return answer

    def keep(self, **changes: Json) -> None:
        kept = json.loads(coder_file(self.paths).read_text("utf-8"))
        write_whole(coder_file(self.paths), json.dumps({**kept, **changes}))


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(sandbox_paths(tmp_path))


def fits(model: str, value: Json) -> None:
    _jsonschema.validate(value, {"$ref": f"#/$defs/{model}", "$defs": PUBLISHED["$defs"]})


def organization(server: Server, name: str) -> str:
    return next(one["id"] for one in server.got("organizations") if one["name"] == name)


def test_answers_have_the_published_form(server: Server) -> None:
    server.keep(busy={"coder/us-east-2": 1}, pending={"coder": 2})
    coder = organization(server, "coder")
    fits("BuildInfoResponse", server.got("buildinfo"))
    fits("RegionsResponse-codersdk_WorkspaceProxy", server.got("workspaceproxies"))
    for path, model in (
        ("organizations", "Organization"),
        (f"organizations/{coder}/provisionerdaemons", "ProvisionerDaemon"),
        (f"organizations/{coder}/provisionerjobs", "ProvisionerJob"),
        ("templates", "Template"),
    ):
        answer = server.got(path)
        assert answer
        for one in answer:
            fits(model, one)
    fits("Response", server.ask("templates", token="")[1])


def test_without_its_token_nothing_but_the_build_is_told(server: Server) -> None:
    assert server.ask("buildinfo", token="")[0] == 200
    assert server.ask("templates", token="")[0] == 401
    assert server.ask("templates", token="other")[0] == 401
    assert server.ask("nothing")[0] == 404


def test_provisioners_are_hidden_from_who_may_not_read_them(server: Server) -> None:
    coder = organization(server, "coder")
    asked = {"checks": {"read": {"object": {"resource_type": "workspace", "organization_id": coder}, "action": "read"}}}
    assert server.ask("authcheck", "POST", asked) == (200, {"read": True})
    server.keep(reads_provisioners=False)
    assert server.ask(f"organizations/{coder}/provisionerdaemons")[0] == 404
    assert server.ask(f"organizations/{coder}/provisionerjobs")[0] == 404
    assert server.ask("authcheck", "POST", asked) == (200, {"read": False})


def test_an_open_source_build_knows_no_licence(server: Server) -> None:
    fits("Entitlements", server.got("entitlements"))
    server.keep(licence=None)
    assert server.ask("entitlements") == (404, {"message": "Route not found."})


def test_provisioners_are_as_many_as_the_deployments_replicas(server: Server) -> None:
    server.keep(busy={"coder/us-east-2": 2})
    daemons = server.got(f"organizations/{organization(server, 'coder')}/provisionerdaemons?limit=100")
    here = [one["status"] for one in daemons if one["tags"]["region"] == "us-east-2"]
    assert (len(daemons), sorted(here)) == (18, ["busy", "busy", "idle", "idle", "idle", "idle"])


def test_a_workspace_lands_on_whatever_node_takes_it_and_goes_again(server: Server) -> None:
    template = next(one["id"] for one in server.got("templates") if one["name"] == "smoke-eu-west-2")
    status, made = server.ask("users/me/workspaces", "POST", {"template_id": template, "name": "try"})
    assert status == 201
    fits("Workspace", made)
    assert server.got("workspaces") == {"workspaces": [made], "count": 1}
    pods = server.paths.clusters / "coder-london" / "pods"
    (pod,) = [file.read_text("utf-8") for file in pods.rglob(f"*{made['id']}*")]
    assert "ip-10-0-4-10.eu-west-2.compute.internal" in pod
    status, build = server.ask(f"workspaces/{made['id']}/builds", "POST", {"transition": "delete"})
    assert status == 201
    fits("WorkspaceBuild", build)
    assert server.got("workspaces") == {"workspaces": [], "count": 0}
    assert server.got(f"workspaces/{made['id']}")["latest_build"]["status"] == "deleted"
    assert not list(pods.rglob(f"*{made['id']}*"))


def test_a_file_that_was_damaged_is_told(server: Server) -> None:
    write_whole(coder_file(server.paths), "{")
    status, answer = server.ask("workspaceproxies")
    assert status == 500
    assert "coder.json can't be read" in answer["message"]
