"""Builds, queues, deadlines and agents, with a clock that is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.store import ClusterSilence, ManifestStore

START: Final = datetime(2026, 12, 3, 9, tzinfo=UTC)
OHIO: Final = "us-east-2"
JOBS: Final = "provisionerjobs?limit=1000"


@pytest.fixture
def server(tmp_path: Path) -> Server:
    server = Server(sandbox_paths(tmp_path))
    server.keep(build_seconds=60, agent_seconds=10)
    server.set_clock(START)
    for name in ("ada", "bob"):
        server.user(name)
    return server


def status(server: Server, workspace: Json) -> str:
    return server.got(f"workspaces/{workspace['id']}?include_deleted=true")["latest_build"]["status"]


def agent(server: Server, workspace: Json) -> str:
    build = server.got(f"workspaces/{workspace['id']}")["latest_build"]
    return build["resources"][0]["agents"][0]["status"]


def deadline(server: Server, workspace: Json) -> datetime | None:
    found = server.got(f"workspaces/{workspace['id']}")["latest_build"]["deadline"]
    return datetime.fromisoformat(found) if found else None


def scale(server: Server, replicas: int) -> None:
    """The provisioners of the default organization in Ohio."""
    store = ManifestStore(server.paths.clusters / "coder-ohio")
    metadata = {"name": "coder-provisioner", "namespace": "coder-ws"}
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": replicas}}
    store.apply(manifest, "test", force=True)


def close_to(moment: datetime) -> Json:
    """Requests take some milliseconds by the wall clock."""
    return pytest.approx(moment, abs=timedelta(seconds=20))


def test_a_build_waits_runs_and_succeeds_and_then_its_agent_connects(server: Server) -> None:
    made = server.workspace("ada")
    assert made["latest_build"]["status"] == "pending"
    assert status(server, made) == "starting"
    server.wait(seconds=61)
    assert (status(server, made), agent(server, made)) == ("running", "connecting")
    server.wait(seconds=11)
    assert agent(server, made) == "connected"


def test_as_many_build_at_once_as_there_are_provisioners(server: Server) -> None:
    scale(server, 2)
    names = [f"workshop-{number:02}" for number in range(5)]
    made = [server.workspace("ada", name) for name in names]
    jobs = {one["metadata"]["workspace_name"]: one for one in server.got(f"organizations/default/{JOBS}")}
    assert [jobs[name]["status"] for name in names] == ["running", "running", "pending", "pending", "pending"]
    assert [(jobs[name]["queue_position"], jobs[name]["queue_size"]) for name in names[2:]] == [(1, 3), (2, 3), (3, 3)]
    daemons = server.got("organizations/default/provisionerdaemons?limit=100")
    busy = [one for one in daemons if one["tags"]["region"] == OHIO and one["status"] == "busy"]
    assert {one["current_job"]["id"] for one in busy} == {jobs[name]["id"] for name in names[:2]}
    server.wait(seconds=62)
    assert [status(server, one) for one in made] == ["running", "running", "starting", "starting", "pending"]
    server.wait(seconds=120)
    assert {status(server, one) for one in made} == {"running"}


def test_a_job_that_waits_for_half_an_hour_is_reaped(server: Server) -> None:
    scale(server, 0)
    made = server.workspace("ada")
    server.wait(minutes=29)
    assert status(server, made) == "pending"
    server.wait(minutes=2)
    build = server.got(f"workspaces/{made['id']}")["latest_build"]
    assert build["status"] == "failed"
    assert "pending for 30 minutes" in build["job"]["error"]


def test_provisioners_that_come_later_take_what_waits(server: Server) -> None:
    scale(server, 0)
    made = server.workspace("ada")
    server.wait(minutes=10)
    assert status(server, made) == "pending"
    scale(server, 1)
    assert status(server, made) == "starting"
    server.wait(seconds=61)
    assert status(server, made) == "running"


def test_it_stops_at_the_tick_after_its_deadline(server: Server) -> None:
    made = server.workspace("ada", ttl_ms=2 * 3_600_000)
    server.wait(seconds=61)
    assert deadline(server, made) == close_to(START + timedelta(minutes=1, hours=2))
    server.wait(hours=1, minutes=58)
    assert status(server, made) == "running"
    server.wait(minutes=3)
    assert status(server, made) in ("stopping", "stopped")
    server.wait(seconds=61)
    build = server.got(f"workspaces/{made['id']}")["latest_build"]
    assert (build["status"], build["reason"], build["initiator_name"]) == ("stopped", "autostop", "ada")
    # As a real one's: of no meaning, but there.
    assert build["deadline"] is not None


def test_a_ttl_counts_from_the_next_start_and_none_clears_the_deadline(server: Server) -> None:
    made = server.workspace("ada", ttl_ms=2 * 3_600_000)
    server.wait(seconds=61)
    before = deadline(server, made)
    server.put(f"workspaces/{made['id']}/ttl", {"ttl_ms": 3_600_000})
    assert deadline(server, made) == before
    server.put(f"workspaces/{made['id']}/ttl", {"ttl_ms": None})
    assert deadline(server, made) is None
    server.wait(hours=24)
    assert status(server, made) == "running"
    later = (START + timedelta(hours=30)).isoformat()
    refused = server.ask(f"workspaces/{made['id']}/extend", "PUT", {"deadline": later})
    assert refused == (409, {"message": "Workspace shutdown is manual."})


def test_an_extension_moves_the_end_and_activity_never_shortens_it(server: Server) -> None:
    made = server.workspace("ada", ttl_ms=3_600_000)
    server.wait(seconds=61)
    later = START + timedelta(hours=4)
    server.put(f"workspaces/{made['id']}/extend", {"deadline": later.isoformat()})
    assert server.ask(f"workspaces/{made['id']}/usage", "POST", {}) == (204, None)
    assert deadline(server, made) == later
    server.wait(hours=3, minutes=30)
    server.ask(f"workspaces/{made['id']}/usage", "POST", {})
    assert deadline(server, made) == close_to(START + timedelta(hours=4, minutes=31))


def test_a_suspended_persons_workspace_stops_at_the_next_tick(server: Server) -> None:
    token = server.made("users/ada/keys/tokens", {"lifetime": 10**15, "token_name": "own"})["key"]
    made = server.workspace("ada")
    server.wait(seconds=61)
    server.put("users/ada/status/suspend", None)
    assert server.ask("users/me", token=token)[0] == 401
    server.wait(seconds=61)
    assert status(server, made) in ("stopping", "stopped")
    server.put("users/ada/status/activate", None)
    assert server.ask("users/me", token=token)[0] == 200


def test_a_suspended_persons_workspace_that_is_started_stops_after_it_has(server: Server) -> None:
    made = server.workspace("ada")
    server.put("users/ada/status/suspend", None)
    server.wait(minutes=10)
    builds = server.got(f"workspaces/{made['id']}/builds")
    assert [one["transition"] for one in builds] == ["stop", "start"]
    server.made(f"workspaces/{made['id']}/builds", {"transition": "start"})
    server.wait(minutes=10)
    again = server.got(f"workspaces/{made['id']}/builds")
    assert [one["transition"] for one in again] == ["stop", "start", "stop", "start"]
    assert again[0]["created_at"] >= again[1]["job"]["completed_at"] > builds[0]["job"]["completed_at"]


def test_a_planted_fault_fails_builds_and_is_used_up(server: Server) -> None:
    server.keep(faults=[{"template": "docker", "times": 2, "error": "terraform apply: no such image"}])
    made = server.workspace("ada")
    server.wait(seconds=61)
    job = server.got(f"workspaces/{made['id']}")["latest_build"]["job"]
    assert (job["status"], job["error"]) == ("failed", "terraform apply: no such image")
    for expected in ("failed", "running"):
        server.made(f"workspaces/{made['id']}/builds", {"transition": "start"})
        server.ask("buildinfo")
        server.wait(seconds=61)
        assert status(server, made) == expected


def test_an_agent_that_never_connects_times_out(server: Server) -> None:
    server.keep(faults=[{"template": "docker", "workspace": "lab"}])
    made, fine = server.workspace("ada"), server.workspace("bob", "other")
    server.wait(seconds=61)
    server.ask("buildinfo")
    server.wait(seconds=60)
    assert (agent(server, made), agent(server, fine)) == ("connecting", "connected")
    server.wait(seconds=61)
    found = server.got(f"workspaces/{made['id']}")
    assert (agent(server, made), found["latest_build"]["status"]) == ("timeout", "running")
    assert found["health"] == {
        "healthy": False,
        "failing_agents": [found["latest_build"]["resources"][0]["agents"][0]["id"]],
    }


def test_a_waiting_build_is_canceled_at_once_and_a_running_one_at_its_end(server: Server) -> None:
    scale(server, 1)
    running, waiting = server.workspace("ada"), server.workspace("bob")
    for made in (running, waiting):
        assert server.ask(f"workspacebuilds/{made['latest_build']['id']}/cancel", "PATCH")[0] == 200
    assert (status(server, running), status(server, waiting)) == ("canceling", "canceled")
    server.wait(seconds=61)
    assert status(server, running) == "canceled"
    again = server.ask(f"workspacebuilds/{running['latest_build']['id']}/cancel", "PATCH")
    assert again == (400, {"message": "Job has already been marked as canceled!"})


def test_its_pod_comes_and_goes_with_it(server: Server) -> None:
    made = server.workspace("ada", rich_parameter_values=[{"name": "region", "value": "eu-west-2"}])
    store, pods = ManifestStore(server.paths.clusters / "coder-london"), kind_of("v1", "Pod")
    server.wait(seconds=61)
    assert status(server, made) == "running"
    (pod,) = store.list(pods, "coder-ws")
    assert pod["metadata"]["labels"]["com.coder.workspace.id"] == made["id"]
    assert [one["name"] for one in pod["spec"]["containers"]] == ["dev"]
    server.wait(seconds=11)
    assert agent(server, made) == "connected"
    store.delete(pods, "coder-ws", pod["metadata"]["name"])
    store.delete(kind_of("apps/v1", "Deployment"), "coder-ws", f"coder-{made['id']}")
    server.coder.look()
    assert agent(server, made) == "disconnected"
    server.made(f"workspaces/{made['id']}/builds", {"transition": "delete"})
    server.ask("buildinfo")
    server.wait(seconds=61)
    assert status(server, made) == "deleted"
    assert server.ask(f"workspaces/{made['id']}")[0] == 410
    assert server.got("workspaces") == {"workspaces": [], "count": 0}


def test_starting_again_replaces_the_pod(server: Server) -> None:
    made = server.workspace("ada")
    store = ManifestStore(server.paths.clusters / "coder-ohio")
    uids: list[str] = []
    for _ in range(2):
        server.ask("buildinfo")
        server.wait(seconds=61)
        assert status(server, made) == "running"
        uids += [pod["metadata"]["uid"] for pod in store.list(kind_of("v1", "Pod"), "coder-ws")]
        server.made(f"workspaces/{made['id']}/builds", {"transition": "start"})
    assert len(set(uids)) == 2


def test_it_goes_on_where_it_was_after_a_restart(server: Server) -> None:
    made = server.workspace("ada")
    server.wait(seconds=61)
    again = Server(server.paths)
    assert status(again, made) == "running"


def test_a_cluster_that_is_cut_off_fails_builds_and_loses_no_agent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = server.workspace("ada")
    server.wait(seconds=61)
    server.ask("buildinfo")
    server.wait(seconds=11)
    assert agent(server, made) == "connected"

    def silent(*_asked: object, **_given: object) -> None:
        raise ClusterSilence("Timeout", "coder-ohio gave no answer")

    for method in ("get", "list", "delete", "apply"):
        monkeypatch.setattr(ManifestStore, method, silent)
    server.coder.look()
    assert agent(server, made) == "connected"
    server.made(f"workspaces/{made['id']}/builds", {"transition": "stop"})
    server.ask("buildinfo")
    server.wait(seconds=61)
    job = server.got(f"workspaces/{made['id']}")["latest_build"]["job"]
    assert job["status"] == "failed"
    assert "coder-ohio gave no answer" in job["error"]
