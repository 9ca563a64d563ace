"""Resources that contain others: what can be read is answered, what cannot is named."""

from __future__ import annotations

import pytest

from policies.framework.policy import Declared
from policies.framework.reading import Reading
from policies.pack.crossguard import declared
from policies.pack.testing import UNKNOWN, Resource, resource_args
from policies.resources.contents import contains_others, contents, with_contents

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
ELSEWHERE = "which are not in this stack"
APPLICATION = "argoproj.io/v1alpha1:Application"
FLUX = "helm.toolkit.fluxcd.io/v2:HelmRelease"


def read(kind: str, **inputs: object) -> Declared:
    return declared(resource_args(Resource(type=f"kubernetes:{kind}", name="container", inputs=inputs), {}))


def objects(kind: str, **inputs: object) -> list[tuple[str, object]]:
    return [(one.type, one.props.value) for one in contents(read(kind, **inputs)).objects]


def hidden(kind: str, **inputs: object) -> tuple[str, ...]:
    return contents(read(kind, **inputs)).hidden


def deployment(one: Declared) -> tuple[str, object, object]:
    spec = one.props.member("spec")
    image = spec.member("template", "spec", "containers").items()[0].member("image").value
    return one.key, spec.member("replicas").value, image


def chart(kind: str, **inputs: object) -> list[tuple[str, object, object]]:
    return [deployment(one) for one in contents(read(kind, **inputs)).objects]


@pytest.mark.parametrize("kind", ["apps/v1:Deployment", "yaml:Config", "helm.sh/v3:Plugin", "v1:Lister"])
def test_most_kinds_contain_nothing(kind: str) -> None:
    assert not contains_others(f"kubernetes:{kind}")
    assert contents(read(kind, items=[POD], objs=[POD])).objects == ()


def test_gate_10_lists() -> None:
    assert objects("v1:List", items=[POD]) == [("kubernetes:v1:Pod", POD)]
    nameless = {"metadata": {"name": "a"}}
    assert objects("apps/v1:DeploymentList", items=[nameless]) == [("kubernetes:apps/v1:Deployment", nameless)]
    assert hidden("v1:List", items=[nameless, "text", UNKNOWN]) == (
        "items[0] has no apiVersion and kind",
        "items[1] is no plain object",
        "items[2] is no plain object",
    )
    assert hidden("v1:PodList") == ("items is missing",)


@pytest.mark.parametrize("kind", ["yaml:ConfigGroup", "yaml/v2:ConfigGroup"])
def test_gate_10_groups_of_manifests(kind: str) -> None:
    pod = ("kubernetes:v1:Pod", POD)
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    assert objects(kind, objs=[POD]) == [pod]
    assert objects(kind, yaml=text) == [pod]
    assert objects(kind, yaml=[text, f"{text}---\n{text}---\n"]) == [pod] * 3
    assert hidden(kind, objs=[POD], files=["a.yaml"]) == (f"files names files, {ELSEWHERE}",)
    assert hidden(kind, yaml="{") == ("yaml is no YAML",)
    assert hidden(kind, yaml="text") == ("yaml is no plain object",)
    assert hidden(kind) == ("its manifests are not declared",)
    assert hidden(kind, objs=UNKNOWN) == ("objs is not known before the change",)
    (one,) = contents(read(kind, yaml=f"{text}---\n")).objects
    assert (one.name, one.props.path) == ("container", "yaml")
    several = contents(read(kind, yaml=f"{text}---\n{text}")).objects
    assert [each.props.path for each in several] == ["yaml#0", "yaml#1"]
    assert hidden(kind, files=["a.yaml"]) == (f"files names files, {ELSEWHERE}",)
    assert hidden(kind, objs=[{"apiVersion": "v1"}, {"kind": "Pod"}]) == (
        "objs[0] has no apiVersion and kind",
        "objs[1] has no apiVersion and kind",
    )


@pytest.mark.parametrize(
    "kind", ["yaml:ConfigFile", "yaml/v2:ConfigFile", "kustomize:Directory", "kustomize/v2:Directory"]
)
def test_gate_10_files_are_named(kind: str) -> None:
    name = "directory" if "Directory" in kind else "file"
    assert hidden(kind, **{name: "a"}) == (f"{name} names files, {ELSEWHERE}",)


@pytest.mark.parametrize(
    "kind",
    [
        "argoproj.io/v1alpha1:ApplicationSet",
        "helm.cattle.io/v1:HelmChart",
        "kustomize.toolkit.fluxcd.io/v1:Kustomization",
    ],
)
def test_gate_10_what_deploys_from_elsewhere_is_named(kind: str) -> None:
    assert hidden(kind) == ("what it deploys is not in this stack",)


@pytest.mark.parametrize("kind", ["helm.sh/v3:Release", "helm.sh/v3:Chart", "helm.sh/v4:Chart"])
def test_gate_10_helm_releases(kind: str) -> None:
    values = {"coder": {"replicaCount": 3, "image": {"repo": "a/coder", "tag": "v2"}}}
    assert chart(kind, chart="coder", namespace="coder", values=values) == [("coder/coder", 3, "a/coder:v2")]
    assert chart(kind, chart="oci://ghcr.io/coder/chart/coder:2.25") == [("default/coder", 1, "ghcr.io/coder/coder")]
    assert chart(kind, chart="coder-v2/coder-provisioner", namespace="coder-ws", values={}) == [
        ("coder-ws/coder-provisioner", 1, "ghcr.io/coder/coder")
    ]
    assert chart(kind, chart="oci://ghcr.io/coder/chart/coder/") == [("default/coder", 1, "ghcr.io/coder/coder")]
    (made,) = contents(read(kind, chart="coder")).objects
    assert made.type == "kubernetes:apps/v1:Deployment"
    assert made.props.member("spec", "template", "spec", "containers").items()[0].member("name").text() == "coder"
    assert hidden(kind, chart="nginx") == ("what the chart 'nginx' declares",)
    assert hidden(kind, chart="coder", valueYamlFiles=["a"]) == (f"valueYamlFiles names files, {ELSEWHERE}",)
    assert hidden(kind) == ("chart is missing",)
    assert hidden(kind, chart="coder", values=UNKNOWN) == ("values is not known before the change",)


def test_gate_10_unknown_values_stay_unknown() -> None:
    (one,) = contents(read("helm.sh/v3:Release", chart="coder", values={"coder": {"replicaCount": UNKNOWN}})).objects
    assert not one.props.member("spec", "replicas").is_known


def test_gate_10_argo_applications() -> None:
    helm: dict[str, object] = {"values": "coder: {replicaCount: 4}"}
    source = {"chart": "coder", "helm": helm}
    target = {"namespace": "coder"}
    assert chart(APPLICATION, spec={"source": source, "destination": target}) == [
        ("coder/coder", 4, "ghcr.io/coder/coder")
    ]
    both = {**source, "helm": {**helm, "valuesObject": {"coder": {"replicaCount": 5}}}}
    assert chart(APPLICATION, spec={"sources": [both]}) == [("default/coder", 5, "ghcr.io/coder/coder")]
    assert hidden(APPLICATION, spec={"source": {"path": "a", "repoURL": "b"}}) == (
        "spec.source names manifests that are not in this stack",
    )
    more = {"chart": "coder", "helm": {"parameters": [{"name": "coder.replicaCount", "value": "1"}]}}
    assert hidden(APPLICATION, spec={"sources": [more]}) == ("spec.sources[0].helm has parameters or valueFiles",)
    files = {"chart": "coder", "helm": {"valueFiles": ["a.yaml"]}}
    assert hidden(APPLICATION, spec={"source": files}) == ("spec.source.helm has parameters or valueFiles",)
    broken = {"chart": "coder", "helm": {"values": "{"}}
    assert hidden(APPLICATION, spec={"source": broken}) == ("spec.source.helm.values is no YAML",)
    assert hidden(APPLICATION) == ("spec is missing",)


def test_gate_10_flux_releases() -> None:
    spec: dict[str, object] = {"chart": {"spec": {"chart": "coder"}}, "values": {"coder": {"replicaCount": 2}}}
    assert chart(FLUX, metadata={"namespace": "flux"}, spec=spec) == [("flux/coder", 2, "ghcr.io/coder/coder")]
    assert chart(FLUX, spec={**spec, "targetNamespace": "coder"}) == [("coder/coder", 2, "ghcr.io/coder/coder")]
    assert hidden(FLUX, spec={**spec, "valuesFrom": [{"name": "a"}]}) == (
        "spec.valuesFrom names values that are not in this stack",
    )


def test_what_contains_what_contains_is_read_to_the_end() -> None:
    inner = {"apiVersion": "v1", "kind": "PodList", "items": [POD]}
    found = [one.type for one in with_contents(read("v1:List", items=[inner]))]
    assert found == ["kubernetes:v1:List", "kubernetes:v1:PodList", "kubernetes:v1:Pod"]
    assert Reading(None) not in [one.props for one in with_contents(read("v1:List", items=[]))]
