"""Patches: fields that are owned, forced, read back and given up."""

from __future__ import annotations

import pytest

from tests.sandbox.providers.calls import Calls
from tests.sandbox.providers.kubernetes.test_provider import FORCED, PATCH, URN, replicas
from workshop.sandbox.manifests.merging import managers_of
from workshop.sandbox.providers.provider import ProviderError


def test_a_patch_without_force_fails_and_names_the_owner(cluster: Calls) -> None:
    with pytest.raises(ProviderError) as error:
        cluster.create(URN, PATCH, replicas(cluster, 12.0, {}), False)
    assert str(error.value) == (
        "coder-ws/coder-provisioner: Server-Side Apply field conflict detected: Apply failed with 1 conflict: conflict "
        'with "terraform-provider-helm_v2.17.0_x5" using apps/v1: .spec.replicas: '
        'take the field with the annotation pulumi.com/patchForce: "true", '
        "or leave it to its owner"
    )


def test_a_forced_patch_owns_the_one_field_and_its_annotations(cluster: Calls) -> None:
    inputs = replicas(cluster, 12.0)
    made = cluster.create(URN, PATCH, inputs, False)
    assert made.id == "coder-ws/coder-provisioner"
    assert made.outputs["spec"]["replicas"] == 12
    assert isinstance(made.outputs["spec"]["replicas"], int)
    annotations = {("f:metadata", "f:annotations", f"f:{name}") for name in FORCED}
    assert managers_of(dict(made.outputs))["ours"] == {("f:spec", "f:replicas"), *annotations}


def test_a_patch_in_a_preview_changes_nothing(cluster: Calls) -> None:
    previewed = cluster.create(URN, PATCH, replicas(cluster, 12.0), True)
    assert (previewed.id, previewed.outputs["spec"]["replicas"]) == ("", 12)
    live = cluster.read(URN, PATCH, "coder-ws/coder-provisioner", replicas(cluster, 12.0), {})
    assert live
    assert live.outputs["spec"]["replicas"] == 6


def test_a_patch_that_is_read_back_shows_no_difference(cluster: Calls) -> None:
    inputs = replicas(cluster, 12.0)
    made = cluster.create(URN, PATCH, inputs, False)
    read = cluster.read(URN, PATCH, made.id, inputs, made.outputs)
    assert read
    assert cluster.diff(URN, PATCH, made.id, read.inputs, read.outputs, inputs, ()).changed == ()


def test_what_somebody_else_sets_back_is_noticed_when_read(cluster: Calls) -> None:
    inputs = replicas(cluster, 12.0)
    made = cluster.create(URN, PATCH, inputs, False)
    somebody = replicas(cluster, 6.0, {"pulumi.com/patchForce": "true"})
    cluster.create(URN, PATCH, somebody, False)
    read = cluster.read(URN, PATCH, made.id, inputs, made.outputs)
    assert read
    assert cluster.diff(URN, PATCH, made.id, read.inputs, read.outputs, inputs, ()).changed == ("spec.replicas",)


def test_two_patches_of_one_object_take_each_others_manager(cluster: Calls) -> None:
    """As the real provider does: its annotations lie on the object."""
    inputs = replicas(cluster, 12.0)
    made = cluster.create(URN, PATCH, inputs, False)
    cluster.create(f"{URN}-2", PATCH, replicas(cluster, 12.0, {**FORCED, "pulumi.com/patchFieldManager": "2"}), False)
    read = cluster.read(URN, PATCH, made.id, inputs, made.outputs)
    assert read
    changed = cluster.diff(URN, PATCH, made.id, read.inputs, read.outputs, inputs, ()).changed
    assert changed == ('metadata.annotations["pulumi.com/patchFieldManager"]',)


def test_a_patch_that_is_deleted_gives_its_field_up(cluster: Calls) -> None:
    inputs = replicas(cluster, 12.0)
    made = cluster.create(URN, PATCH, inputs, False)
    for _ in range(2):
        cluster.delete(URN, PATCH, made.id, inputs, made.outputs)
    read = cluster.read(URN, PATCH, made.id, inputs, {})
    assert read
    assert read.outputs["spec"]["replicas"] == 1
    assert "ours" not in managers_of(dict(read.outputs))


def test_a_patch_must_name_its_object(cluster: Calls) -> None:
    (failure,) = cluster.check(URN, PATCH, None, {"spec": {"replicas": 1.0}}, b"seed").failures
    assert failure.property == "metadata.name"


def test_a_patch_may_be_repeated_and_so_is_never_looked_for(cluster: Calls) -> None:
    inputs = replicas(cluster, 12.0)
    cluster.create(URN, PATCH, inputs, False)
    assert cluster.find(URN, PATCH, inputs) is None
    cluster.create(URN, PATCH, inputs, False)
