from __future__ import annotations

from collections.abc import Generator

import httpx
import pytest
from lightkube import ApiError, Client, KubeConfig, generic_resource
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import CronJob
from lightkube.resources.core_v1 import Namespace, Node, Pod

from tests.sandbox.servers_for_tests import bearer
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import KINDS
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import folder_token
from workshop.sandbox.servers.kubernetes.selectors import SelectorError, field_selector, label_selector

untyped: Json = generic_resource
NODE_POOL: Json = untyped.create_global_resource("karpenter.sh", "v1", "NodePool", "nodepools")


@pytest.fixture
def cluster(sandbox: SandboxPaths) -> Generator[Json]:
    """The control plane's cluster, as anything that has the kubeconfig reaches it."""
    kubeconfig = KubeConfig.from_file(sandbox.kubeconfig)
    client = Client(config=kubeconfig.get(context_name="coder-ohio"), trust_env=False)
    yield client
    client.close()


@pytest.fixture
def api(sandbox: SandboxPaths) -> Generator[httpx.Client]:
    with httpx.Client(
        base_url=sandbox.cluster_endpoint("coder-ohio"), headers=bearer(sandbox), trust_env=False
    ) as client:
        yield client


def status_of(error: ApiError) -> tuple[int | None, str | None]:
    return error.status.code, error.status.reason


def test_objects_are_got_by_name(cluster: Json) -> None:
    found = cluster.get(Deployment, "coder", namespace="coder")
    assert found.spec
    assert found.spec.replicas == 2
    assert found.status
    assert found.status.readyReplicas == 2
    assert cluster.get(Namespace, "kube-system").metadata
    assert cluster.get(NODE_POOL, "coder-ws-all")["spec"]["disruption"]["consolidateAfter"] == "30m"


def test_objects_are_listed_in_one_namespace_or_in_all(cluster: Json) -> None:
    def names(namespace: str) -> list[str]:
        found = cluster.list(CronJob, namespace=namespace)
        return [f"{job.metadata.namespace}/{job.metadata.name}" for job in found if job.metadata]

    assert names("coder-ws") == ["coder-ws/rotate-key"]
    assert len(names("*")) == 4
    assert list(cluster.list(Pod, namespace="kube-system")) == []


def test_deployments_have_their_pods(cluster: Json) -> None:
    labels = {"app.kubernetes.io/name": "coder-provisioner"}
    pods = [pod.to_dict() for pod in cluster.list(Pod, namespace="coder-ws", labels=labels)]
    assert [pod["metadata"]["name"] for pod in pods] == [f"coder-provisioner-{number}" for number in range(6)]
    assert {pod["status"]["phase"] for pod in pods} == {"Running"}
    assert {pod["status"]["containerStatuses"][0]["imageID"] for pod in pods} == {"ghcr.io/coder/coder:v2.25.1"}


def test_lists_are_narrowed_by_labels_and_fields(cluster: Json) -> None:
    nodes = [node.metadata.name for node in cluster.list(Node, labels={"karpenter.sh/nodepool": "coder-ws-all"})]
    assert nodes == ["ip-10-0-4-10.us-east-2.compute.internal"]
    named = cluster.list(Namespace, fields={"metadata.name": "coder"})
    assert [found.metadata.name for found in named] == ["coder"]


def test_what_is_not_there_is_a_status_not_found(cluster: Json, api: httpx.Client) -> None:
    with pytest.raises(ApiError, match=r'deployments\.apps "codr" not found') as error:
        cluster.get(Deployment, "codr", namespace="coder")
    assert status_of(error.value) == (404, "NotFound")
    for path in ("/apis/example.com/v1/widgets", "/apis/apps/v1/deployments/coder", "/api/v1/namespaces/coder/nodes"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["kind"], answer.json()["reason"]) == (404, "Status", "NotFound")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_written_over_http(api: httpx.Client, sandbox: SandboxPaths, method: str) -> None:
    manifest = sandbox.clusters / "coder-ohio" / "deployments.apps" / "coder" / "coder.yaml"
    before = manifest.read_text()
    answer = api.request(method, "/apis/apps/v1/namespaces/coder/deployments/coder", json={"spec": {"replicas": 0}})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert answer.json()["reason"] == "MethodNotAllowed"
    assert "workshop up" in answer.json()["message"]
    assert manifest.read_text() == before


def test_a_job_scales_what_has_replicas_and_changes_nothing_else(sandbox: SandboxPaths) -> None:
    apps = "/apis/apps/v1/namespaces/coder/deployments/coder"
    with httpx.Client(
        base_url=sandbox.cluster_endpoint("coder-ohio"),
        headers={"Authorization": f"Bearer {folder_token(sandbox)}"},
        trust_env=False,
    ) as job:
        before = job.get(f"{apps}/scale").json()
        change = {"kind": "Secret", "metadata": {"name": "other"}, "spec": {"replicas": 5, "paused": True}}
        scaled = job.patch(f"{apps}/scale", json=change, params={"fieldManager": "warm"}).json()
        assert scaled["spec"] == {**before["spec"], "replicas": 5}
        assert scaled["kind"] == "Deployment"
        refused: tuple[Json, ...] = ({"spec": {"replicas": -1}}, {"spec": {}}, {"spec": {"replicas": "5"}}, [])
        for wrong in refused:
            assert job.patch(f"{apps}/scale", json=wrong).status_code == 422
        assert job.patch("/api/v1/nodes/ip-10-0-0-10/scale", json=change).status_code == 404
        assert job.patch(f"{apps}x/scale", json=change).status_code == 404
        job.patch(f"{apps}/scale", json={"spec": {"replicas": before["spec"]["replicas"]}})


def test_a_change_to_a_manifest_is_seen_at_once(cluster: Json, sandbox: SandboxPaths) -> None:
    manifest = sandbox.clusters / "coder-ohio" / "deployments.apps" / "litellm" / "litellm.yaml"
    before = manifest.read_text()
    manifest.write_text(before.replace("replicas: 4", "replicas: 7"))
    found = cluster.get(Deployment, "litellm", namespace="litellm")
    manifest.write_text(before)
    assert found.spec
    assert found.spec.replicas == 7


def test_discovery_lists_every_kind_where_it_is(api: httpx.Client) -> None:
    groups = {group["name"] for group in api.get("/apis").json()["groups"]}
    assert groups == {kind.group for kind in KINDS if kind.group}
    assert api.get("/api").json()["versions"] == ["v1"]
    assert api.get("/version").json()["gitVersion"].startswith("v1.")
    for kind in KINDS:
        prefix = "/apis" if kind.group else "/api"
        resources = {r["name"]: r for r in api.get(f"{prefix}/{kind.api_version}").json()["resources"]}
        assert resources[kind.resource]["kind"] == kind.name
        assert resources[kind.resource]["namespaced"] is kind.is_namespaced
        assert api.get(f"{prefix}/{kind.api_version}/{kind.resource}").status_code == 200


def test_a_cluster_that_is_not_there_is_named_with_those_that_are(sandbox: SandboxPaths) -> None:
    answer = httpx.get(f"{sandbox.cluster_endpoint('coder-paris')}/version", headers=bearer(sandbox), trust_env=False)
    assert answer.status_code == 404
    assert "only coder-london, coder-ohio, coder-oregon" in answer.json()["message"]


@pytest.mark.parametrize("context", ["..", "%2e%2e", ".coder-ohio", "coder-ohio%2f..%2f.."])
def test_a_context_never_leaves_the_folder(sandbox: SandboxPaths, context: str) -> None:
    answer = httpx.get(f"{sandbox.aws_endpoint}/clusters/{context}/version", headers=bearer(sandbox), trust_env=False)
    assert answer.status_code >= 400


def test_watching_is_refused(api: httpx.Client) -> None:
    assert api.get("/api/v1/namespaces", params={"watch": "true"}).status_code == 405


LABELS = {"app": "coder", "tier": "web"}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("", True),
        ("app=coder", True),
        ("app==coder,tier=web", True),
        ("app=coder,tier=db", False),
        ("app!=coder", False),
        ("other!=x", True),
        ("app in (coder, litellm)", True),
        ("app notin (coder)", False),
        ("other notin (x)", True),
        ("app", True),
        ("!app", False),
        ("!other", True),
        ("tier in (db,web),app", True),
    ],
)
def test_label_selectors(selector: str, expected: bool) -> None:
    assert label_selector(selector)({"metadata": {"labels": LABELS}}) is expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [("metadata.name=a", True), ("metadata.name!=a", False), ("spec.nodeName=", True), ("spec.nodeName=n", False)],
)
def test_field_selectors(selector: str, expected: bool) -> None:
    assert field_selector(selector)({"metadata": {"name": "a"}}) is expected


def test_a_selector_that_is_none_is_refused(api: httpx.Client) -> None:
    with pytest.raises(SelectorError):
        label_selector("a in b")
    assert api.get("/api/v1/namespaces", params={"labelSelector": "a in b"}).json()["reason"] == "BadRequest"
