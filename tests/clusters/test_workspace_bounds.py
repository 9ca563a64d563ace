"""How large a workspace may be while an event runs, on a real API server."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from dataclasses import replace

import pytest

from components.event.workspace_bounds import WorkspaceBounds
from tests.clusters.objects import NAMESPACE, namespace
from tests.clusters.rotation_guard import until
from tests.clusters.test_event_rights import manifests
from tests.components import event_examples
from workshop.sandbox.clusters.api import MERGE_PATCH, Api
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest

pytestmark = pytest.mark.clusters

AT = f"bounds-{uuid.uuid4().hex[:6]}"
LARGEST = {"cpu": "4", "memory": "8Gi", "ephemeral-storage": "20Gi"}
TOLERATION = {"key": "dedicated", "operator": "Equal", "value": "coder-ws", "effect": "NoSchedule"}


@pytest.fixture(scope="module")
def bounded(store: ApiServerStore) -> Generator[ApiServerStore]:
    store.create(namespace(AT), "tests")
    before = workspace("before", sized(cpu="16"))
    before["metadata"]["finalizers"] = ["example.com/wait"]
    store.create(before, "tests")
    declared = manifests(WorkspaceBounds, replace(event_examples.BOUNDS, namespaces=(AT,)))
    for manifest in declared:
        store.apply(manifest, "tests", force=True)
    until(lambda: bool(refused(store, workspace("large", sized(cpu="5")))))
    try:
        yield store
    finally:
        for manifest in reversed(declared):
            store.delete(kind_of(manifest["apiVersion"], manifest["kind"]), None, manifest["metadata"]["name"])
        store.delete(NAMESPACE, None, AT)


def sized(**amounts: str) -> Json:
    """Requests and limits of the largest shape, with other amounts."""
    named = LARGEST | {name.replace("_", "-"): amount for name, amount in amounts.items()}
    return {"requests": dict(named), "limits": dict(named)}


def workspace(name: str, *containers: Json, first: Json = None, **spec: Json) -> Manifest:
    """A pod as a template makes it. first: resources of an init container."""
    made: list[Json] = [
        {"name": f"c{n}", "image": "example/dev:1", "resources": one} for n, one in enumerate(containers)
    ]
    init: list[Json] = [] if first is None else [{"name": "first", "image": "example/dev:1", "resources": first}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": AT},
        "spec": {
            "containers": made,
            "initContainers": init,
            "automountServiceAccountToken": False,
            "tolerations": [TOLERATION],
            **spec,
        },
    }


def refused(store: ApiServerStore, pod: Manifest) -> str:
    """What the server says to it; nothing where it takes it."""
    try:
        store.apply(pod, "tests", force=True, is_dry_run=True)
    except ClusterRefusal as refusal:
        return str(refusal)
    return ""


TENTHS = [sized(cpu="100m", memory="200Mi", ephemeral_storage="500Mi")] * 40
"""Forty times a tenth is not four, as computers add."""


@pytest.mark.parametrize(
    "pod",
    [
        workspace("largest", sized()),
        workspace("half", sized(cpu="1500m", memory="0.5Gi"), sized(cpu="2.5", memory="4Gi", ephemeral_storage="0")),
        workspace("many", *TENTHS),
        workspace("first", sized(), first=sized()),
        workspace("limits", {"limits": {"cpu": "4", "memory": "8Gi"}}),
        workspace("other", sized(cpu="64"), tolerations=[{**TOLERATION, "value": "coder-provisioner"}]),
    ],
    ids=lambda pod: pod["metadata"]["name"],
)
def test_what_was_planned_for_starts_and_what_lands_elsewhere(bounded: ApiServerStore, pod: Manifest) -> None:
    assert refused(bounded, pod) == ""


@pytest.mark.parametrize(
    ("pod", "what"),
    [
        (workspace("cpu", sized(cpu="4001m")), "cpu"),
        (workspace("memory", sized(memory="8193Mi")), "memory"),
        (workspace("storage", sized(ephemeral_storage="21Gi")), "ephemeral-storage"),
        (workspace("limit", {"requests": LARGEST, "limits": {**LARGEST, "cpu": "8"}}), "cpu"),
        (workspace("two", sized(cpu="3"), sized(cpu="2", memory="0", ephemeral_storage="0")), "cpu"),
        (workspace("first", sized(cpu="1"), first=sized(cpu="5")), "cpu"),
        (workspace("any", sized(cpu="5"), tolerations=[{"operator": "Exists"}]), "cpu"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_larger_is_refused(bounded: ApiServerStore, pod: Manifest, what: str) -> None:
    assert refused(bounded, pod).endswith(
        f"this workspace asks for more {what} than the largest of the event, which has 4 processors, 8Gi of memory and "
        "20Gi of storage: choose a smaller size, or raise workshop:workspaces"
    )


@pytest.mark.parametrize("resources", [{}, {"limits": {"cpu": "1"}}, {"requests": {"cpu": "1", "memory": "1Gi"}}])
def test_what_has_no_limit_is_refused(bounded: ApiServerStore, resources: Json) -> None:
    assert "has no limit of cpu and memory" in refused(bounded, workspace("open", resources))


GPU = sized() | {"limits": {**LARGEST, "nvidia.com/gpu": "1"}}
CLAIM: Json = [{"name": "gpu", "resourceClaimName": "gpu"}]


@pytest.mark.parametrize(
    "pod",
    [
        workspace("gpu", GPU),
        workspace("pages", sized(**{"hugepages-2Mi": "2Mi"})),
        workspace("claim", sized(), resourceClaims=CLAIM),
        workspace("whole", sized(), resources={"limits": {"cpu": "4", "memory": "8Gi"}}),
    ],
    ids=lambda pod: pod["metadata"]["name"],
)
def test_devices_and_other_resources_are_refused(bounded: ApiServerStore, pod: Manifest) -> None:
    assert "and nothing else of its node, such as nvidia.com/gpu" in refused(bounded, pod)


def test_what_runs_can_not_grow(bounded: ApiServerStore, ohio: Api) -> None:
    bounded.create(workspace("runs", sized(cpu="2")), "tests")
    larger = {"spec": {"containers": [{"name": "c0", "resources": sized(cpu="5")}]}}
    path = f"/api/v1/namespaces/{AT}/pods/runs/resize"
    with pytest.raises(ClusterRefusal, match="asks for more cpu than the largest"):
        ohio.request("PATCH", path, larger, content_type="application/strategic-merge-patch+json")


def test_what_was_larger_before_can_go(bounded: ApiServerStore, ohio: Api) -> None:
    path = f"/api/v1/namespaces/{AT}/pods/before"
    ohio.request("DELETE", path)
    ohio.request("PATCH", path, {"metadata": {"finalizers": None}}, content_type=MERGE_PATCH)
    assert bounded.get(kind_of("v1", "Pod"), AT, "before") is None
