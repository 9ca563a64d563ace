"""Clusters with nodes: pods on what Karpenter launches, Jobs by their controllers, exec."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Generator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clusters.exec_client import execute
from tests.clusters.nodes import (
    AT,
    EVENT,
    JOB,
    NODE,
    NODE_CLASS,
    OHIO,
    POD,
    POOL,
    STORAGE_GIB,
    at,
    eventually,
    identity,
    instance_types,
    job,
    pod,
    pod_template,
    running,
    translate_pool,
    workspaces,
)
from tests.clusters.objects import NODE_POOL, cron_job, namespace
from tests.end_to_end.rotation import keys, set_window
from tests.end_to_end.sandbox import workshop
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.event.work.exec import ExecError
from workshop.sandbox import lifecycle as sandbox
from workshop.sandbox.clusters import lifecycle
from workshop.sandbox.clusters.api import Access, Api
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.pods import EXIT_CODE_ANNOTATION
from workshop.sandbox.clusters.running import api_servers, folder_of
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.paths import SandboxPaths

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

CRON_SECONDS = 75
"""A CronJob is due once a minute at most."""


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    """Ohio with Karpenter and this project's pool, translated; a CronJob is on its way to being due."""
    paths = sandbox_paths(tmp_path_factory.mktemp("nodes"))
    catalogue = paths.folder / "instance-types.json"
    catalogue.write_text(json.dumps(instance_types("us-east-2")), encoding="utf-8")
    with environment_of(paths):
        sandbox.ensure_running(paths)
        try:
            with lifecycle.rehearsing(paths, {OHIO: Nodes(instance_types=catalogue, plain=2)}, is_disposable=True):
                store = ApiServerStore(Api(OHIO, api_servers(paths)[OHIO]))
                store.create(namespace(AT), "tests")
                every_minute: Manifest = {"spec": {"template": pod_template()}}
                store.create(at(cron_job("every-minute", schedule="* * * * *", jobTemplate=every_minute)), "tests")
                # In the window it holds rotation, by Jobs of ours; nodes are not made ready yet.
                for starts_in in (None, timedelta(hours=5)):
                    set_window(paths, starts_in=starts_in)
                    assert workshop(paths, "up").exit_code == 0
                Api(OHIO, api_servers(paths)[OHIO]).request(
                    "POST", f"/apis/{NODE_CLASS['apiVersion']}/kwoknodeclasses", NODE_CLASS
                )
                translate_pool(store, {"cpu": "512"})
                yield paths
        finally:
            sandbox.stop(paths)


@pytest.fixture
def access(rehearsal: SandboxPaths) -> Access:
    return api_servers(rehearsal)[OHIO]


@pytest.fixture
def store(access: Access) -> ApiServerStore:
    return ApiServerStore(Api(OHIO, access), delete_seconds=30)


def nodes_of_pool(store: ApiServerStore) -> list[str]:
    """Names of the nodes that Karpenter launched for this project's pool."""
    nodes = (node["metadata"] for node in store.list(NODE))
    return sorted(node["name"] for node in nodes if node["labels"].get("karpenter.sh/nodepool") == POOL)


def condition_of(store: ApiServerStore, name: str) -> str | None:
    """How a Job has ended."""
    found = store.get(JOB, AT, name)
    assert found is not None
    conditions: list[Mapping[str, str]] = found["status"].get("conditions", [])
    return next((each["type"] for each in conditions if each["type"] in ("Complete", "Failed")), None)


def test_twenty_workspaces_run_on_nodes_that_karpenter_launches(store: ApiServerStore) -> None:
    store.create(workspaces("workspaces", 20), "tests")
    placed = eventually(lambda: running(store, "workspaces-", 20))
    used = {each["spec"]["nodeName"] for each in placed}
    nodes = nodes_of_pool(store)
    assert used == {*nodes}
    assert len(nodes) == 7  # three of 8 GiB fit into 27381 MiB
    for node in filter(None, (store.get(NODE, None, name) for name in nodes)):
        status = node["status"]
        assert {each["type"]: each["status"] for each in status["conditions"]}["Ready"] == "True"
        assert status["allocatable"]["ephemeral-storage"] == f"{STORAGE_GIB}Gi"
        assert status["capacity"]["memory"] == status["allocatable"]["memory"] == "27381Mi"
        assert not any(taint["key"].startswith("node.kubernetes.io/") for taint in node["spec"]["taints"])
    store.delete(kind_of("apps/v1", "Deployment"), AT, "workspaces")


def test_a_pool_at_its_limit_says_so_of_each_pod_that_waits(store: ApiServerStore) -> None:
    store.apply(
        {**identity(NODE_POOL), "metadata": {"name": POOL}, "spec": {"limits": {"cpu": "1"}}}, "limit", force=True
    )
    before = nodes_of_pool(store)
    store.create(workspaces("too-many", 40), "tests")

    def refused() -> bool:
        """Whether an event of one of them says what Karpenter says there."""
        messages = (
            each["message"] for each in store.list(EVENT, AT) if each["involvedObject"]["name"].startswith("too-many-")
        )
        return any(f"all available instance types exceed limits for nodepool (NodePool={POOL})" in m for m in messages)

    assert eventually(refused)
    assert nodes_of_pool(store) == before
    store.delete(kind_of("apps/v1", "Deployment"), AT, "too-many")


def test_jobs_end_by_their_controller_as_their_pods_say(store: ApiServerStore) -> None:
    store.create(job("done"), "tests")
    store.create(job("broken", exit_code="3"), "tests")
    assert eventually(lambda: condition_of(store, "done")) == "Complete"
    assert eventually(lambda: condition_of(store, "broken")) == "Failed"


def test_what_is_in_jobs_of_ours_is_run(rehearsal: SandboxPaths) -> None:
    stores = {context: ApiServerStore(Api(context, access)) for context, access in api_servers(rehearsal).items()}
    assert len(keys(stores)) == 9
    assert len(set(keys(stores))) == 1
    pods = (each for each in stores[OHIO].list(POD) if each["metadata"]["namespace"] != AT)
    ended = [each for each in pods if EXIT_CODE_ANNOTATION in each["metadata"].get("annotations", {})]
    assert {each["status"]["phase"] for each in ended} == {"Succeeded"}
    assert all(each["spec"].get("nodeName") for each in ended)


def test_a_job_of_ours_that_fails_has_failed(store: ApiServerStore) -> None:
    made = job("ours")
    made["spec"]["template"]["spec"]["containers"][0] |= {"image": "ai-coder-workshop:1", "args": ["no-such-command"]}
    store.create(made, "tests")
    assert eventually(lambda: condition_of(store, "ours")) == "Failed"


def test_exec_runs_a_command_in_the_pods_folder(store: ApiServerStore, access: Access, rehearsal: SandboxPaths) -> None:
    store.create(pod("worker"), "tests")
    eventually(lambda: running(store, "worker", 1))
    sent = os.urandom(2 * 1024 * 1024)
    assert execute(access, AT, "worker", "cat", stdin=sent) == (0, sent, b"")
    script = "echo $GREETING > kept; echo out; echo err >&2; exit 3"
    assert execute(access, AT, "worker", "sh", "-c", script) == (3, b"out\n", b"err\n")
    assert execute(access, AT, "worker", "cat", "kept") == (0, b"hello\n", b"")
    missing = execute(access, AT, "worker", "no-such-command")
    assert missing == (127, b"", b"no-such-command: there is no such command\n")
    home = Path(execute(access, AT, "worker", "pwd").stdout.decode().strip())
    assert home.is_relative_to(folder_of(rehearsal))
    store.delete(POD, AT, "worker")
    eventually(lambda: not home.exists())
    with pytest.raises(ExecError, match="not found"):
        execute(access, AT, "worker", "true")


def test_the_kubelet_takes_exec_from_the_api_server_alone(store: ApiServerStore, rehearsal: SandboxPaths) -> None:
    store.create(pod("guarded"), "tests")
    (found,) = eventually(lambda: running(store, "guarded", 1))
    node = store.get(NODE, None, found["spec"]["nodeName"])
    assert node is not None
    (address, port) = (node["status"]["addresses"][0]["address"], node["status"]["daemonEndpoints"]["kubeletEndpoint"])
    request = (
        f"POST /exec/{AT}/guarded/main?command=true HTTP/1.1\r\nHost: kubelet\r\nContent-Length: 0\r\n\r\n".encode()
    )

    def ask(client: str | None) -> bytes:
        context = ssl.create_default_context(cafile=str(folder_of(rehearsal) / "ca.crt"))
        if client:
            certificate, key = (folder_of(rehearsal) / f"{client}.{suffix}" for suffix in ("crt", "key"))
            context.load_cert_chain(certificate, key)
        with (
            socket.create_connection((address, port["Port"]), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=address) as connection,
        ):
            connection.sendall(request)
            return connection.recv(4096)

    for stranger in (None, "loopback"):  # another certificate of the same authority
        with pytest.raises(ssl.SSLError, match="certificate"):
            ask(stranger)
    assert b"400 Bad Request" in ask("kubelet-client")  # it is let in, and asks for no streams
    store.delete(POD, AT, "guarded")


def test_a_deleted_pod_ends_after_as_long_as_it_takes(store: ApiServerStore, access: Access) -> None:
    store.create(pod("slow", stop_after="3s"), "tests")
    eventually(lambda: running(store, "slow", 1))
    Api(OHIO, access).request("DELETE", f"/api/v1/namespaces/{AT}/pods/slow")
    found = store.get(POD, AT, "slow")
    assert found is not None
    assert found["status"]["phase"] == "Running"
    eventually(lambda: store.get(POD, AT, "slow") is None)


def test_a_cron_job_is_due_and_its_job_ends(store: ApiServerStore) -> None:
    def completed() -> list[Manifest]:
        made = (each for each in store.list(JOB, AT) if each["metadata"]["name"].startswith("every-minute-"))
        return [each for each in made if each["status"].get("succeeded") == 1]

    assert eventually(completed, CRON_SECONDS)
