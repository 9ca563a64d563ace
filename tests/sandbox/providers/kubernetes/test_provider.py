from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests.sandbox.providers.calls import Calls
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import Kind
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.kubernetes.provider import KubernetesProvider
from workshop.sandbox.providers.kubernetes.readiness import await_readiness
from workshop.sandbox.providers.provider import UNKNOWN, CreateRequest, NotReady, ProviderError

URN = "urn:pulumi:sandbox::workshop::kubernetes:apps/v1:DeploymentPatch::replicas"
PATCH = "kubernetes:apps/v1:DeploymentPatch"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
WIDGET = "kubernetes:example.com/v1:Widget"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
FORCED = {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "ours"}


def checked(cluster: Calls, kind: str, inputs: Json, urn: str = URN) -> Json:
    answer = cluster.check(urn, kind, None, inputs, b"seed")
    assert answer.failures == ()
    return answer.inputs


def replicas(cluster: Calls, count: float, annotations: Json = FORCED) -> Json:
    metadata = {"name": "coder-provisioner", "namespace": "coder-ws", "annotations": annotations}
    return checked(cluster, PATCH, {"metadata": metadata, "spec": {"replicas": count}})


def node_pool(cluster: Calls, **metadata: Json) -> Json:
    group = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "a"}
    spec = {"weight": 10.0, "template": {"spec": {"nodeClassRef": group}}}
    return checked(cluster, NODE_POOL, {"metadata": metadata, "spec": spec}, "urn:pulumi:a::b::c::pool")


def test_a_custom_resource_is_created_changed_and_deleted(cluster: Calls) -> None:
    inputs = node_pool(cluster, name="workshop-workspaces")
    assert "namespace" not in inputs["metadata"]
    assert cluster.find(URN, NODE_POOL, inputs) is None
    made = cluster.create(URN, NODE_POOL, inputs, False)
    assert made.id == cluster.find(URN, NODE_POOL, inputs) == "workshop-workspaces"
    wanted = {**inputs, "spec": {**inputs["spec"], "weight": 20.0}}
    diff = cluster.diff(URN, NODE_POOL, made.id, inputs, made.outputs, wanted, ())
    assert (diff.changed, diff.replaces) == (("spec.weight",), ())
    previewed = cluster.update(URN, NODE_POOL, made.id, inputs, made.outputs, wanted, (), True)
    assert previewed["spec"]["weight"] == 20
    read = cluster.read(URN, NODE_POOL, made.id, inputs, made.outputs)
    assert read
    assert read.outputs["spec"]["weight"] == 10
    outputs = cluster.update(URN, NODE_POOL, made.id, inputs, made.outputs, wanted, (), False)
    assert outputs["spec"]["weight"] == 20
    cluster.delete(URN, NODE_POOL, made.id, wanted, outputs)
    assert cluster.read(URN, NODE_POOL, made.id, wanted, outputs) is None


def test_what_a_program_no_longer_says_goes(cluster: Calls) -> None:
    inputs = node_pool(cluster, name="a", labels={"x": "1"})
    made = cluster.create(URN, NODE_POOL, inputs, False)
    wanted = {**inputs, "metadata": {"name": "a"}}
    outputs = cluster.update(URN, NODE_POOL, made.id, inputs, made.outputs, wanted, (), False)
    assert "labels" not in outputs["metadata"]
    assert outputs["spec"]["weight"] == 10


def test_an_object_that_exists_is_not_created(cluster: Calls) -> None:
    with pytest.raises(ProviderError, match=r'^coder-ws-all: nodepools\.karpenter\.sh "coder-ws-all" already exists$'):
        cluster.create(URN, NODE_POOL, node_pool(cluster, name="coder-ws-all"), False)


def test_another_name_or_namespace_or_class_kind_is_another_object(cluster: Calls) -> None:
    old = node_pool(cluster, name="a")
    renamed = cluster.diff(URN, NODE_POOL, "a", old, old, node_pool(cluster, name="b"), ())
    assert (renamed.replaces, renamed.is_delete_before_replace) == (("metadata.name",), False)
    new = node_pool(cluster, name="a")
    new["spec"]["template"]["spec"]["nodeClassRef"]["kind"] = "KWOKNodeClass"
    reclassed = cluster.diff(URN, NODE_POOL, "a", old, old, new, ())
    assert (reclassed.replaces, reclassed.is_delete_before_replace) == (
        ("spec.template.spec.nodeClassRef.kind",),
        True,
    )


def test_ignored_changes_keep_what_is(cluster: Calls) -> None:
    inputs = node_pool(cluster, name="a")
    made = cluster.create(URN, NODE_POOL, inputs, False)
    wanted = {**inputs, "spec": {**inputs["spec"], "weight": 20.0}}
    assert cluster.diff(URN, NODE_POOL, "a", inputs, made.outputs, wanted, ("spec.weight",)).changed == ()
    outputs = cluster.update(URN, NODE_POOL, "a", inputs, made.outputs, wanted, ("spec.weight",), False)
    assert outputs["spec"]["weight"] == 10


def test_names_and_namespaces_are_filled_in(cluster: Calls) -> None:
    kind = "kubernetes:core/v1:ConfigMap"
    inputs = checked(cluster, kind, {"data": {"a": "b"}}, "urn:pulumi:a::b::c::settings")
    assert inputs["metadata"] == {"namespace": "default", "name": "settings-73656564"}
    again = cluster.check("urn:pulumi:a::b::c::settings", kind, inputs, {"data": {}}, b"other seed")
    assert again.inputs["metadata"]["name"] == "settings-73656564"


@pytest.mark.parametrize(
    ("setting", "kind"), [("enableConfigMapMutable", "ConfigMap"), ("enableSecretMutable", "Secret")]
)
def test_what_a_config_map_holds_is_changed_in_place_where_the_provider_is_told_so(
    paths: SandboxPaths, setting: str, kind: str
) -> None:
    given = {"kubeconfig": str(paths.kubeconfig), "context": "coder-ohio"}
    old = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "a", "namespace": "default"}, "data": {"a": "b"}}
    new = {**old, "data": {"a": "c"}}
    for told, replaces in (({}, ("data.a",)), ({setting: "true"}, ()), ({setting: "false"}, ("data.a",))):
        provider = Calls(KubernetesProvider({**given, **told}))
        diff = provider.diff(URN, f"kubernetes:core/v1:{kind}", "default/a", old, old, new, ())
        assert (diff.changed, diff.replaces) == (("data.a",), replaces)
        assert diff.is_delete_before_replace == bool(replaces)
    frozen = Calls(KubernetesProvider({**given, setting: True}))
    old, new = ({**one, "immutable": True} for one in (old, new))
    assert frozen.diff(URN, f"kubernetes:core/v1:{kind}", "default/a", old, old, new, ()).replaces == ("data.a",)


@pytest.mark.parametrize(
    ("status", "is_replaced"),
    [
        ({}, True),
        ({"active": 1, "startTime": "2024-09-30T16:00:00Z"}, True),
        ({"conditions": [{"type": "Failed", "status": "True"}]}, True),
        ({"conditions": [{"type": "Complete", "status": "True"}]}, False),
    ],
)
def test_a_job_that_is_not_complete_is_replaced_where_it_asks_for_that(
    cluster: Calls, status: Json, is_replaced: bool
) -> None:
    for asked in ({}, {"pulumi.com/replaceUnready": "true"}):
        metadata = {"name": "copy", "namespace": "default", "annotations": asked}
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {}}
        outputs = {**job, "status": status}
        diff = cluster.diff(URN, "kubernetes:batch/v1:Job", "default/copy", job, outputs, job, ())
        assert diff.is_delete_before_replace == bool(diff.replaces) == (bool(asked) and is_replaced)


@pytest.mark.parametrize(
    ("token", "was", "becomes"),
    [
        ("rbac.authorization.k8s.io/v1:RoleBinding", {"roleRef": {"name": "a"}}, {"roleRef": {"name": "b"}}),
        ("rbac.authorization.k8s.io/v1:ClusterRoleBinding", {"roleRef": {"name": "a"}}, {"roleRef": {"name": "b"}}),
        ("core/v1:Service", {"spec": {"clusterIP": "None"}}, {"spec": {}}),
        ("batch/v1:Job", {"spec": {"parallelism": 1}}, {"spec": {"parallelism": 2}}),
    ],
)
def test_what_the_server_never_changes_is_replaced(cluster: Calls, token: str, was: Json, becomes: Json) -> None:
    api_version, _, kind = token.removeprefix("core/").partition(":")
    common = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": "default"}}
    old, new = {**common, **was}, {**common, **becomes}
    diff = cluster.diff(URN, f"kubernetes:{token}", "default/a", old, old, new, ())
    assert diff.replaces
    assert diff.is_delete_before_replace


@pytest.mark.parametrize(
    ("token", "api_version", "name"),
    [
        ("kubernetes:core/v1:Namespace", "v1", "Namespace"),
        ("kubernetes:apps/v1:DeploymentPatch", "apps/v1", "Deployment"),
        ("kubernetes:batch/v1:CronJobPatch", "batch/v1", "CronJob"),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", "networking.k8s.io/v1", "NetworkPolicy"),
        ("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "karpenter.k8s.aws/v1", "EC2NodeClass"),
    ],
)
def test_a_type_token_names_a_kind(cluster: Calls, token: str, api_version: str, name: str) -> None:
    inputs = checked(cluster, token, {"metadata": {"name": "a"}})
    assert (inputs["apiVersion"], inputs["kind"]) == (api_version, name)


def test_a_kind_that_the_cluster_lacks_is_named(cluster: Calls) -> None:
    (failure,) = cluster.check(URN, "kubernetes:example.com/v1:Widget", None, {}, b"seed").failures
    assert failure.reason == (
        'no matches for kind "Widget" in version "example.com/v1": declare its CustomResourceDefinition before it, '
        "and name that in depends_on"
    )


def widgets(cluster: Calls, scope: str = "Namespaced") -> Json:
    versions = [{"name": "v1", "served": True, "storage": True}, {"name": "v0", "served": False, "storage": False}]
    names = {"kind": "Widget", "plural": "widgets"}
    spec = {"group": "example.com", "scope": scope, "names": names, "versions": versions}
    return checked(cluster, DEFINITION, {"metadata": {"name": "widgets.example.com"}, "spec": spec}, "urn:a::b::c::d")


@pytest.mark.parametrize(("scope", "id"), [("Namespaced", "default/one"), ("Cluster", "one")])
def test_a_kind_that_this_run_defines_can_be_used_after_its_definition(cluster: Calls, scope: str, id: str) -> None:
    definition = widgets(cluster, scope)
    assert cluster.create(URN, DEFINITION, definition, True).id == ""
    widget = checked(cluster, WIDGET, {"metadata": {"name": "one"}, "spec": {"size": 1}})
    assert cluster.create(URN, WIDGET, widget, True).outputs["status"] is UNKNOWN
    with pytest.raises(ProviderError, match="no matches for kind"):
        cluster.create(URN, WIDGET, widget, False)
    made = cluster.create(URN, DEFINITION, definition, False)
    assert made.outputs["status"]["conditions"] == [{"type": "Established", "status": "True"}]
    assert cluster.create(URN, WIDGET, widget, False).id == id
    read = cluster.read(URN, WIDGET, id, widget, widget)
    assert read
    assert read.inputs["spec"] == {"size": 1}


def test_a_kind_defined_by_an_earlier_run_is_known_in_its_served_versions(paths: SandboxPaths, cluster: Calls) -> None:
    cluster.create(URN, DEFINITION, widgets(cluster), False)
    later = Calls(KubernetesProvider({"kubeconfig": str(paths.kubeconfig), "context": "coder-ohio"}))
    assert checked(later, WIDGET, {"metadata": {"name": "one"}})["metadata"]["namespace"] == "default"
    assert later.check(URN, "kubernetes:example.com/v0:Widget", None, {"metadata": {"name": "a"}}, b"").failures
    elsewhere = Calls(KubernetesProvider({"kubeconfig": str(paths.kubeconfig), "context": "coder-london"}))
    assert elsewhere.check(URN, WIDGET, None, {"metadata": {"name": "one"}}, b"").failures


def test_objects_go_with_the_definition_of_their_kind(cluster: Calls) -> None:
    definition = widgets(cluster)
    cluster.create(URN, DEFINITION, definition, False)
    widget = checked(cluster, WIDGET, {"metadata": {"name": "one"}})
    made = cluster.create(URN, WIDGET, widget, False)
    cluster.delete(URN, DEFINITION, "widgets.example.com", definition, definition)
    assert cluster.read(URN, WIDGET, made.id, widget, widget) is None
    assert cluster.find(URN, WIDGET, widget) is None
    cluster.delete(URN, WIDGET, made.id, widget, widget)
    cluster.create(URN, DEFINITION, definition, False)
    assert cluster.read(URN, WIDGET, made.id, widget, widget) is None


@pytest.mark.parametrize("spec", [UNKNOWN, {"group": "a"}, {"group": "a", "versions": UNKNOWN}, None])
def test_a_definition_that_is_not_whole_yet_defines_nothing(cluster: Calls, spec: Json) -> None:
    inputs = {"metadata": {"name": "a"}, **({} if spec is None else {"spec": spec})}
    assert cluster.check(URN, DEFINITION, None, inputs, b"").failures == ()


class Slow:
    """A cluster whose controllers do nothing."""

    def get(self, kind: Kind, namespace: str | None, name: str) -> Manifest | None:
        return None


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a", "namespace": "b", "generation": 1},
            },
            "b/a: not all of its 2 pods run after 0.01 s: see to what it waits for: "
            "kubectl --namespace b describe deployment a",
        ),
        (
            {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "a"}},
            "a: its kind can't be used yet after 0.01 s: see to what it waits for: "
            "kubectl describe customresourcedefinition a",
        ),
    ],
)
def test_what_is_not_ready_in_the_time_that_it_is_given_is_told(made: Json, problem: str) -> None:
    store = cast("ClusterStore", Slow())
    request = CreateRequest(urn=URN, kind="", inputs=made, is_preview=False, timeout_seconds=0.01)
    with pytest.raises(NotReady) as error:
        await_readiness(store, {**made, "spec": {"replicas": 2}}, request)
    assert str(error.value) == problem


def test_unknown_values_in_a_preview_stay_unknown(cluster: Calls) -> None:
    made = cluster.create(URN, PATCH, {**replicas(cluster, 1.0), "spec": {"replicas": UNKNOWN}}, True)
    assert made.outputs["spec"]["replicas"] is UNKNOWN


def test_an_object_is_imported_as_a_program_would_write_it(cluster: Calls) -> None:
    read = cluster.read(URN, NODE_POOL, "coder-ws-all", {}, {})
    assert read
    assert set(read.inputs) == {"apiVersion", "kind", "metadata", "spec"}
    assert set(read.inputs["metadata"]) == {"name"}
    assert cluster.read(URN, NODE_POOL, "nonsense", {}, {}) is None


def test_any_kubeconfig_but_the_sandboxs_is_refused_unread(paths: SandboxPaths, tmp_path: Path) -> None:
    text = paths.kubeconfig.read_text()
    other = tmp_path / "other"
    for content in (text, "hush: [", "hush"):
        other.write_text(content)
        for given in (str(other), content, "/nonexistent/kubeconfig", "\0", {"hush": 1}):
            provider = Calls(KubernetesProvider({"kubeconfig": given, "context": "coder-ohio"}))
            with pytest.raises(ProviderError, match="is not the sandbox's: it has to be") as told:
                provider.read(URN, NODE_POOL, "a", {}, {})
            assert "hush" not in str(told.value)


def test_a_cluster_that_is_not_the_sandboxs_is_refused(paths: SandboxPaths) -> None:
    text = paths.kubeconfig.read_text()
    paths.kubeconfig.write_text(text.replace("http://127.0.0.1", "https://eks.example.com"))
    with pytest.raises(ProviderError, match="which is not one of the sandbox's clusters"):
        Calls(KubernetesProvider({"kubeconfig": str(paths.kubeconfig)})).read(URN, NODE_POOL, "a", {}, {})
    paths.kubeconfig.write_text(text)
    with pytest.raises(ProviderError, match="no context 'prod': it has coder-london, coder-ohio, coder-oregon"):
        Calls(KubernetesProvider({"kubeconfig": str(paths.kubeconfig), "context": "prod"})).read(
            URN, NODE_POOL, "a", {}, {}
        )
    with pytest.raises(ProviderError, match="uses no ambient one"):
        Calls(KubernetesProvider({})).read(URN, NODE_POOL, "a", {}, {})
