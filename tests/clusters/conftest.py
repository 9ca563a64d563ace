from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.clusters.nodes import EVENT, NODE, POD
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.sandbox.clusters import lifecycle
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.paths import SandboxPaths


@pytest.fixture(scope="session")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    """Three API servers with the platform as it stands; each test uses names of its own."""
    paths = sandbox_paths(tmp_path_factory.mktemp("clusters"))
    with environment_of(paths):
        try:
            lifecycle.start(paths)
            yield paths
        finally:
            lifecycle.stop(paths)


@pytest.fixture(scope="session")
def ohio(clusters: SandboxPaths) -> Api:
    """The control plane's cluster."""
    return Api("coder-ohio", api_servers(clusters)["coder-ohio"])


@pytest.fixture(scope="session")
def store(ohio: Api) -> ApiServerStore:
    return ApiServerStore(ohio, delete_seconds=10)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure says what was in the clusters: CI shows nothing else of them."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        paths = item.funcargs.get("paths") or item.funcargs.get("clusters")
        if isinstance(paths, SandboxPaths):
            report.sections.append(("clusters", "\n".join(_seen(paths))))
    return report


def _seen(paths: SandboxPaths) -> Iterator[str]:
    """Of each cluster that answers: its nodes, pods that don't run, and the last events."""
    for name, access in api_servers(paths).items():
        store = ApiServerStore(Api(name, access, timeout_seconds=5))
        try:
            yield f"{name}: nodes {[node['metadata']['name'] for node in store.list(NODE)]}"
            for pod in store.list(POD):
                if pod["status"].get("phase") not in {"Running", "Succeeded"}:
                    reasons = [one.get("message") for one in pod["status"].get("conditions", ())]
                    yield f"  pod {pod['metadata']['name']} on {pod['spec'].get('nodeName')}: {reasons}"
            events = sorted(store.list(EVENT), key=lambda event: event["metadata"]["creationTimestamp"])
            for event in events[-15:]:
                about = f"{event['involvedObject']['kind']} {event['involvedObject'].get('name')}"
                yield f"  {event['metadata']['creationTimestamp']} {about}: {event['reason']}: {event.get('message')}"
        except Exception as error:  # noqa: BLE001 -- what failed before counts
            yield f"{name}: not to be seen: {error!r}"
