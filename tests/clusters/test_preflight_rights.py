"""The rights that docs/preflight.md names are enough for preflight, and for nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from lightkube import ApiError

from tests.clusters.objects import namespace
from workshop.observe.live_cluster import LiveCluster
from workshop.observe.look_up import NotFound
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.paths import CHECKOUT, SandboxPaths

pytestmark = pytest.mark.clusters

SPACE = "preflight-rights"
CODER = "coder"
"""The namespace of the server's Deployment, as it is seeded."""


def documented() -> list[Manifest]:
    """The roles, as somebody would copy them."""
    text = (CHECKOUT / "docs" / "preflight.md").read_text("utf-8")
    (block,) = re.findall(r"\n\n((?:    .*\n)*    kind: ClusterRole\n(?:    .*\n)*)", text)
    return list(yaml.safe_load_all(re.sub("^    ", "", block, flags=re.MULTILINE)))


@pytest.fixture(scope="module")
def reader(clusters: SandboxPaths, ohio: Api, store: ApiServerStore, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A kubeconfig of a ServiceAccount that has these rights."""
    store.create(namespace(SPACE), "test")
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "preflight", "namespace": SPACE}}
    store.create(account, "test")
    everywhere, in_namespaces = documented()
    subjects = [{"kind": "ServiceAccount", "name": "preflight", "namespace": SPACE}]
    for role in (everywhere, in_namespaces):
        store.create(role, "test")
    group = "rbac.authorization.k8s.io"
    for kind, role, metadata in (
        ("ClusterRoleBinding", everywhere, {"name": "workshop-preflight"}),
        ("RoleBinding", in_namespaces, {"name": "workshop-preflight", "namespace": CODER}),
    ):
        reference = {"apiGroup": group, "kind": "ClusterRole", "name": role["metadata"]["name"]}
        binding = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata}
        store.create({**binding, "roleRef": reference, "subjects": subjects}, "test")
    request: Manifest = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = ohio.request("POST", f"/api/v1/namespaces/{SPACE}/serviceaccounts/preflight/token", request)
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "ohio", "cluster": api_servers(clusters)["coder-ohio"].cluster}],
        "users": [{"name": "preflight", "user": {"token": answer["status"]["token"]}}],
        "contexts": [{"name": "ohio", "context": {"cluster": "ohio", "user": "preflight"}}],
    }
    file: Path = tmp_path_factory.mktemp("reader") / "kubeconfig"
    write_whole(file, yaml.safe_dump(config), mode=0o600)
    return str(file)


def test_they_are_enough(reader: str) -> None:
    with LiveCluster(reader, "ohio") as cluster:
        assert cluster.uid()
        assert cluster.live_nodes("coder-ws-all")
        cluster.pods_of(CODER, "coder")
        assert cluster.pool_of_workspace("none") == ""
        assert cluster.workspace_pods("coder-ws-all") == ()
        assert {pool.name for pool in cluster.other_pools(["coder-ws-all"])} >= {"coder-server", "coder-provisioner"}
        assert cluster.vcpu_of_pool("coder-ws-all") >= 0
        for absent in (cluster.karpenter_state, cluster.vcpu_of_pool):
            with pytest.raises(NotFound) as absence:
                absent("none-of-this-name")
            assert "coder-ws-all" in absence.value.known


def test_they_are_no_more_than_that(clusters: SandboxPaths, reader: str) -> None:
    config = yaml.safe_load(Path(reader).read_text("utf-8"))
    access = api_servers(clusters)["coder-ohio"]
    token = config["users"][0]["user"]["token"]
    api = Api("ohio", type(access)(server=access.server, authority=access.authority, token=token))
    for path in (
        "/api/v1/namespaces/coder-ws/secrets",
        "/apis/apps/v1/namespaces/kube-system/deployments",
        "/api/v1/namespaces/coder-ws/configmaps",
        "/api/v1/namespaces",
    ):
        with pytest.raises(Exception, match="forbidden"):
            api.request("GET", path)
    with pytest.raises(Exception, match="forbidden"):
        api.request("DELETE", "/apis/apps/v1/namespaces/coder/deployments/coder")


def test_a_refusal_is_told_with_its_reason(reader: str) -> None:
    with LiveCluster(reader, "ohio") as cluster, pytest.raises(ApiError, match="forbidden"):
        cluster.pods_of("litellm", "litellm")
