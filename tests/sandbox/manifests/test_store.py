from __future__ import annotations

from pathlib import Path

import pytest

from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests import merging
from workshop.sandbox.manifests.field_ownership import field_paths, from_fields_v1, readable, to_fields_v1
from workshop.sandbox.manifests.kinds import KINDS, kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, managers_of
from workshop.sandbox.manifests.store import ManifestStore

DEPLOYMENT = kind_of("apps/v1", "Deployment")
CRON_JOB = kind_of("batch/v1", "CronJob")
NAMESPACE = kind_of("v1", "Namespace")


def deployment(**spec: Json) -> Json:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        **named("coder"),
        **({"spec": spec} if spec else {}),
    }


def named(name: str, namespace: str = "coder") -> Json:
    return {"metadata": {"name": name, "namespace": namespace}}


def containers(*pairs: tuple[str, str]) -> Json:
    return {"spec": {"containers": [{"name": name, "image": image} for name, image in pairs]}}


@pytest.fixture
def store(tmp_path: Path) -> ManifestStore:
    """A cluster with one Deployment that Helm made."""
    store = ManifestStore(tmp_path / "coder-ohio")
    store.create(deployment(replicas=2, template=containers(("coder", "old"), ("sidecar", "s"))), "helm")
    return store


def present(store: ManifestStore) -> Json:
    assert DEPLOYMENT
    found = store.get(DEPLOYMENT, "coder", "coder")
    assert found
    return found


def test_a_patch_without_force_conflicts_with_the_owner_and_changes_nothing(store: ManifestStore) -> None:
    before = present(store)
    with pytest.raises(ClusterRefusal) as refusal:
        store.apply(deployment(replicas=12), "ours", force=False)
    assert refusal.value.reason == "Conflict"
    assert str(refusal.value) == 'Apply failed with 1 conflict: conflict with "helm" using apps/v1: .spec.replicas'
    assert present(store) == before


def test_a_conflict_in_a_container_is_named_by_its_name(store: ManifestStore) -> None:
    with pytest.raises(ClusterRefusal, match=r'\.spec\.template\.spec\.containers\[name="coder"\]\.image$'):
        store.apply(deployment(template=containers(("coder", "new"))), "ours", force=False)


def test_the_same_value_is_owned_together(store: ManifestStore) -> None:
    store.apply(deployment(replicas=2), "ours", force=False)
    assert {owner for owner, fields in managers_of(present(store)).items() if ("f:spec", "f:replicas") in fields} == {
        "helm",
        "ours",
    }


def test_force_takes_the_one_field_from_its_owner(store: ManifestStore) -> None:
    store.apply(deployment(replicas=12), "ours", force=True)
    found = present(store)
    assert found["spec"]["replicas"] == 12
    assert managers_of(found)["ours"] == {("f:spec", "f:replicas")}
    assert ("f:spec", "f:replicas") not in managers_of(found)["helm"]
    assert [c["image"] for c in found["spec"]["template"]["spec"]["containers"]] == ["old", "s"]
    assert found["status"]["readyReplicas"] == 12


def test_an_image_is_set_in_its_container_alone(store: ManifestStore) -> None:
    store.apply(deployment(template=containers(("coder", "new"))), "ours", force=True)
    assert [(c["name"], c["image"]) for c in present(store)["spec"]["template"]["spec"]["containers"]] == [
        ("coder", "new"),
        ("sidecar", "s"),
    ]


def test_a_wrong_container_name_adds_a_container_as_the_real_api_does(store: ManifestStore) -> None:
    store.apply(deployment(template=containers(("codr", "new"))), "ours", force=True)
    names = [c["name"] for c in present(store)["spec"]["template"]["spec"]["containers"]]
    assert names == ["coder", "sidecar", "codr"]


def test_two_patches_of_one_object_keep_out_of_each_others_way(store: ManifestStore) -> None:
    store.apply(deployment(replicas=12), "ours-replicas", force=True)
    store.apply(deployment(template=containers(("coder", "new"))), "ours-image", force=True)
    store.apply(deployment(replicas=15), "ours-replicas", force=True)
    found = present(store)
    assert found["spec"]["replicas"] == 15
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "new"


def test_a_field_that_nobody_owns_any_more_falls_back_to_the_default(store: ManifestStore) -> None:
    store.apply(deployment(replicas=12), "ours", force=True)
    store.apply(deployment(), "ours", force=True)
    assert present(store)["spec"]["replicas"] == 1
    assert "ours" not in managers_of(present(store))


def test_a_suspension_given_up_resumes_the_cron_job(tmp_path: Path) -> None:
    assert CRON_JOB
    store = ManifestStore(tmp_path)
    job = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "rotate-key", "namespace": "coder-ws"}}
    store.create({**job, "spec": {"schedule": "0 */4 * * *"}}, "Terraform")
    store.apply({**job, "spec": {"suspend": True}}, "ours", force=True)
    store.apply(job, "ours", force=True)
    found = store.get(CRON_JOB, "coder-ws", "rotate-key")
    assert found
    assert found["spec"] == {"schedule": "0 */4 * * *", "suspend": False}


def test_applying_again_changes_nothing(store: ManifestStore) -> None:
    store.apply(deployment(replicas=12), "ours", force=True)
    before = present(store)
    store.apply(deployment(replicas=12), "ours", force=True)
    assert present(store) == before


def test_a_change_counts_up_version_and_generation(store: ManifestStore) -> None:
    before = present(store)["metadata"]
    store.apply(deployment(replicas=12), "ours", force=True)
    after = present(store)["metadata"]
    assert int(after["resourceVersion"]) > int(before["resourceVersion"])
    assert after["generation"] == before["generation"] + 1
    assert after["uid"] == before["uid"]


def test_a_dry_run_answers_and_changes_nothing(store: ManifestStore) -> None:
    before = present(store)
    assert store.apply(deployment(replicas=12), "ours", force=True, is_dry_run=True)["spec"]["replicas"] == 12
    assert present(store) == before


def test_what_exists_can_not_be_created(store: ManifestStore) -> None:
    with pytest.raises(ClusterRefusal, match=r'^deployments\.apps "coder" already exists$') as refusal:
        store.create(deployment(replicas=1), "ours")
    assert refusal.value.reason == "AlreadyExists"
    assert present(store)["spec"]["replicas"] == 2


def test_a_cluster_is_filled_as_if_its_objects_were_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_now", lambda: "2026-11-28T20:00:00Z")
    owned = [("helm", deployment(replicas=2)), ("Terraform", {**deployment(replicas=1), **named("another")})]
    filled, created = ManifestStore(tmp_path / "filled"), ManifestStore(tmp_path / "created")
    filled.fill(owned)
    for manager, manifest in owned:
        created.create(manifest, manager)
    for store in (filled, created):
        store.create({**deployment(replicas=1), **named("later")}, "helm")
    assert DEPLOYMENT
    found, wanted = filled.list(DEPLOYMENT), created.list(DEPLOYMENT)
    assert [m["metadata"]["resourceVersion"] for m in wanted] == ["2", "1", "3"]
    for manifest in (*found, *wanted):
        del manifest["metadata"]["uid"]
    assert found == wanted


def test_a_cluster_that_is_filled_has_each_object_once(tmp_path: Path) -> None:
    with pytest.raises(ClusterRefusal, match=r"coder\.yaml: can't be written: File exists$"):
        ManifestStore(tmp_path).fill([("helm", deployment(replicas=2)), ("Terraform", deployment(replicas=1))])


def test_a_kind_that_the_clusters_lack_is_refused(store: ManifestStore) -> None:
    with pytest.raises(ClusterRefusal, match=r'no matches for kind "Nodepool" in "karpenter\.sh/v1"'):
        store.create({"apiVersion": "karpenter.sh/v1", "kind": "Nodepool", "metadata": {"name": "a"}}, "ours")


@pytest.mark.parametrize("name", ["../coder", "a/b", ".hidden", "..", ".", "a\\b", "%2e%2e", "a%2fb", "a\0", ""])
def test_a_name_never_leaves_the_folder(store: ManifestStore, name: str) -> None:
    assert DEPLOYMENT
    with pytest.raises(ClusterRefusal, match="is not a name"):
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, "ours")
    with pytest.raises(ClusterRefusal, match="is not a name"):
        store.get(DEPLOYMENT, "coder", name)
    if name:  # none is "default"
        with pytest.raises(ClusterRefusal, match="is not a name"):
            store.create({**deployment(replicas=1), **named("a", name)}, "helm")
        assert store.list(DEPLOYMENT, name) == []


def test_deleting_is_idempotent(store: ManifestStore) -> None:
    assert DEPLOYMENT
    for _ in range(2):
        store.delete(DEPLOYMENT, "coder", "coder")
    assert store.get(DEPLOYMENT, "coder", "coder") is None
    assert store.list(DEPLOYMENT) == []


def test_objects_are_listed_by_namespace_and_name(store: ManifestStore) -> None:
    assert DEPLOYMENT
    for namespace, name in (("b", "z"), ("a", "y"), ("b", "a")):
        store.create({**deployment(replicas=1), **named(name, namespace)}, "helm")
    assert [m["metadata"]["name"] for m in store.list(DEPLOYMENT)] == ["y", "a", "z", "coder"]
    assert [m["metadata"]["name"] for m in store.list(DEPLOYMENT, "b")] == ["a", "z"]


def test_ownership_reads_back_as_it_was_written() -> None:
    fields = set(field_paths(deployment(replicas=2, template=containers(("coder", "x")))["spec"], merges_lists=True))
    assert from_fields_v1(to_fields_v1(fields)) == fields
    assert sorted(map(readable, fields)) == [
        ".replicas",
        '.template.spec.containers[name="coder"].image',
        '.template.spec.containers[name="coder"].name',
    ]


def test_a_custom_resources_lists_are_owned_whole() -> None:
    assert field_paths({"containers": [{"name": "a"}]}, merges_lists=False) == [("f:containers",)]


def test_resources_are_named_as_kubernetes_names_them() -> None:
    folders = {kind.name: kind.folder for kind in KINDS}
    for name, folder in {
        "Pod": "pods",
        "NetworkPolicy": "networkpolicies.networking.k8s.io",
        "Ingress": "ingresses.networking.k8s.io",
        "EC2NodeClass": "ec2nodeclasses.karpenter.k8s.aws",
        "Endpoints": "endpoints",
        "StorageClass": "storageclasses.storage.k8s.io",
    }.items():
        assert folders[name] == folder
    assert NAMESPACE
    assert not NAMESPACE.is_namespaced
