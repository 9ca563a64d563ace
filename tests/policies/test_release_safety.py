"""release-safety: what must outlive the stack is protected, what must be given back is not, patches can let go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.release_safety import FORCE, MANAGER, RELEASE_SAFETY
from tests.policies.declared import FORCED, node_class, node_pool, replicas, replication, repository, server
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type

SUSPENSION = Resource(
    type="kubernetes:batch/v1:CronJobPatch",
    inputs={"metadata": {"name": "rotate-key", "annotations": FORCED}, "spec": {"suspend": True}},
)
BINDING = Resource(
    type="kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
    inputs={"metadata": {"name": "ai-coder-workshop-image-pinned"}, "spec": {"validationActions": ["Warn", "Audit"]}},
)
ANNOTATIONS = "metadata.annotations"


def annotated(key: str, value: object) -> Resource:
    return replace(server(), inputs={**server().inputs, "metadata": {"annotations": {**FORCED, key: value}}})


def test_pass_as_components_declare_it() -> None:
    assert (
        judge(RELEASE_SAFETY, repository(), replication(), node_pool(), node_class(), server(), SUSPENSION, BINDING)
        == []
    )


@pytest.mark.parametrize("kept", [repository(), replication()])
def test_fail_on_a_registry_without_protection(kept: Resource) -> None:
    assert judge(RELEASE_SAFETY, replace(kept, protect=False)) == [
        refused(
            RELEASE_SAFETY,
            "it is not protected",
            "declare it with protect=True",
            "destroy would delete images that running workshops pull",
        )
    ]


@pytest.mark.parametrize("given_back", [node_pool(), node_class(), SUSPENSION, BINDING])
def test_fail_on_what_destroy_could_not_give_back(given_back: Resource) -> None:
    assert judge(RELEASE_SAFETY, replace(given_back, protect=True)) == [
        refused(
            RELEASE_SAFETY,
            "it is protected",
            "declare it without protect",
            "destroy could not give it back: rotation, the old pool or a guard would stay",
        )
    ]


def test_fail_on_a_patch_that_is_not_forced() -> None:
    assert judge(RELEASE_SAFETY, annotated(FORCE, "false")) == [
        refused(RELEASE_SAFETY, f'{FORCE} is "false", must be "true"', f'annotate it {FORCE}: "true"')
    ]


def test_boundary_a_whole_object_needs_no_annotations_and_a_protected_replica_patch_is_fine() -> None:
    whole = Resource(type="kubernetes:apps/v1:Deployment", inputs={"metadata": {"name": "x"}})

    assert judge(RELEASE_SAFETY, whole, replace(replicas(12), protect=True)) == []


def test_unknown_manager() -> None:
    assert judge(RELEASE_SAFETY, annotated(MANAGER, UNKNOWN)) == [unknown(RELEASE_SAFETY, f"{ANNOTATIONS}.{MANAGER}")]


def test_missing_annotations() -> None:
    assert judge(RELEASE_SAFETY, server().without_input(ANNOTATIONS)) == [missing(RELEASE_SAFETY, ANNOTATIONS)]
    assert judge(RELEASE_SAFETY, server().with_input(ANNOTATIONS, {FORCE: "true"})) == [
        missing(RELEASE_SAFETY, f"{ANNOTATIONS}.{MANAGER}")
    ]


def test_wrong_type_of_annotation() -> None:
    assert judge(RELEASE_SAFETY, annotated(FORCE, True)) == [
        wrong_type(RELEASE_SAFETY, f"{ANNOTATIONS}.{FORCE}", "true", "text")
    ]


def test_empty_manager() -> None:
    assert judge(RELEASE_SAFETY, annotated(MANAGER, "")) == [empty(RELEASE_SAFETY, f"{ANNOTATIONS}.{MANAGER}")]


def test_exempt() -> None:
    bare = replace(repository(), protect=False)

    assert judge(RELEASE_SAFETY, bare, exemptions=[exemption(RELEASE_SAFETY, bare)]) == []
