"""The main job on three real API servers: 20 users, what others change and its fixing, release."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import pytest

from tests.clusters.objects import DEPLOYMENT, NODE_POOL, patch
from tests.end_to_end.sandbox import REGIONS, Ran, workshop
from workshop.model.names import MANAGED_BY_LABEL, MARK, WORKSPACE_POD_LABELS
from workshop.sandbox.clusters.api import MERGE_PATCH, Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore, path_of
from workshop.sandbox.files import write_whole
from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.paths import SandboxPaths

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

HELM = "terraform-provider-helm_v2.17.0_x5"
NODE_CLASS = kind_of("karpenter.k8s.aws/v1", "EC2NodeClass")
POD = kind_of("v1", "Pod")
POLICY, BINDING = (
    kind_of("admissionregistration.k8s.io/v1", f"ValidatingAdmissionPolicy{suffix}") for suffix in ("", "Binding")
)
STORAGE_BINDING = "ai-coder-workshop-workspace-storage"
WORKSPACE = "coder-ada-dev"
ANNOTATIONS: Manifest = {
    "f:metadata": {"f:annotations": {f"f:pulumi.com/{name}": {} for name in ("patchFieldManager", "patchForce")}}
}
PROVISIONERS = {"coder-ws": 12, "coder-ws-experiment": 2, "coder-ws-demo": 2}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What each chapter's command said; specs of what belongs to others, by context, before, meanwhile and after.

    refused_workspace: what the server said to one that is not bounded, once the baseline denies it.
    provisioners: after the first. mended_pool: us-west-2's. mended_actions: what us-east-2 does about workspaces'
    storage. warnings: what it said to the one who started a workspace.
    """

    before: Mapping[str, Mapping[str, Manifest]]
    first: Ran
    provisioners: Mapping[str, list[Manifest]]
    again: Ran
    found: Ran
    fixed: Ran
    mended_pool: Manifest
    mended_actions: list[str]
    warnings: list[str]
    after_mending: Ran
    in_use: Ran
    left_in_use: Mapping[str, Mapping[str, Manifest]]
    baseline: Ran
    refused_workspace: str
    released: Ran
    after: Mapping[str, Mapping[str, Manifest]]


def apis(paths: SandboxPaths) -> dict[str, Api]:
    return {context: Api(context, access) for context, access in api_servers(paths).items()}


def everywhere(sandbox: SandboxPaths) -> dict[str, Mapping[str, Manifest]]:
    return {context: specs(api) for context, api in apis(sandbox).items()}


def specs(api: Api) -> Mapping[str, Manifest]:
    """By kind and name."""
    store = ApiServerStore(api)
    return {
        f"{each.name} {item['metadata'].get('namespace', '')}/{item['metadata']['name']}": item["spec"]
        for each in (DEPLOYMENT, kind_of("batch/v1", "CronJob"), NODE_POOL, NODE_CLASS)
        for item in store.list(each)
        if item["metadata"]["name"] != "workshop-workspaces"
    }


@pytest.fixture(scope="module")
def sandbox(clusters: SandboxPaths) -> Generator[SandboxPaths]:
    ensure_running(clusters)
    try:
        yield clusters
    finally:
        stop(clusters)


@pytest.fixture(scope="module")
def story(sandbox: SandboxPaths) -> Story:
    before = everywhere(sandbox)
    first = workshop(sandbox, "up", "--users", "20")
    provisioners = {
        context: [
            found for found in ApiServerStore(api).list(DEPLOYMENT) if found["metadata"]["name"] == "coder-provisioner"
        ]
        for context, api in apis(sandbox).items()
    }
    again = workshop(sandbox, "up")
    meddle(sandbox)
    found, fixed, after_mending = (workshop(sandbox, command) for command in ("preview", "up", "preview"))
    mended_pool = ApiServerStore(apis(sandbox)["coder-oregon"]).get(NODE_POOL, None, "workshop-workspaces")
    assert mended_pool is not None
    ohio = ApiServerStore(apis(sandbox)["coder-ohio"])
    binding = ohio.get(BINDING, None, STORAGE_BINDING)
    assert binding is not None
    warnings = start_workspace(apis(sandbox)["coder-ohio"])
    in_use = workshop(sandbox, "destroy")
    left_in_use = everywhere(sandbox)
    ohio.delete(POD, "coder-ws", WORKSPACE)
    deny(sandbox)
    baseline = workshop(sandbox, "up", "--users", "9")
    refused_workspace = refusal_of_workspace(ohio)
    return Story(
        before=before,
        first=first,
        provisioners=provisioners,
        again=again,
        found=found,
        fixed=fixed,
        mended_pool=mended_pool,
        mended_actions=binding["spec"]["validationActions"],
        warnings=warnings,
        after_mending=after_mending,
        in_use=in_use,
        left_in_use=left_in_use,
        baseline=baseline,
        refused_workspace=refused_workspace,
        released=workshop(sandbox, "destroy"),
        after=everywhere(sandbox),
    )


def workspace() -> Manifest:
    """A workspace's pod on a node of our pool, without a bound on its storage."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": WORKSPACE, "namespace": "coder-ws", "labels": dict(WORKSPACE_POD_LABELS)},
        "spec": {
            "nodeName": "workspace-node",
            "terminationGracePeriodSeconds": 0,  # nobody is there who would end it
            "tolerations": [{"operator": "Exists"}],
            "containers": [{"name": "dev", "image": "example/workspace:1"}],
        },
        "status": {"phase": "Running"},
    }


def start_workspace(api: Api) -> list[str]:
    """Starts it, as a scheduler and a kubelet would leave it; answers what the server says to it."""
    store = ApiServerStore(api)
    node: Manifest = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "workspace-node", "labels": {"karpenter.sh/nodepool": "workshop-workspaces"}},
    }
    store.create(node, "karpenter")
    store.create(workspace(), "coder")
    warnings = list(api.warnings)
    store.set_status(workspace(), "kubelet")
    return warnings


def deny(sandbox: SandboxPaths) -> None:
    """Sets admission for the next commands."""
    config = json.dumps({"sandbox": {"workshop:users": "20", "workshop:admission": "deny"}})
    write_whole(sandbox.overrides, config)


def refusal_of_workspace(store: ApiServerStore) -> str:
    """What the server says once it refuses it: a binding is in force a moment after it is there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            store.create(workspace(), "coder", is_dry_run=True)
        except ClusterRefusal as refusal:
            return str(refusal)
    return "it is let in"


def meddle(sandbox: SandboxPaths) -> None:
    """What people and Terraform do meanwhile, in four ways."""
    cluster = apis(sandbox)
    replicas = {"spec": {"replicas": 6}}
    scale = f"{path_of(DEPLOYMENT, 'coder-ws', 'coder-provisioner')}/scale"
    cluster["coder-ohio"].request("PATCH", scale, replicas, content_type=MERGE_PATCH, query={"fieldManager": "kubectl"})
    store = ApiServerStore(cluster["coder-ohio"])
    store.apply(patch("litellm", {"replicas": 4}, at="litellm"), HELM, force=True)
    cluster["coder-oregon"].request(
        "PATCH",
        path_of(NODE_POOL, None, "workshop-workspaces"),
        {"spec": {"limits": {"cpu": "4"}}},
        content_type=MERGE_PATCH,
        query={"fieldManager": "kubectl-edit"},
    )
    cluster["coder-ohio"].request(
        "PATCH",
        path_of(BINDING, None, STORAGE_BINDING),
        {"spec": {"validationActions": ["Deny"]}},
        content_type=MERGE_PATCH,
        query={"fieldManager": "kubectl-edit"},
    )
    ApiServerStore(cluster["coder-london"]).delete(NODE_CLASS, None, "workshop-workspaces")


def drift(ran: Ran) -> dict[str, str]:
    return {step["name"]: step["drift"][0] for step in ran.document["steps"] if step.get("drift")}


@pytest.mark.parametrize("context", REGIONS.values())
def test_20_users_get_12_provisioners_and_we_own_that_one_field(story: Story, context: str) -> None:
    assert story.first.exit_code == 0, story.first.document["error"]
    found = story.provisioners[context]
    assert {each["metadata"]["namespace"]: each["spec"]["replicas"] for each in found} == PROVISIONERS
    for each in found:
        owned = {entry["manager"]: entry["fieldsV1"] for entry in each["metadata"]["managedFields"]}
        assert owned["ai-coder-workshop-replicas"] == {"f:spec": {"f:replicas": {}}, **ANNOTATIONS}
        is_agreed = each["spec"]["replicas"] == 2
        assert ("f:replicas" in owned[HELM]["f:spec"]) == is_agreed  # a value that both want belongs to both


def test_a_second_up_changes_nothing(story: Story) -> None:
    assert story.again.exit_code == 0
    assert story.again.changed == frozenset()


def test_a_preview_says_what_others_changed_and_who(story: Story) -> None:
    assert story.found.exit_code == 0, story.found.document["error"]
    said = drift(story.found)
    assert said["us-east-2-provisioners-coder"].startswith("spec.replicas is 6, the last run left 12: set by kubectl")
    assert said["us-east-2-litellm-replicas"].startswith(f"spec.replicas is 4, the last run left 6: set by {HELM} at ")
    assert said["us-west-2-pool"].startswith("spec.limits.cpu is 4, the last run left 48: set by kubectl-edit at ")
    assert said["eu-west-2-class"] == "it is gone: somebody deleted it"
    assert said["us-east-2-workspace-storage-binding"].startswith("spec.validationActions")
    assert "set by kubectl-edit" in said["us-east-2-workspace-storage-binding"]
    assert len(said) == 5
    assert story.found.changed == frozenset(said)


def test_up_mends_it(story: Story) -> None:
    assert story.fixed.exit_code == 0, story.fixed.document["error"]
    assert story.fixed.changed == story.found.changed
    assert story.after_mending.changed == frozenset()
    assert story.left_in_use["coder-ohio"]["Deployment litellm/litellm"]["replicas"] == 6
    assert story.mended_pool["spec"]["limits"]["cpu"] == "48"
    assert story.mended_actions == ["Warn", "Audit"]


def test_a_workspace_that_is_not_bounded_starts_and_its_author_is_told(story: Story) -> None:
    assert any("has no ephemeral-storage request and limit" in said for said in story.warnings)


def test_denied_by_setting_it_is_refused_and_its_author_told_the_lines_to_add(story: Story) -> None:
    assert story.baseline.exit_code == 0, story.baseline.document["error"]
    assert "has no ephemeral-storage request and limit" in story.refused_workspace
    assert 'resources { requests = { "ephemeral-storage" = "20Gi" }' in story.refused_workspace


def test_a_pool_with_workspaces_is_not_deleted_and_provisioners_stay(story: Story, sandbox: SandboxPaths) -> None:
    assert story.in_use.exit_code != 0
    assert "1 workspaces run on its nodes" in story.in_use.document["error"]
    left = story.left_in_use["coder-ohio"]
    assert left["Deployment coder-ws/coder-provisioner"]["replicas"] == 12


def test_released_at_the_baseline_everything_of_others_is_as_found_but_the_image(
    story: Story, sandbox: SandboxPaths
) -> None:
    assert story.baseline.exit_code == 0, story.baseline.document["error"]
    assert story.released.exit_code == 0, story.released.document["error"]
    for context, found in story.before.items():
        assert {name: without_images(spec) for name, spec in story.after[context].items()} == {
            name: without_images(spec) for name, spec in found.items()
        }
        store = ApiServerStore(apis(sandbox)[context])
        assert store.get(NODE_POOL, None, "workshop-workspaces") is None
        assert store.get(NODE_CLASS, None, "workshop-workspaces") is None
        assert [one for each in (POLICY, BINDING) for one in store.list(each) if is_ours(one)] == []


def is_ours(item: Manifest) -> bool:
    return item["metadata"].get("labels", {}).get(MANAGED_BY_LABEL) == MARK


def without_images(spec: Json) -> Json:
    """An image that migrated the database is not taken back."""
    if is_mapping(spec):
        return {key: without_images(value) for key, value in spec.items() if key != "image"}
    return [without_images(item) for item in spec] if is_list(spec) else spec
