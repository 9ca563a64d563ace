"""What holds for every component, whatever it declares."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, cast, get_type_hints

import pytest

import components
from components.component import Component
from tests.components.declared import children_of, declared
from tests.components.examples import EXAMPLES, Example
from tests.components.recorded import Recorded, Registration
from workshop.model.names import FIELD_MANAGER, MANAGED_BY_LABEL, MANAGED_BY_TAG, MARK

TAGGED = {
    "aws:ecr/repository:Repository",
    "aws:eks/accessEntry:AccessEntry",
    "aws:iam/role:Role",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
}
PARTS_OF_A_BUCKET = (
    "BucketLifecycleConfiguration",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
)
RETAINED_FIELDS = {"replicas", "replicas-and-image"}

every_component = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)


def component_of(example: Example, recorded: Recorded) -> Registration:
    (found,) = recorded.of_type(f"workshop:components:{example.kind.__name__}")
    return found


def patches_of(recorded: Recorded) -> list[Registration]:
    return [child for child in children_of(recorded) if child.type.endswith("Patch")]


def test_every_component_has_an_example() -> None:
    for module in pkgutil.walk_packages(components.__path__, "components."):
        importlib.import_module(module.name)

    assert {example.kind for example in EXAMPLES} == set(Component.__subclasses__())


@every_component
def test_args_are_a_frozen_dataclass_of_keywords(example: Example) -> None:
    kind = type(example.args)

    assert is_dataclass(example.args)
    assert kind.__name__ == f"{example.kind.__name__}Args"
    parameters = cast("Any", kind).__dataclass_params__
    assert parameters.frozen
    assert all(field.kw_only for field in fields(example.args))
    assert Any not in get_type_hints(kind).values()


@every_component
def test_args_travel_as_plain_props_under_their_own_names(example: Example) -> None:
    props = component_of(example, declared(example)).inputs

    given = json.loads(json.dumps(asdict(cast("Any", example.args))))
    assert props == {name: value for name, value in given.items() if value is not None}  # as Pulumi sends them


@every_component
def test_children_hang_under_the_component_and_it_under_the_stack(example: Example) -> None:
    recorded = declared(example)
    component = component_of(example, recorded)

    assert component.parent.endswith("::pulumi:pulumi:Stack::workshop-test")
    assert children_of(recorded)
    assert {child.parent for child in children_of(recorded)} == {component.urn}


@every_component
def test_no_admission_policy_has_parameters(example: Example) -> None:
    """Kubernetes stops the watch of a built-in kind for good once no policy names it (docs/decisions, 0022)."""
    for child in children_of(declared(example)):
        assert not {"paramKind", "paramRef"} & {*cast("Mapping[str, object]", child.inputs.get("spec") or {})}


@every_component
def test_children_are_named_after_the_component_and_each_differently(example: Example) -> None:
    names = [child.name for child in children_of(declared(example))]

    assert all(name.startswith("us-east-2-") for name in names)
    assert len(set(names)) == len(names)


@every_component
def test_children_get_the_components_provider(example: Example) -> None:
    recorded = declared(example)
    provider = recorded.named("the-provider")

    assert {child.provider for child in children_of(recorded)} == {f"{provider.urn}::the-provider-id"}


@every_component
def test_outputs_are_registered_and_documented(example: Example) -> None:
    recorded = declared(example)
    outputs = recorded.outputs[component_of(example, recorded).urn]
    documentation = re.search(r"Outputs: (.*)", example.kind.__doc__ or "", re.DOTALL)

    assert outputs
    assert documentation
    assert set(outputs) <= set(re.findall(r"\w+", documentation[1]))


@every_component
def test_an_object_has_one_patch_which_is_forced_under_a_manager_of_its_own(example: Example) -> None:
    patched = set[tuple[str, str, str]]()
    patches = patches_of(declared(example))
    for patch in patches:
        metadata = patch.inputs["metadata"]
        assert metadata["annotations"]["pulumi.com/patchForce"] == "true"
        assert metadata["annotations"]["pulumi.com/patchFieldManager"].startswith(f"{FIELD_MANAGER}-")
        patched.add((patch.type, metadata.get("namespace", ""), metadata["name"]))

    assert len(patched) == len(patches)


@every_component
def test_patches_own_what_their_manager_is_named_for(example: Example) -> None:
    for patch in patches_of(declared(example)):
        assert set(patch.inputs) == {"apiVersion", "kind", "metadata", "spec"}
        assert set(patch.inputs["metadata"]) <= {"namespace", "name", "annotations"}
        fields = patch.inputs["metadata"]["annotations"]["pulumi.com/patchFieldManager"].split("-and-")
        assert len(leaves(patch.inputs["spec"])) == len(fields)


@every_component
def test_replica_and_image_patches_and_saved_work_are_retained_and_no_others(example: Example) -> None:
    for child in children_of(declared(example)):
        annotations: dict[str, str] = child.inputs.get("metadata", {}).get("annotations", {})
        field = annotations.get("pulumi.com/patchFieldManager", "").removeprefix(f"{FIELD_MANAGER}-")
        assert child.is_retained == (field in RETAINED_FIELDS or child.type.startswith("aws:s3/"))


@every_component
def test_what_is_owned_outright_carries_the_mark(example: Example) -> None:
    for child in children_of(declared(example)):
        if child.type.endswith("Patch"):
            continue
        if child.type.startswith("kubernetes:"):
            assert child.inputs["metadata"]["labels"][MANAGED_BY_LABEL] == MARK
        elif child.type in TAGGED:
            assert child.inputs["tags"][MANAGED_BY_TAG] == MARK
        elif child.type.startswith("cloudflare:"):
            assert child.inputs["comment"] == MARK
        else:
            assert child.type in (
                "aws:ecr/lifecyclePolicy:LifecyclePolicy",
                "aws:ecr/replicationConfiguration:ReplicationConfiguration",
                "aws:iam/rolePolicy:RolePolicy",
                *(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}" for kind in PARTS_OF_A_BUCKET),
            ), "it has nowhere to carry a mark"


@every_component
def test_registries_and_records_are_protected_and_nothing_else(example: Example) -> None:
    for child in children_of(declared(example)):
        assert child.is_protected == child.type.startswith(("aws:ecr/", "cloudflare:"))


def leaves(value: object) -> list[object]:
    """What a patch sets, the names by which list items merge left out."""
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return [leaf for key, item in entries.items() if key != "name" for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in cast("list[object]", value) for leaf in leaves(item)]
    return [value]
