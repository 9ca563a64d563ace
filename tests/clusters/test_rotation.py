"""Rotation on three real API servers: our Jobs and the switch under their own accounts, judged by RBAC."""

from __future__ import annotations

import ssl
from collections.abc import Generator, Mapping

import httpx
import pytest

from tests.end_to_end.rotation import LONG_AGO, ended_well, fire_switch, is_alive, keys, limits, set_window, suspended
from tests.end_to_end.sandbox import Ran, workshop
from tests.end_to_end.test_rotation import OVER, SOON
from workshop.sandbox.clusters.api import Access, Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.paths import SandboxPaths

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

APPLY = {"Content-Type": "application/apply-patch+yaml"}


@pytest.fixture(scope="module")
def sandbox(clusters: SandboxPaths) -> Generator[SandboxPaths]:
    ensure_running(clusters)
    try:
        yield clusters
    finally:
        set_window(clusters, starts_in=None)
        workshop(
            clusters, "up", "--users", "9"
        )  # a release leaves pods as they are, and other tests find these clusters
        workshop(clusters, "destroy")
        stop(clusters)


@pytest.fixture(scope="module")
def stores(sandbox: SandboxPaths) -> Mapping[str, ClusterStore]:
    return {name: ApiServerStore(Api(name, access)) for name, access in api_servers(sandbox).items()}


@pytest.fixture(scope="module")
def held(sandbox: SandboxPaths) -> Ran:
    set_window(sandbox, starts_in=None)
    assert workshop(sandbox, "up").exit_code == 0
    set_window(sandbox, starts_in=SOON)
    return workshop(sandbox, "up")


def status(access: Access, account: str, method: str, path: str, body: object = None) -> int:
    """What the API server answers to one of our accounts."""
    sandbox = Api("coder-ohio", access)
    request: Manifest = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    place = f"/api/v1/namespaces/ai-coder-workshop/serviceaccounts/{account}/token"
    token = sandbox.request("POST", place, request)["status"]["token"]
    context = ssl.create_default_context(cadata=access.authority)
    with httpx.Client(base_url=access.server, verify=context, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {token}", **(APPLY if method == "PATCH" else {})}
        parameters = {"fieldManager": "test"} if method == "PATCH" else {}
        return client.request(method, path, json=body, headers=headers, params=parameters).status_code


def test_nine_secrets_hold_one_key_and_ten_cron_jobs_are_suspended(
    held: Ran, stores: Mapping[str, ClusterStore]
) -> None:
    assert held.exit_code == 0, held.document["error"]
    assert len(keys(stores)) == 9
    assert len(set(keys(stores))) == 1
    assert list(suspended(stores).values()) == [True] * 10


def test_our_accounts_may_do_no_more_than_they_need(held: Ran, sandbox: SandboxPaths) -> None:
    assert held.exit_code == 0, held.document["error"]
    ohio = api_servers(sandbox)["coder-ohio"]
    metadata = {"name": "coder", "namespace": "coder"}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    secret = "/api/v1/namespaces/coder-ws/secrets/litellm"

    assert status(ohio, "rotation-switch", "GET", secret) == 403
    assert status(ohio, "rotation-switch", "GET", "/apis/batch/v1/namespaces/coder-ws/cronjobs") == 403
    assert (
        status(ohio, "rotation-switch", "PATCH", "/apis/apps/v1/namespaces/coder/deployments/coder", deployment) == 403
    )
    assert status(ohio, "key-copy", "GET", secret) == 200
    assert status(ohio, "key-copy", "GET", "/api/v1/namespaces/litellm/secrets/litellm.env") == 403
    assert status(ohio, "key-copy", "GET", "/api/v1/namespaces/coder-ws/secrets") == 403


def test_the_switch_waits_and_then_resumes_under_its_own_account(
    held: Ran, sandbox: SandboxPaths, stores: Mapping[str, ClusterStore]
) -> None:
    assert held.exit_code == 0, held.document["error"]
    for context, store in stores.items():
        assert ended_well(fire_switch(sandbox, context, store))
    assert list(suspended(stores).values()) == [True] * 10
    assert limits(stores) == [{"cpu": "0"}] * 3

    for context, store in stores.items():
        assert ended_well(fire_switch(sandbox, context, store, LONG_AGO))
    assert not any(suspended(stores).values())
    assert limits(stores) == [None] * 3


def test_a_release_in_the_window_resumes_rotation_and_opens_the_old_pool(
    held: Ran, sandbox: SandboxPaths, stores: Mapping[str, ClusterStore]
) -> None:
    assert held.exit_code == 0, held.document["error"]
    again = workshop(sandbox, "up")
    assert again.exit_code == 0, again.document["error"]
    assert list(suspended(stores).values()) == [True] * 10
    assert limits(stores) == [{"cpu": "0"}] * 3

    released = workshop(sandbox, "destroy")
    assert released.exit_code == 0, released.document["error"]
    assert not any(suspended(stores).values())
    assert limits(stores) == [None] * 3


def test_the_next_workshops_rotation_is_checked_and_its_key_revoked(
    held: Ran, sandbox: SandboxPaths, stores: Mapping[str, ClusterStore]
) -> None:
    """Under the accounts' own rights, which admission bounds, as it did before all of it was destroyed."""
    assert held.exit_code == 0, held.document["error"]
    workshop(sandbox, "destroy")
    again = workshop(sandbox, "up")
    assert again.exit_code == 0, again.document["error"]
    (key,) = set(keys(stores))

    set_window(sandbox, starts_in=OVER)
    after = workshop(sandbox, "up")
    assert after.exit_code == 0, after.document["error"]
    assert not any(suspended(stores).values())
    assert key not in keys(stores)
    assert is_alive(sandbox, keys(stores)[0])
    assert not is_alive(sandbox, key)
