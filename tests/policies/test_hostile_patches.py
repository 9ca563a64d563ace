"""Hostile patches and sets of requirements: no policy crashes, none lets pass what the whole would not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from policies.framework.patches import patched
from policies.framework.reading import Unknown
from policies.node_requirements import NODE_REQUIREMENTS
from policies.pack.catalog import POLICIES
from policies.pack.crossguard import declared as declared_as
from policies.pack.testing import UNKNOWN, Resource, judge, resource_args
from policies.resources.node_pools import OPERATORS, types_left
from policies.resources.node_pools import requirements as pool_requirements
from policies.resources.well_known_labels import WELL_KNOWN
from tests.policies.declared import (
    ebs,
    node_class,
    node_pool,
    patch_of,
)
from tests.policies.expecting import sandbox
from tests.policies.test_hostile_resources import LEAVES, REQUIREMENTS, TREES, many

CLUSTERS = st.sampled_from(
    [None, *(Resource(type="pulumi:providers:kubernetes", name=c, inputs={"context": c}) for c in ("coder-ohio", "x"))]
)
LABELS = st.sampled_from(
    sorted(WELL_KNOWN | {"kubernetes.sh/capacity-type", "beta.kubernetes.io/arch", "example.com/a"})
)
WORDS = "on-demand amd64 arm64 linux c6a c6a.4xlarge m5a.4xlarge us-east-2c us-west-2a c nitro true 4xlarge"
VALUES = st.sampled_from(["", *WORDS.split(), "16", "32768", "0", "4", "9" * 20, "-1", UNKNOWN])
ONE_REQUIREMENT = st.fixed_dictionaries(
    {
        "key": LABELS,
        "operator": st.sampled_from(OPERATORS),
        "values": st.lists(VALUES, max_size=3),
    },
    optional={"minValues": st.sampled_from([0, 1, 2, 50, "2", UNKNOWN])},
)
SPECS: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    dict[str, st.SearchStrategy[object]](),
    optional={  # pyright: ignore[reportUnknownArgumentType] - nested ones without a required key
        "limits": st.dictionaries(st.sampled_from(["cpu", "memory", "nodes", "pods", "x"]), LEAVES, max_size=3),
        "replicas": LEAVES,
        "weight": LEAVES,
        "kubelet": st.dictionaries(
            st.sampled_from(["maxPods", "kubeReserved", "systemReserved", "evictionHard", "evictionSoft"]),
            LEAVES
            | st.dictionaries(
                st.sampled_from(["cpu", "memory", "memory.available", "nodefs.available", "nodefs.inodesFree"]),
                LEAVES | st.sampled_from(["10%", "999%", "5Gi"]),
                max_size=3,
            ),
            max_size=4,
        ),
        "userData": LEAVES
        | st.sampled_from(["a: [", "[settings.kubernetes]\nmax-pods = 1", "spec: {kubelet: {flags: [1]}}", "---\n---"]),
        "blockDeviceMappings": LEAVES
        | st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "deviceName": st.sampled_from(["/dev/xvda", "/dev/xvdb", "", 1]),
                    "rootVolume": st.sampled_from([True, False, "yes"]),
                    "ebs": LEAVES | st.just(ebs("224Gi")),
                },
            ),
            max_size=3,
        ),
        "template": LEAVES
        | st.fixed_dictionaries(
            {
                "spec": st.fixed_dictionaries(
                    {}, optional={"requirements": LEAVES, "taints": st.lists(TREES, max_size=2)}
                )
            }
        ),
    },
)


@many
@given(spec=SPECS, kind=st.sampled_from([node_pool(), node_class()]), cluster=CLUSTERS, first=st.booleans())
def test_no_patch_crashes_a_policy_and_none_lets_pass_what_the_whole_would_not(
    spec: dict[str, object], kind: Resource, cluster: Resource | None, first: bool
) -> None:
    """What a patch makes of a good object is refused where the same object, declared so at once, is refused."""
    patch = replace(patch_of(kind, **spec), name="patch", provider=cluster)
    resources = (patch, kind) if first else (kind, patch)
    merged = as_patched(kind, spec)
    for policy in POLICIES:
        if policy.judges_patches:
            continue
        found = judge(policy, *resources, stack=sandbox)
        assert not any("the policy itself failed" in message for message in found)
        at_once = judge(policy, merged, stack=sandbox)
        assert set(at_once) <= set(found) | set(judge(policy, kind, stack=sandbox)) or not policy.applies_to


def as_patched(kind: Resource, spec: dict[str, object]) -> Resource:
    """The object declared at once as the patch makes it."""
    whole, patch = (declared_as(resource_args(one, {})) for one in (kind, patch_of(kind, **spec)))
    return replace(kind, inputs=sent(patched(whole, [patch]).props.value))


def sent(value: Any) -> Any:  # noqa: ANN401 JSON
    """With Pulumi's own sign for what is unknown."""
    if isinstance(value, dict):
        return {key: sent(one) for key, one in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [sent(one) for one in cast("list[Any]", value)]
    return UNKNOWN if isinstance(value, Unknown) else value


@many
@given(requirements=st.lists(ONE_REQUIREMENT, min_size=1, max_size=6), has_base=st.booleans(), cluster=CLUSTERS)
def test_no_set_of_requirements_crashes_and_none_passes_that_leaves_no_type(
    requirements: list[dict[str, object]], has_base: bool, cluster: Resource | None
) -> None:
    base: list[object] = node_pool().inputs["spec"]["template"]["spec"]["requirements"] if has_base else []
    pool = replace(node_pool().with_input(REQUIREMENTS, [*base, *requirements]), provider=cluster)
    found = judge(NODE_REQUIREMENTS, replace(node_class(), provider=cluster), pool)
    assert not any("the policy itself failed" in message for message in found)
    if not found:
        read = declared_as(resource_args(pool, {}))
        assert types_left(pool_requirements(read)), "it passes with no type left"
    for policy in POLICIES:
        assert not any("the policy itself failed" in message for message in judge(policy, pool, stack=sandbox))
