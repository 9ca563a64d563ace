from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.manifests.kinds import KINDS, kind_of
from workshop.sandbox.manifests.merging import managers_of
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.systems import (
    IMAGE_DIGEST,
    aws_requests,
    platform_settings,
    seed_cloudflare,
    seed_clusters,
    write_kubeconfig,
)

CONTEXTS = ("coder-ohio", "coder-oregon", "coder-london")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> SandboxPaths:
    paths = sandbox_paths(tmp_path_factory.mktemp("seeded"))
    settings = platform_settings(paths)
    seed_clusters(paths, settings)
    seed_cloudflare(paths, settings)
    write_kubeconfig(paths)
    return paths


def deployments(paths: SandboxPaths, context: str) -> dict[str, tuple[int, str]]:
    """namespace/name -> replicas and container."""
    return {
        f"{m['metadata']['namespace']}/{m['metadata']['name']}": (
            m["spec"]["replicas"],
            m["spec"]["template"]["spec"]["containers"][0]["name"],
        )
        for m in ManifestStore(paths.clusters / context).list(kind_of("apps/v1", "Deployment"))
    }


def test_the_clusters_run_what_the_public_repository_says(seeded: SandboxPaths) -> None:
    provisioners = {
        "coder-ws/coder-provisioner": (6, "coder-provisioner"),
        "coder-ws-experiment/coder-provisioner": (2, "coder-provisioner"),
        "coder-ws-demo/coder-provisioner": (2, "coder-provisioner"),
    }
    control_plane = {"coder/coder": (2, "coder"), "litellm/litellm": (4, "litellm")}
    assert deployments(seeded, "coder-ohio") == {**provisioners, **control_plane}
    for context in CONTEXTS[1:]:
        assert deployments(seeded, context) == {**provisioners, "coder-proxy/coder": (2, "coder")}


def test_ten_cron_jobs_rotate_the_key_and_one_of_them_makes_it(seeded: SandboxPaths) -> None:
    jobs = [
        job
        for context in CONTEXTS
        for job in ManifestStore(seeded.clusters / context).list(kind_of("batch/v1", "CronJob"))
    ]
    assert {job["metadata"]["name"] for job in jobs} == {"rotate-key"}
    schedules = [job["spec"]["schedule"] for job in jobs]
    assert (schedules.count("*/5 * * * *"), schedules.count("0 */4 * * *")) == (1, 9)


def test_the_clusters_are_those_of_the_settings(seeded: SandboxPaths) -> None:
    for region in platform_settings(seeded).regions:
        store = ManifestStore(seeded.clusters / str(region.cluster.context))
        found = store.get(kind_of("v1", "Namespace"), None, "kube-system")
        assert found
        assert found["metadata"]["uid"] == region.cluster.uid


def test_helm_owns_replicas_and_image(seeded: SandboxPaths) -> None:
    found = ManifestStore(seeded.clusters / "coder-ohio").get(kind_of("apps/v1", "Deployment"), "coder", "coder")
    assert found
    image = ("f:spec", "f:template", "f:spec", "f:containers", 'k:{"name":"coder"}', "f:image")
    assert {("f:spec", "f:replicas"), image} <= managers_of(found)["terraform-provider-helm_v2.17.0_x5"]
    assert found["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"


def test_node_classes_have_the_mistakes_of_the_real_ones(seeded: SandboxPaths) -> None:
    store = ManifestStore(seeded.clusters / "coder-ohio")
    node_class = store.get(kind_of("karpenter.k8s.aws/v1", "EC2NodeClass"), None, "coder-ws-class")
    pool = store.get(kind_of("karpenter.sh/v1", "NodePool"), None, "coder-ws-all")
    assert node_class
    assert pool
    sizes = {d["deviceName"]: d["ebs"]["volumeSize"] for d in node_class["spec"]["blockDeviceMappings"]}
    assert sizes == {"/dev/xvda": "1400Gi", "/dev/xvdb": "50Gi"}
    assert pool["spec"]["template"]["spec"]["requirements"][1]["key"] == "kubernetes.sh/capacity-type"


def test_every_seeded_object_is_of_a_kind_that_the_clusters_serve(seeded: SandboxPaths) -> None:
    known = {item.folder for item in KINDS}
    for context in CONTEXTS:
        folders = {path.name for path in (seeded.clusters / context).iterdir() if path.is_dir()}
        assert folders
        assert folders <= known


def test_seeding_again_leaves_everything_as_it_is(seeded: SandboxPaths) -> None:
    def contents() -> dict[Path, str]:
        return {path: path.read_text() for path in seeded.folder.rglob("*") if path.is_file()}

    before = contents()
    settings = platform_settings(seeded)
    seed_clusters(seeded, settings)
    seed_cloudflare(seeded, settings)
    assert contents() == before


def test_the_zone_has_neighbours_and_none_of_our_hosts(seeded: SandboxPaths) -> None:
    settings = platform_settings(seeded)
    contents = json.loads(seeded.cloudflare_file.read_text())
    zone, *further = contents["zones"]
    assert (zone["id"], zone["name"]) == (settings.zone.id, settings.zone.name)
    assert {one["name"]: one["id"] for one in further} == settings.zones
    names = {record["name"] for record in contents["records"][zone["id"]].values()}
    assert "_acme-challenge.ai.coder.com" in names
    ours = {host for region in settings.regions for host in (region.domain, f"*.{region.domain}")}
    assert not names & ours


def test_the_kubeconfig_reaches_each_cluster_on_loopback(seeded: SandboxPaths) -> None:
    kubeconfig = yaml.safe_load(seeded.kubeconfig.read_text())
    assert {c["name"]: c["cluster"]["server"] for c in kubeconfig["clusters"]} == {
        context: f"http://127.0.0.1:{seeded.port}/clusters/{context}" for context in CONTEXTS
    }


def test_the_image_that_is_seeded_is_the_one_that_the_settings_pin(seeded: SandboxPaths) -> None:
    settings = platform_settings(seeded)
    assert settings.image.digest == IMAGE_DIGEST
    pushed = {request.region for request in aws_requests(settings) if request.action == "PutImage"}
    assert pushed == {region.name for region in settings.regions}
