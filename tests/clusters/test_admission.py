"""What the admission component makes an API server say, to template authors and to whoever edits the platform."""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator

import pytest

from components.admission import AdmissionArgs, admission_binding, admission_policies
from tests.clusters.objects import NAMESPACE, NODE_POOL, deployment, namespace, patch
from tests.policies.declared import node_pool, one_of
from workshop.model.names import WORKSPACE_POD_LABELS
from workshop.model.plan.workloads import Deployment
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest

pytestmark = pytest.mark.clusters

POLICY, BINDING = (
    kind_of("admissionregistration.k8s.io/v1", f"ValidatingAdmissionPolicy{suffix}") for suffix in ("", "Binding")
)
AT = f"admission-{uuid.uuid4().hex[:6]}"
ARGS = AdmissionArgs(
    action="deny",
    storage_gib=20,
    workspace_namespaces=(AT,),
    coder=Deployment(namespace=AT, name="coder", container="main"),
)
PINNED = f"123456789012.dkr.ecr.us-east-2.amazonaws.com/coder-preview@sha256:{'5a' * 32}"
LINES = 'resources { requests = { "ephemeral-storage" = "20Gi" } limits = { "ephemeral-storage" = "20Gi" } }'


@pytest.fixture(scope="module")
def guarded(store: ApiServerStore) -> Generator[ApiServerStore]:
    """A cluster with the policies in force: a policy is in force a moment after its binding is there."""
    store.create(namespace(AT), "tests")
    store.create(deployment("coder", at=AT), "tests")
    for name, spec in admission_policies(ARGS).items():
        for each, content in ((POLICY, spec), (BINDING, admission_binding(name, ARGS.action))):
            made = {"apiVersion": each.api_version, "kind": each.name, "metadata": {"name": name}, "spec": content}
            store.create(made, "tests")
    deadline = time.monotonic() + 30
    while not all(refused(store, wrong) for wrong in (workspace(), coder("coder:latest"), pool("kubernetes.sh/a"))):
        assert time.monotonic() < deadline, "the policies are not in force"
    try:
        yield store
    finally:
        for name in admission_policies(ARGS):
            store.delete(BINDING, None, name)
            store.delete(POLICY, None, name)
        store.delete(NAMESPACE, None, AT)


def workspace(*containers: Json, **labels: str) -> Manifest:
    """A workspace pod; each container given by its resources."""
    made = [
        {"name": f"c{index}", "image": "example/dev:1", **({"resources": resources} if resources else {})}
        for index, resources in enumerate(containers or (None,))
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "coder-ada", "namespace": AT, "labels": labels or dict(WORKSPACE_POD_LABELS)},
        "spec": {"containers": made, "automountServiceAccountToken": False},
    }


def storage(request: str, limit: str) -> Json:
    return {"requests": {"ephemeral-storage": request}, "limits": {"ephemeral-storage": limit}}


def coder(image: str) -> Manifest:
    made = deployment("coder", at=AT)
    made["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return made


def pool(*keys: str) -> Manifest:
    requirements = [one_of(key, "a") for key in keys]
    found = node_pool().with_input("spec.template.spec.requirements", requirements)
    return {**found.inputs, "metadata": {"name": f"pool-{uuid.uuid4().hex[:6]}"}}


def refused(store: ApiServerStore, manifest: Manifest) -> str:
    """What the server says to it; nothing where it takes it."""
    try:
        store.apply(manifest, "tests", force=True, is_dry_run=True)
    except ClusterRefusal as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize(
    "resources",
    [
        (storage("20Gi", "20Gi"),),
        (storage("5Gi", "10Gi"), storage("5Gi", "10Gi")),
        ({"limits": {"ephemeral-storage": "20Gi"}},),  # the server takes a limit for a request as well
    ],
)
def test_a_workspace_within_the_plan_starts(guarded: ApiServerStore, resources: tuple[Json, ...]) -> None:
    assert refused(guarded, workspace(*resources)) == ""


@pytest.mark.parametrize(
    "resources", [(None,), ({"requests": {"ephemeral-storage": "20Gi"}},), (storage("1Gi", "1Gi"), None)]
)
def test_a_workspace_that_is_not_bounded_is_told_the_lines_to_add(
    guarded: ApiServerStore, resources: tuple[Json, ...]
) -> None:
    said = refused(guarded, workspace(*resources))
    assert "has no ephemeral-storage request and limit" in said
    assert f"add {LINES}" in said


@pytest.mark.parametrize("resources", [(storage("20Gi", "21Gi"),), (storage("15Gi", "15Gi"), storage("6Gi", "6Gi"))])
def test_a_workspace_over_the_plan_is_refused(guarded: ApiServerStore, resources: tuple[Json, ...]) -> None:
    said = refused(guarded, workspace(*resources))
    assert "more ephemeral-storage than the 20Gi" in said
    assert LINES in said


def with_first(first: Json, *containers: Json, stays: bool = False) -> Manifest:
    """A workspace with an init container, or with a sidecar: one that starts first and stays."""
    made = workspace(*containers)
    resources = {"resources": first} if first else {}
    always = {"restartPolicy": "Always"} if stays else {}
    made["spec"]["initContainers"] = [{"name": "first", "image": "example/first:1", **resources, **always}]
    return made


TEN, TWENTY, MORE = storage("10Gi", "10Gi"), storage("20Gi", "20Gi"), storage("21Gi", "21Gi")


@pytest.mark.parametrize("pod", [with_first(TWENTY, TWENTY), with_first(TEN, TEN, stays=True)])
def test_an_init_container_goes_before_the_others_a_sidecar_beside_them(guarded: ApiServerStore, pod: Manifest) -> None:
    assert refused(guarded, pod) == ""


@pytest.mark.parametrize("pod", [with_first(MORE, TEN), with_first(TEN, TWENTY, stays=True)])
def test_what_starts_first_counts(guarded: ApiServerStore, pod: Manifest) -> None:
    assert "more ephemeral-storage than the 20Gi" in refused(guarded, pod)


@pytest.mark.parametrize("stays", [True, False])
def test_what_starts_first_has_to_be_bounded(guarded: ApiServerStore, stays: bool) -> None:
    assert "has no ephemeral-storage request and limit" in refused(guarded, with_first(None, TEN, stays=stays))


def test_an_init_container_runs_beside_the_sidecars(guarded: ApiServerStore) -> None:
    pod = with_first(storage("15Gi", "15Gi"), TEN)
    sidecar = {"name": "beside", "image": "example/beside:1", "resources": TEN, "restartPolicy": "Always"}
    pod["spec"]["initContainers"].append(sidecar)
    assert "an init container beside the sidecars" in refused(guarded, pod)


def test_pods_that_are_no_workspaces_are_left_alone(guarded: ApiServerStore) -> None:
    assert refused(guarded, workspace(app="other")) == ""


EQUAL = {"key": "dedicated", "operator": "Equal", "value": "coder-ws", "effect": "NoSchedule"}
WITHOUT_LABEL: dict[str, dict[str, Json]] = {
    "tolerates the workspaces' taint": {"tolerations": [EQUAL]},
    "tolerates its key": {"tolerations": [{"key": "dedicated", "operator": "Exists"}]},
    "tolerates everything": {"tolerations": [{"operator": "Exists"}]},
    "names a node": {"nodeName": "workspace-node"},
}


@pytest.mark.parametrize("name", WITHOUT_LABEL)
def test_preflight_1_a_workspace_without_labels_has_to_be_bounded(guarded: ApiServerStore, name: str) -> None:
    pod = workspace(app="other")
    pod["spec"] |= WITHOUT_LABEL[name]
    assert "has no ephemeral-storage request and limit" in refused(guarded, pod)


@pytest.mark.parametrize("changed", [{"value": "coder-provisioner"}, {"key": "team"}, {"effect": "NoExecute"}])
def test_preflight_1_pods_that_tolerate_another_taint_are_left_alone(
    guarded: ApiServerStore, changed: dict[str, str]
) -> None:
    pod = workspace(app="other")
    pod["spec"]["tolerations"] = [{**EQUAL, **changed}]
    assert refused(guarded, pod) == ""


@pytest.mark.parametrize(("api_version", "is_left_alone"), [("apps/v1", True), ("apps.kruise.io/v1alpha1", False)])
def test_preflight_1_only_a_daemon_set_s_pods_are_planned_for(
    guarded: ApiServerStore, api_version: str, is_left_alone: bool
) -> None:
    pod = workspace(app="other")
    pod["spec"]["tolerations"] = [EQUAL]
    owner = {"apiVersion": api_version, "kind": "DaemonSet", "name": "agent", "uid": "1", "controller": True}
    pod["metadata"]["ownerReferences"] = [owner]
    assert (refused(guarded, pod) == "") is is_left_alone


def test_coder_runs_by_digest(guarded: ApiServerStore) -> None:
    assert refused(guarded, coder(PINNED)) == ""
    assert "container main is named by a tag" in refused(guarded, coder("ghcr.io/coder/coder-preview:latest"))


@pytest.mark.parametrize(
    "key",
    [
        "kubernetes.sh/capacity-type",
        "kubernetes.io/foo",
        "topology.kubernetes.io/zones",
        "node.kubernetes.io/instance-typ",
    ],
)
def test_a_misspelt_key_is_named(guarded: ApiServerStore, key: str) -> None:
    said = refused(guarded, pool("kubernetes.io/arch", key))
    assert f"requirement {key} is no key" in said
    assert "karpenter.sh/capacity-type" in said


def test_what_was_there_before_is_left_alone(guarded: ApiServerStore) -> None:
    """The previous pool has a misspelt key, and Coder's image a tag: closing and scaling them is no new mistake."""
    (pool_before,) = (made for made in guarded.list(NODE_POOL) if made["metadata"]["name"] == "coder-ws-all")
    copy = {key: pool_before[key] for key in ("apiVersion", "kind", "spec")} | {"metadata": {"name": "copy"}}
    assert "requirement kubernetes.sh/capacity-type is no key" in refused(guarded, copy)
    closed = {**made_of(pool_before), "spec": {"limits": {"cpu": "0"}}}
    assert guarded.apply(closed, "tests", force=True, is_dry_run=True)["spec"]["limits"] == {"cpu": "0"}
    scaled = guarded.apply(patch("coder", {"replicas": 1}, at=AT), "tests", force=True, is_dry_run=True)
    assert scaled["spec"]["replicas"] == 1


def made_of(found: Manifest) -> Manifest:
    """Its identity."""
    return {key: found[key] for key in ("apiVersion", "kind")} | {"metadata": {"name": found["metadata"]["name"]}}


def test_known_and_foreign_keys_pass(guarded: ApiServerStore) -> None:
    keys = (
        "karpenter.sh/capacity-type",
        "karpenter.k8s.aws/instance-cpu",
        "topology.kubernetes.io/zone",
        "example.com/a",
    )
    assert refused(guarded, pool(*keys)) == ""


def test_warn_lets_it_pass_and_says_it(guarded: ApiServerStore, ohio: Api) -> None:
    for name in admission_policies(ARGS):
        found = guarded.get(BINDING, None, name)
        assert found is not None
        guarded.apply(
            {key: found[key] for key in ("apiVersion", "kind")}
            | {"metadata": {"name": name}, "spec": admission_binding(name, "warn")},
            "tests",
            force=True,
        )
    deadline = time.monotonic() + 30
    while refused(guarded, workspace()):
        assert time.monotonic() < deadline, "the bindings are not in force"
    assert any("has no ephemeral-storage request and limit" in said for said in ohio.warnings)
