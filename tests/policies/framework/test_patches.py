"""What a patch makes of an object that is declared beside it."""

from __future__ import annotations

import pytest

from policies.framework.patches import identity, is_same_cluster, patched
from policies.framework.policy import Declared
from policies.framework.reading import UNKNOWN, Reading
from policies.pack.crossguard import declared
from policies.pack.testing import Resource, resource_args
from tests.policies.declared import node_pool, patch_of, server


def read(resource: Resource) -> Declared:
    return declared(resource_args(resource, {}))


def at(resource: Resource, context: str | None, urn: str = "p") -> Declared:
    inputs = {"context": context} if context else {}
    provider = Resource(type="pulumi:providers:kubernetes", name=urn, inputs=inputs)
    return read(Resource(type=resource.type, name=resource.name, inputs=resource.inputs, provider=provider))


def of(kind: str, **spec: object) -> Declared:
    return read(Resource(type=f"kubernetes:{kind}", inputs={"metadata": {"name": "a"}, "spec": spec}))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("karpenter.sh/v1:NodePool", "karpenter.sh/v1beta1:NodePoolPatch", True),
        ("core/v1:Pod", "v1:PodPatch", True),
        ("apps/v1:Deployment", "apps/v1:StatefulSet", False),
        ("karpenter.sh/v1:NodePool", "example.com/v1:NodePool", False),
    ],
)
def test_an_object_is_known_by_group_kind_namespace_and_name(one: str, other: str, is_same: bool) -> None:
    assert (identity(of(one)) == identity(of(other))) == is_same
    assert identity(of(one)) == (one.replace("/v1:", "/"), "default", "a")


def test_what_is_no_object_has_no_identity() -> None:
    assert identity(read(Resource(type="aws:ecr/repository:Repository"))) is None
    assert identity(read(Resource(type="kubernetes:v1:Pod", inputs={"metadata": {"name": 1}}))) is None


def test_clusters_are_compared_by_context_or_provider_and_an_unknown_one_may_be_any() -> None:
    assert is_same_cluster(at(node_pool(), "ohio"), at(node_pool(), "ohio", "other"))
    assert not is_same_cluster(at(node_pool(), "ohio"), at(node_pool(), "oregon"))
    assert is_same_cluster(at(node_pool(), "ohio"), at(node_pool(), None))
    assert is_same_cluster(read(node_pool()), at(node_pool(), "ohio"))


def test_objects_merge_and_lists_of_custom_resources_are_replaced() -> None:
    pool = read(node_pool())
    change = patch_of(node_pool(), limits={"cpu": "16"}, template={"spec": {"taints": [{"key": "a"}]}})
    result = patched(pool, [read(change)], read(change))

    assert result.props.member("spec", "limits").value == {"cpu": "16", "memory": "320Gi"}
    assert result.props.member("spec", "template", "spec", "expireAfter").text() == "Never"
    assert (result.name, result.type, result.is_patch) == (change.name, pool.type, False)
    fewer = read(patch_of(node_pool(), template={"spec": {"requirements": []}}))
    assert patched(pool, [fewer]).props.member("spec", "template", "spec", "requirements").value == []
    assert patched(pool, []).name == pool.name


def test_containers_merge_by_name() -> None:
    containers = [{"name": "coder", "image": "a"}, {"name": "other", "image": "b"}]
    whole = of("apps/v1:Deployment", template={"spec": {"containers": containers}})
    change = of("apps/v1:DeploymentPatch", template={"spec": {"containers": [{"name": "coder", "image": "c"}]}})

    assert patched(whole, [change]).props.member("spec", "template", "spec", "containers").value == [
        {"name": "coder", "image": "c"},
        {"name": "other", "image": "b"},
    ]
    added = of("apps/v1:DeploymentPatch", template={"spec": {"containers": [{"name": "new", "image": "c"}]}})
    assert len(patched(whole, [added]).props.member("spec", "template", "spec", "containers").items()) == 3
    args = of("apps/v1:DeploymentPatch", template={"spec": {"containers": [{"name": "coder", "args": ["x"]}]}})
    first = patched(whole, [change, args]).props.member("spec", "template", "spec", "containers").items()[0]
    assert first.value == {"name": "coder", "image": "c", "args": ["x"]}
    nameless = of("apps/v1:DeploymentPatch", template={"spec": {"containers": ["x"]}})
    assert patched(whole, [nameless]).props.member("spec", "template", "spec", "containers").value == ["x"]


def test_unknown_values_and_nulls() -> None:
    later = Declared(
        type="kubernetes:apps/v1:DeploymentPatch",
        name="p",
        urn="p",
        props=Reading({"spec": UNKNOWN, "metadata": None}),
    )
    result = patched(read(server()), [later])
    assert not result.props.member("spec").is_known
    assert result.props.member("metadata", "name").text() == "coder"
