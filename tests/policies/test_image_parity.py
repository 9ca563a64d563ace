"""image-parity: control plane, proxies, source and registries have one and the same Coder image."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from policies.framework.policy import StackConfig
from policies.image_parity import IMAGE_PARITY
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import DIGEST, IMAGE, OTHER_DIGEST, coder_component, server
from tests.policies.expecting import exemption, sandbox

WHY = "a proxy of another version than its control plane drops workspace connections"
CONTAINER = "spec.template.spec.containers[0].image"
PROXY_IMAGE = IMAGE.replace("us-east-2", "us-west-2")


def with_digest() -> StackConfig:
    """The sandbox's settings, with the digest of these tests."""
    image = {"source": "ghcr.io/coder/coder-preview", "repository": "coder-preview", "tag": "latest", "digest": DIGEST}
    return sandbox(20, ("workshop:image", json.dumps(image)))


def test_pass_with_one_digest_everywhere() -> None:
    assert (
        judge(
            IMAGE_PARITY,
            coder_component(),
            server(),
            coder_component("CoderProxy", "proxy"),
            server(PROXY_IMAGE, "coder-proxy"),
        )
        == []
    )


def test_fail_on_a_region_with_another_digest() -> None:
    drifted = coder_component().with_input("observed_digests.eu-west-2", OTHER_DIGEST)

    assert judge(IMAGE_PARITY, drifted) == [
        f"eu-west-2 has {OTHER_DIGEST}, {DIGEST} is declared; {WHY}: bring it to eu-west-2 "
        "(workshop images mirror), or declare the digest that is there everywhere"
    ]


def test_fail_on_a_proxy_in_whose_region_another_digest_was_observed() -> None:
    drifted = coder_component("CoderProxy", "proxy").with_input("observed_digests.eu-west-2", OTHER_DIGEST)

    assert len(judge(IMAGE_PARITY, drifted)) == 1


def test_fail_on_a_proxy_with_another_image_than_the_server() -> None:
    other = f"ghcr.io/coder/coder@{OTHER_DIGEST}"

    assert judge(IMAGE_PARITY, server(), server(other, "coder-proxy")) == [
        f"{CONTAINER} is '{other}', while coder-server runs '{IMAGE}'; {WHY}: declare one digest for all of them"
    ]


def test_pass_on_what_is_declared_whatever_the_live_object_has() -> None:
    replicas_of_proxy = Resource(
        type="kubernetes:apps/v1:DeploymentPatch",
        name="proxy-replicas",
        inputs={"metadata": {"name": "coder"}, "spec": {"replicas": 2}},
        outputs=server(f"ghcr.io/coder/coder@{OTHER_DIGEST}").inputs,
    )

    assert judge(IMAGE_PARITY, server(), replicas_of_proxy) == []


def test_boundary_a_tag_beside_the_digest_changes_nothing() -> None:
    with_tag = IMAGE.replace("coder-preview@", "coder-preview:v2.25.1@")

    assert judge(IMAGE_PARITY, server(), server(with_tag, "coder-proxy")) == []
    assert judge(IMAGE_PARITY, server("ghcr.io/berriai/litellm:v1")) == []


def test_unknown_image() -> None:
    assert judge(IMAGE_PARITY, server(UNKNOWN))[:1] == [
        f"{CONTAINER} is not known before the change; {WHY}: give it as a plain value, not as another resource's output"
    ]


def test_unknown_digest() -> None:
    assert judge(IMAGE_PARITY, coder_component(digest=UNKNOWN)) == [
        f"digest is not known before the change; {WHY}: give it as a plain value, not as another resource's output"
    ]


def test_missing_digest_in_a_reference() -> None:
    assert judge(IMAGE_PARITY, server("ghcr.io/coder/coder-preview:latest")) == [
        f"{CONTAINER} is 'ghcr.io/coder/coder-preview:latest', which has no digest; {WHY}: declare it as "
        "REPOSITORY@sha256:DIGEST, with the digest of the image index at its source"
    ]


def test_missing_observations() -> None:
    assert judge(IMAGE_PARITY, coder_component().without_input("observed_digests")) == [
        f"observed_digests is missing; {WHY}: declare it"
    ]


def test_missing_observation_of_one_of_the_stack_s_regions() -> None:
    assert judge(IMAGE_PARITY, coder_component().without_input("observed_digests.eu-west-2"), stack=with_digest) == [
        f"observed_digests has none for eu-west-2; {WHY}: look up the image in the registry of eu-west-2 before "
        "declaring it"
    ]


def test_fail_on_another_digest_than_the_source_has() -> None:
    other = coder_component(digest=OTHER_DIGEST).with_input(
        "observed_digests", {region.name: OTHER_DIGEST for region in with_digest().settings.regions}
    )

    assert judge(IMAGE_PARITY, other, stack=with_digest) == [
        f"digest is {OTHER_DIGEST}, the image at ghcr.io/coder/coder-preview is {DIGEST}; {WHY}: declare the digest "
        "that workshop:image has"
    ]


def test_wrong_type_of_digest() -> None:
    assert judge(IMAGE_PARITY, coder_component(digest="sha256:5a")) == [
        f"digest is 'sha256:5a', must be sha256: and 64 hex digits; {WHY}: set digest to sha256: and 64 hex digits"
    ]
    assert judge(IMAGE_PARITY, server().with_input("spec.template.spec.containers.0.image", 7))[0] == (
        f"{CONTAINER} is the number 7, must be text; {WHY}: set {CONTAINER} to text"
    )


def test_empty_observations() -> None:
    assert judge(IMAGE_PARITY, coder_component().with_input("observed_digests", {})) == [
        f"observed_digests is empty; {WHY}: give it a value"
    ]


def test_exempt() -> None:
    drifted = coder_component().with_input("observed_digests.eu-west-2", OTHER_DIGEST)

    assert judge(IMAGE_PARITY, drifted, exemptions=[exemption(IMAGE_PARITY, drifted)]) == []


HOST = "123456789012.dkr.ecr.{}.amazonaws.com"


def planned(region: str) -> str:
    return f"{HOST.format(region)}/coder-preview@{DIGEST}"


def in_cluster(image: str, context: str | None = None, kind: str = "Deployment", key: str = "coder/coder") -> Resource:
    """A workload of the plan, declared whole."""
    namespace, name = key.split("/")
    provider = Resource(type="pulumi:providers:kubernetes", inputs={"context": context}) if context else None
    container = {"name": "coder", "image": image}
    return Resource(
        type=f"kubernetes:apps/v1:{kind}",
        name="coder",
        inputs={
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"template": {"spec": {"containers": [container, {"name": "sidecar", "image": "busybox"}]}}},
        },
        provider=provider,
    )


@pytest.mark.parametrize(
    "image",
    [
        f"ghcr.io/fork/coder@{DIGEST}",
        f"ghcr.io/coder/coder-preview@{DIGEST}",
        f"{HOST.format('us-east-2')}/ghcr/coder/coder-preview@{DIGEST}",
        f"999999999999.dkr.ecr.us-east-2.amazonaws.com/coder-preview@{DIGEST}",
        f"{HOST.format('us-west-2')}/coder-preview@{DIGEST}",
        f"{HOST.format('us-east-2')}/coder-preview@{OTHER_DIGEST}",
        f"{HOST.format('us-east-2')}/coder-preview:latest",
        "something/else",
    ],
)
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_gate_7_the_plan_s_own_workloads_run_the_plan_s_image(kind: str, image: str) -> None:
    assert judge(IMAGE_PARITY, in_cluster(planned("us-east-2"), "coder-ohio", kind), stack=with_digest) == []
    assert judge(IMAGE_PARITY, in_cluster(image, "coder-ohio", kind), stack=with_digest) == [
        f"{CONTAINER} is '{image}', coder/coder must run {planned('us-east-2')}; {WHY}: "
        f"set {CONTAINER} to {planned('us-east-2')}"
    ]


def test_gate_7_of_a_cluster_that_is_not_known_any_region_will_do() -> None:
    proxy = in_cluster(planned("eu-west-2"), key="coder-proxy/coder")
    assert judge(IMAGE_PARITY, proxy, stack=with_digest) == []
    (found,) = judge(IMAGE_PARITY, in_cluster("coder/coder", key="coder-proxy/coder"), stack=with_digest)
    assert f"must run {planned('us-east-2')} or {planned('us-west-2')} or {planned('eu-west-2')}; " in found


def test_gate_7_other_workloads_with_the_coder_image() -> None:
    for repository in ("coder/coder", "fork/coder-preview", "mirror/ghcr/coder/coder"):
        other = f"registry.example.com/{repository}@{OTHER_DIGEST}"
        job = replace(in_cluster(other, key="tools/migrate"), type="kubernetes:batch/v1:Job")
        assert judge(IMAGE_PARITY, job, stack=with_digest) == [
            f"{CONTAINER} is '{other}', workshop:image.digest is {DIGEST}; {WHY}: set its digest to {DIGEST}"
        ]
    for unlike in (f"xcoder/coder@{OTHER_DIGEST}", f"a/not-coder-preview@{OTHER_DIGEST}"):
        assert judge(IMAGE_PARITY, in_cluster(unlike, key="tools/migrate"), stack=with_digest) == []


def test_gate_7_volumes_of_images() -> None:
    other = f"coder/coder@{OTHER_DIGEST}"
    volume = in_cluster(planned("us-east-2")).with_input(
        "spec.template.spec.volumes", [{"name": "a", "image": {"reference": other}}]
    )
    assert judge(IMAGE_PARITY, volume, stack=with_digest)[0].startswith(
        f"spec.template.spec.volumes[0].image.reference is '{other}', workshop:image.digest is "
    )


def test_gate_7_without_account_or_digest_only_what_is_known_is_judged() -> None:
    def without() -> StackConfig:
        known = sandbox()
        image = known.settings.image.model_copy(update={"digest": None})
        return replace(known, settings=known.settings.model_copy(update={"image": image}))

    assert judge(IMAGE_PARITY, in_cluster(f"a/b@{DIGEST}"), stack=without) == []
    assert judge(IMAGE_PARITY, in_cluster(f"coder/coder@{DIGEST}"), stack=without) == []
