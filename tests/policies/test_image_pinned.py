"""image-pinned: every image that the stack declares is named by its digest."""

from __future__ import annotations

import pytest

from policies.image_pinned import IMAGE_PINNED
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import DIGEST, IMAGE, server
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type

CONTAINER = "spec.template.spec.containers[0].image"
DEPLOYMENT = Resource(type="kubernetes:apps/v1:Deployment", inputs=server().inputs)


def not_pinned(path: str, image: str) -> str:
    name = image.partition("@")[0]
    return refused(
        IMAGE_PINNED,
        f"{path} is '{image}', which has no digest",
        f"declare it as {name}@sha256:DIGEST (find it with crane digest {image})",
    )


def test_pass_by_digest() -> None:
    assert judge(IMAGE_PINNED, server(), DEPLOYMENT) == []


@pytest.mark.parametrize(
    "image", ["nginx", "nginx:1.27", "ghcr.io/berriai/litellm:v1.72.6-stable", "localhost:5000/a/b"]
)
def test_fail_on_a_tag(image: str) -> None:
    assert judge(IMAGE_PINNED, server(image)) == [not_pinned(CONTAINER, image)]


def test_fail_in_init_containers_and_custom_resources_and_charts() -> None:
    pod = Resource(type="kubernetes:core/v1:Pod", inputs={"spec": {"initContainers": [{"image": "a:1"}]}})
    custom = Resource(type="kubernetes:example.com/v1:Thing", inputs={"spec": {"image": "b:1"}})
    chart = Resource(
        type="kubernetes:helm.sh/v3:Release",
        inputs={"values": {"image": {"registry": "quay.io", "repository": "x/y", "tag": "1"}}},
    )

    assert judge(IMAGE_PINNED, pod, custom, chart) == [
        not_pinned("spec.initContainers[0].image", "a:1"),
        not_pinned("spec.image", "b:1"),
        not_pinned("values.image", "quay.io/x/y:1"),
    ]


def test_fail_on_a_function_s_image() -> None:
    function = Resource(type="aws:lambda/function:Function", inputs={"imageUri": "registry.example.com/f:1"})

    assert judge(IMAGE_PINNED, function) == [not_pinned("imageUri", "registry.example.com/f:1")]


@pytest.mark.parametrize(
    "kind",
    ["aws:apprunner/service:Service", "docker:index/container:Container", "docker:index/service:Service"],
)
def test_fail_on_other_kinds_that_run_images(kind: str) -> None:
    assert judge(IMAGE_PINNED, Resource(type=kind, inputs={"image": "nginx"})) == [not_pinned("image", "nginx")]
    assert judge(IMAGE_PINNED, Resource(type="example:index:Thing", inputs={"image": "nginx"})) == []


@pytest.mark.parametrize("image", ["a:1@", "nginx@sha256:5a"])
def test_fail_on_half_a_digest(image: str) -> None:
    assert judge(IMAGE_PINNED, server(image)) == [
        refused(
            IMAGE_PINNED,
            f"{CONTAINER} is '{image}', not an image reference",
            "set spec.template.spec.containers[0].image to REPOSITORY@sha256:DIGEST",
        )
    ]


def test_boundary_of_a_digest_s_length() -> None:
    short = IMAGE[:-1]

    assert judge(IMAGE_PINNED, server(short)) == [
        refused(
            IMAGE_PINNED,
            f"{CONTAINER} is '{short}', not an image reference",
            "set spec.template.spec.containers[0].image to REPOSITORY@sha256:DIGEST",
        )
    ]
    chart = Resource(
        type="kubernetes:helm.sh/v3:Release", inputs={"values": {"image": {"repository": "x/y", "digest": DIGEST}}}
    )
    assert judge(IMAGE_PINNED, chart) == []
    nothing = Resource(type="kubernetes:helm.sh/v3:Release", inputs={"values": {"image": {"pullPolicy": "Always"}}})
    assert judge(IMAGE_PINNED, nothing) == []


def test_unknown_image() -> None:
    assert judge(IMAGE_PINNED, server(UNKNOWN)) == [unknown(IMAGE_PINNED, CONTAINER)]


def test_missing_image_of_a_container() -> None:
    without = DEPLOYMENT.without_input("spec.template.spec.containers.0.image")

    assert judge(IMAGE_PINNED, without) == [missing(IMAGE_PINNED, CONTAINER)]


@pytest.mark.parametrize("containers", ["containers", "initContainers", "ephemeralContainers"])
def test_missing_image_of_any_container(containers: str) -> None:
    pod = Resource(type="kubernetes:core/v1:Pod", inputs={"spec": {containers: [{"name": "a"}]}})

    assert judge(IMAGE_PINNED, pod) == [missing(IMAGE_PINNED, f"spec.{containers}[0].image")]


def test_missing_image_in_a_patch_is_not_touched() -> None:
    assert judge(IMAGE_PINNED, server().without_input("spec.template.spec.containers.0.image")) == []


def test_wrong_type_of_image() -> None:
    assert judge(IMAGE_PINNED, server().with_input("spec.template.spec.containers.0.image", [])) == [
        wrong_type(IMAGE_PINNED, CONTAINER, "a list", "text")
    ]


def test_empty_image() -> None:
    assert judge(IMAGE_PINNED, server("  ")) == [empty(IMAGE_PINNED, CONTAINER)]


def test_exempt() -> None:
    assert judge(IMAGE_PINNED, server("nginx"), exemptions=[exemption(IMAGE_PINNED, server())]) == []


def test_pass_with_a_chart_s_digest() -> None:
    values = {"image": {"registry": "ghcr.io", "repository": "a", "tag": "1", "digest": DIGEST}}
    assert judge(IMAGE_PINNED, Resource(type="kubernetes:helm.sh/v3:Release", inputs={"values": values})) == []


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("core/v1:ConfigMap", {"data": {"image": "nginx", "containers": "all of them"}}),
        ("core/v1:Secret", {"stringData": {"image": "nginx"}}),
        (
            "apiextensions.k8s.io/v1:CustomResourceDefinition",
            {"spec": {"properties": {"containers": {"type": "array"}}}},
        ),
        ("apiextensions.k8s.io/v1:CustomResourceDefinition", {"spec": {"image": {"type": "string"}}}),
        ("apps/v1:Deployment", {"metadata": {"labels": {"image": "base ws"}, "annotations": {"image": "x:latest"}}}),
        ("apps/v1:Deployment", {"spec": {"selector": {"matchLabels": {"image": "base"}}}}),
    ],
)
def test_gate_15_words_that_are_no_images(kind: str, inputs: dict[str, object]) -> None:
    assert judge(IMAGE_PINNED, Resource(type=f"kubernetes:{kind}", inputs=inputs)) == []


def test_gate_7_volumes_of_images_are_pinned_too() -> None:
    volumes = [{"name": "a", "image": {"reference": "busybox:1", "pullPolicy": "Always"}}]
    (found,) = judge(IMAGE_PINNED, Resource(type="kubernetes:v1:Pod", inputs={"spec": {"volumes": volumes}}))
    assert found.startswith("spec.volumes[0].image.reference is 'busybox:1', which has no digest")


def test_images_of_coder_s_charts() -> None:
    values = {"coder": {"image": {"repo": "ghcr.io/coder/coder", "tag": "v2.25.1"}}}
    release = Resource(type="kubernetes:helm.sh/v3:Release", inputs={"chart": "coder", "values": values})
    assert any("'ghcr.io/coder/coder:v2.25.1'" in one for one in judge(IMAGE_PINNED, release))
