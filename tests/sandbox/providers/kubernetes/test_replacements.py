"""What is replaced when it changes, as the real provider does."""

from __future__ import annotations

import pytest

from tests.sandbox.providers.calls import Calls
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.kubernetes.provider import KubernetesProvider

URN = "urn:pulumi:sandbox::workshop::kubernetes:core/v1:ConfigMap::a"


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
