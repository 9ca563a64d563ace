"""What a cluster store does, on folders of manifests and on real API servers alike."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.clusters.objects import CONFIG_MAP, CRON_JOB, DEPLOYMENT, config_map, cron_job, deployment, patch, release
from tests.policies.declared import node_pool
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.manifests.store import ClusterStore, ManifestStore

HELM = "terraform-provider-helm_v2.17.0_x5"
OURS = "ai-coder-workshop-replicas"


@pytest.fixture(params=["manifests", pytest.param("api server", marks=pytest.mark.clusters)])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> ClusterStore:
    if request.param == "manifests":
        return ManifestStore(tmp_path)
    return request.getfixturevalue("store")


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex[:10]}"


def found(cluster: ClusterStore, name: str) -> Manifest:
    present = cluster.get(DEPLOYMENT, "default", name)
    assert present is not None
    return present


def owners(manifest: Manifest) -> dict[str, str]:
    """By manager; the controllers' part, status and revision, left out: in folders there are none."""
    entries = ((entry["manager"], entry["operation"]) for entry in manifest["metadata"]["managedFields"])
    return {manager: operation for manager, operation in entries if manager != "kube-controller-manager"}


def written(manifest: Manifest) -> list[Json]:
    """What tells when it was written, and by whom; the controllers, who write its status, left out."""
    entries: list[Manifest] = manifest["metadata"]["managedFields"]
    return [
        manifest["metadata"]["generation"],
        *(entry for entry in entries if entry["manager"] != "kube-controller-manager"),
    ]


def test_what_is_created_is_there_and_its_creator_owns_it(cluster: ClusterStore, name: str) -> None:
    made = cluster.create(deployment(name), HELM)
    present = found(cluster, name)
    assert made["metadata"]["uid"] == present["metadata"]["uid"]
    assert present["spec"]["replicas"] == 6
    assert owners(present) == {HELM: "Update"}


def test_what_exists_is_not_created_again(cluster: ClusterStore, name: str) -> None:
    cluster.create(deployment(name), HELM)
    with pytest.raises(ClusterRefusal, match="already exists") as refused:
        cluster.create(deployment(name, replicas=1), "somebody")
    assert refused.value.reason == "AlreadyExists"
    assert found(cluster, name)["spec"]["replicas"] == 6


def test_what_is_not_there_reads_as_none_and_deletes_without_error(cluster: ClusterStore, name: str) -> None:
    assert cluster.get(DEPLOYMENT, "default", name) is None
    cluster.delete(DEPLOYMENT, "default", name)


def test_another_owner_is_named_in_a_conflict_and_nothing_changes(cluster: ClusterStore, name: str) -> None:
    cluster.create(deployment(name), HELM)
    with pytest.raises(ClusterRefusal) as refused:
        cluster.apply(patch(name, {"replicas": 12}), OURS, force=False)
    assert refused.value.reason == "Conflict"
    assert f'conflict with "{HELM}"' in str(refused.value)
    assert ".spec.replicas" in str(refused.value)
    assert found(cluster, name)["spec"]["replicas"] == 6


def test_force_takes_one_field_and_no_more(cluster: ClusterStore, name: str) -> None:
    cluster.create(deployment(name), HELM)
    cluster.apply(patch(name, {"replicas": 12}), OURS, force=True)
    present = found(cluster, name)
    assert present["spec"]["replicas"] == 12
    assert present["spec"]["template"]["spec"]["containers"][0]["image"] == "ghcr.io/coder/coder:v2.25.1"
    by_manager = {entry["manager"]: entry["fieldsV1"] for entry in present["metadata"]["managedFields"]}
    assert by_manager[OURS] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in by_manager[HELM]["f:spec"]


def test_the_same_value_is_owned_together(cluster: ClusterStore, name: str) -> None:
    cluster.create(deployment(name, replicas=12), HELM)
    cluster.apply(patch(name, {"replicas": 12}), OURS, force=False)
    assert owners(found(cluster, name)) == {HELM: "Update", OURS: "Apply"}


def test_a_field_that_nobody_owns_any_more_falls_back_to_the_default(cluster: ClusterStore, name: str) -> None:
    cluster.create(deployment(name), HELM)
    cluster.apply(patch(name, {"replicas": 12}), OURS, force=True)
    cluster.apply(release(patch(name, {})), OURS, force=False)
    present = found(cluster, name)
    assert present["spec"]["replicas"] == 1  # why replica patches are retained
    assert owners(present) == {HELM: "Update"}


def test_a_suspension_that_is_given_up_ends(cluster: ClusterStore, name: str) -> None:
    pod = {"containers": [{"name": "main", "image": "busybox"}], "restartPolicy": "Never"}
    cluster.create(cron_job(name, schedule="0 * * * *", jobTemplate={"spec": {"template": {"spec": pod}}}), "HashiCorp")
    cluster.apply(cron_job(name, suspend=True), "ai-coder-workshop-suspend", force=True)
    suspended = cluster.get(CRON_JOB, "default", name)
    cluster.apply(release(cron_job(name)), "ai-coder-workshop-suspend", force=False)
    resumed = cluster.get(CRON_JOB, "default", name)
    assert suspended is not None
    assert resumed is not None
    assert (suspended["spec"]["suspend"], resumed["spec"]["suspend"]) == (True, False)


def test_a_pool_that_is_released_is_open_again(cluster: ClusterStore, name: str) -> None:
    pool = {**node_pool().inputs, "metadata": {"name": name}}
    pool["spec"] = {key: value for key, value in pool["spec"].items() if key != "limits"}
    made = cluster.create(pool, "Terraform")
    closed = {key: pool[key] for key in ("apiVersion", "kind", "metadata")}
    shut = cluster.apply({**closed, "spec": {"limits": {"cpu": "0"}}}, "ai-coder-workshop-limits", force=True)
    opened = cluster.apply(closed, "ai-coder-workshop-limits", force=False)
    assert shut["spec"]["limits"] == {"cpu": "0"}
    assert opened["spec"] == made["spec"]


def test_containers_merge_by_name(cluster: ClusterStore, name: str) -> None:
    cluster.create(deployment(name), HELM)
    image = {"template": {"spec": {"containers": [{"name": "main", "image": "example/other:1"}]}}}
    cluster.apply(patch(name, image), OURS, force=True)
    (container,) = found(cluster, name)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "example/other:1"
    assert container["env"] == [{"name": "A", "value": "1"}]


def test_a_creator_applies_to_its_own_object_without_a_conflict(cluster: ClusterStore, name: str) -> None:
    cluster.create(config_map(name, a="1", b="1"), "pulumi-kubernetes")
    planned = cluster.apply(config_map(name, a="2"), "pulumi-kubernetes", force=False, is_dry_run=True)
    cluster.apply(config_map(name, a="2"), "pulumi-kubernetes", force=False)
    present = cluster.get(CONFIG_MAP, "default", name)
    assert present is not None
    assert planned["data"]["a"] == present["data"]["a"] == "2"
    assert present["data"] == {"a": "2"}
    assert owners(present) == {"pulumi-kubernetes": "Apply"}


def test_a_dry_run_changes_nothing(cluster: ClusterStore, name: str) -> None:
    assert cluster.create(deployment(name), HELM, is_dry_run=True)["spec"]["replicas"] == 6
    assert cluster.get(DEPLOYMENT, "default", name) is None
    cluster.create(deployment(name), HELM)
    applied = cluster.apply(patch(name, {"replicas": 12}), OURS, force=True, is_dry_run=True)
    assert applied["spec"]["replicas"] == 12
    assert found(cluster, name)["spec"]["replicas"] == 6


def test_applying_the_same_again_changes_nothing(cluster: ClusterStore, name: str) -> None:
    cluster.create(deployment(name), HELM)
    first = cluster.apply(patch(name, {"replicas": 12}), OURS, force=True)
    again = cluster.apply(patch(name, {"replicas": 12}), OURS, force=True)
    assert written(first) == written(again)


def test_what_is_deleted_is_gone_when_delete_returns(cluster: ClusterStore, name: str) -> None:
    cluster.create(deployment(name), HELM)
    cluster.delete(DEPLOYMENT, "default", name)
    assert cluster.get(DEPLOYMENT, "default", name) is None


def test_lists_are_of_one_namespace_or_all(cluster: ClusterStore, name: str) -> None:
    cluster.create(config_map(name), HELM)
    cluster.create(config_map(name, at="kube-system"), HELM)
    in_default = [item["metadata"]["name"] for item in cluster.list(CONFIG_MAP, "default")]
    everywhere = [item["metadata"]["name"] for item in cluster.list(CONFIG_MAP)]
    assert (in_default.count(name), everywhere.count(name)) == (1, 2)
