"""Work is saved out of pods on a real API server, and put into others."""

from __future__ import annotations

import threading
from collections.abc import Generator
from datetime import UTC, datetime
from importlib import import_module

import pytest

from tests.clusters.exec_client import execute, opened
from tests.clusters.nodes import AT, OHIO, POD, eventually, pod, running
from tests.clusters.objects import namespace
from tests.event.work.conftest import REGION, aws_environment
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.event.work.bucket import Bucket
from workshop.event.work.exec import Cluster, Container, ExecError
from workshop.event.work.pod import Place
from workshop.event.work.restore import restore
from workshop.event.work.save import MIB, Work, save
from workshop.model.event.receipts import Result
from workshop.sandbox import lifecycle as sandbox
from workshop.sandbox.clusters import lifecycle
from workshop.sandbox.clusters.api import Access, Api
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json

pytestmark = [pytest.mark.clusters, pytest.mark.slow]


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> Generator[Access]:
    """Of a cluster with one node; the environment leads to the sandbox's AWS."""
    paths = sandbox_paths(tmp_path_factory.mktemp("saving"))
    with environment_of(paths), pytest.MonkeyPatch.context() as patch:
        sandbox.ensure_running(paths)
        for name, value in aws_environment(paths).items():
            patch.setenv(name, value)
        try:
            with lifecycle.rehearsing(paths, {OHIO: Nodes(plain=1)}, is_disposable=True):
                yield api_servers(paths)[OHIO]
        finally:
            sandbox.stop(paths)


@pytest.fixture(scope="module")
def bucket(access: Access) -> Generator[Bucket]:
    client: Json = import_module("boto3").session.Session().client("s3", region_name=REGION)
    client.create_bucket(Bucket="work", CreateBucketConfiguration={"LocationConstraint": REGION})
    client.close()
    made = Bucket("work", REGION)
    yield made
    made.close()


@pytest.fixture(scope="module")
def store(access: Access) -> ApiServerStore:
    made = ApiServerStore(Api(OHIO, access), delete_seconds=30)
    made.create(namespace(AT), "tests")
    return made


@pytest.fixture
def cluster(access: Access) -> Generator[Cluster]:
    with opened(access) as made:
        yield made


def work_in(name: str) -> Work:
    place = Place(container=Container(namespace=AT, pod=name, name="main"))
    return Work(event="october", seat=7, workspace_id=name, build_number=1, place=place)


def test_work_moves_from_one_pod_to_another(
    store: ApiServerStore, access: Access, cluster: Cluster, bucket: Bucket
) -> None:
    for name in ("first", "second"):
        store.create(pod(name), "tests")
        eventually(lambda name=name: running(store, name, 1))
    fill = (
        f"mkdir src .ssh; echo code > src/a; echo key > .ssh/id; head -c {20 * MIB} /dev/urandom > data; sha256sum data"
    )
    digest = execute(access, AT, "first", "sh", "-c", fill).stdout
    receipt = save(cluster, bucket, work_in("first"), datetime.now(UTC))
    assert (receipt.result, receipt.reason, receipt.files, receipt.left_out) == (Result.SAVED, "", 2, (".ssh",))
    assert save(cluster, bucket, work_in("first"), datetime.now(UTC), previous=receipt) is receipt
    assert restore(cluster, bucket, receipt, work_in("second").place) == ()
    assert execute(access, AT, "second", "sha256sum", "data").stdout == digest
    for name in ("first", "second"):
        store.delete(POD, AT, name)


def test_a_pod_that_goes_in_the_middle_is_no_archive(store: ApiServerStore, access: Access, cluster: Cluster) -> None:
    store.create(pod("leaving"), "tests")
    eventually(lambda: running(store, "leaving", 1))
    came = threading.Event()
    container = Container(namespace=AT, pod="leaving", name="main")

    def take(_data: bytes) -> None:
        if not came.is_set():
            came.set()
            store.delete(POD, AT, "leaving")

    script = "exec 2>&1; while :; do head -c 100000 /dev/zero; sleep 0.05; done"
    try:
        code = cluster.run(container, ["sh", "-c", script], stdout=take, stderr=take)
    except ExecError:
        code = None
    assert code != 0


def test_who_may_not_is_told(access: Access) -> None:
    stranger = Access(server=access.server, authority=access.authority, token="nobody")
    with opened(stranger) as cluster, pytest.raises(ExecError, match="refused to run the command: 401 Unauthorized"):
        cluster.run(work_in("first").place.container, ["true"], stdout=print, stderr=print)
