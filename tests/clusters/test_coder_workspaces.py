"""Workspaces of the sandbox's Coder on a real API server: Deployments that it accepts, and pods that others run."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.sandbox.servers.coder.server import Server
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.clusters

SECONDS = 60


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_workspace_starts_and_stops_where_controllers_are_real(clusters: SandboxPaths, store: ApiServerStore) -> None:
    server = Server(clusters)
    server.keep(build_seconds=0, agent_seconds=0)
    made = server.workspace("me")

    def build() -> Json:
        server.coder.look()
        return server.got(f"workspaces/{made['id']}")["latest_build"]

    eventually(lambda: build()["status"] in ("running", "failed"))
    assert build()["job"].get("error") is None
    eventually(lambda: build()["resources"][0]["agents"][0]["status"] == "connected")
    deployments, name = kind_of("apps/v1", "Deployment"), f"coder-{made['id']}"
    assert store.get(deployments, "coder-ws", name)

    server.made(f"workspaces/{made['id']}/builds", {"transition": "start"})
    eventually(lambda: build()["status"] == "running")
    eventually(lambda: build()["resources"][0]["agents"][0]["status"] == "connected")
    server.made(f"workspaces/{made['id']}/builds", {"transition": "delete"})
    eventually(lambda: server.ask(f"workspaces/{made['id']}")[0] == 410)
    eventually(lambda: store.get(deployments, "coder-ws", name) is None)
