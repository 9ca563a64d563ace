"""What each section of the settings takes: its defaults, its ranges, and the examples that messages propose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter, ValidationError

from workshop.model.settings import Settings
from workshop.model.settings_section import Section
from workshop.model.settings_workspaces import DaemonSetOverhead, Shape, Workspaces


def sections(kind: type[Section] = Section) -> Iterator[type[Section]]:
    """Every section there is, and the settings themselves."""
    for section in kind.__subclasses__():
        yield section
        yield from sections(section)


EXAMPLES = [
    (section.__name__, name, example)
    for section in {*sections(), Settings}
    for name, field in section.model_fields.items()
    for example in field.examples or ()
]


def test_there_are_examples_of_what_has_no_default() -> None:
    assert {("Image", "source", "ghcr.io/coder/coder-preview"), ("Settings", "users", 20)} <= set(EXAMPLES)


@pytest.mark.parametrize(("section", "name", "example"), sorted(EXAMPLES, key=str))
def test_every_example_is_taken(section: str, name: str, example: object) -> None:
    kinds = {kind.__name__: kind for kind in (*sections(), Settings)}

    TypeAdapter[object](kinds[section].model_fields[name].rebuild_annotation()).validate_python(example)


def test_defaults_are_those_of_the_sizing() -> None:
    workspaces = Workspaces()

    assert [(shape.vcpu, shape.memory_gib) for shape in workspaces.shapes] == [(2, 4), (4, 8)]
    assert (workspaces.storage_gib, workspaces.images_and_logs_gib) == (20, 20)
    assert (workspaces.headroom_percent, workspaces.max_users_per_node) == (60, 4)
    assert workspaces.instance_types == ("c6a.4xlarge", "m6a.4xlarge")
    assert (workspaces.ami_family, workspaces.device) == ("Bottlerocket", "/dev/xvdb")
    assert workspaces.previous_node_pool == "coder-ws-all"
    assert DaemonSetOverhead().model_dump() == {"cpu_millicores": 500, "memory_mib": 1024, "pods": 6}


@pytest.mark.parametrize(
    ("section", "name", "least", "most"),
    [
        (Workspaces, "storage_gib", 1, 16_384),
        (Workspaces, "images_and_logs_gib", 1, 16_384),
        (Workspaces, "headroom_percent", 60, 95),
        (Workspaces, "max_users_per_node", 1, 100),
        (DaemonSetOverhead, "cpu_millicores", 0, 100_000),
        (DaemonSetOverhead, "memory_mib", 0, 1_000_000),
        (DaemonSetOverhead, "pods", 0, 100),
    ],
)
def test_boundary_of_numbers(section: type[Section], name: str, least: int, most: int) -> None:
    for value in (least, most):
        assert getattr(section.model_validate({name: value}), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(ValidationError, match=name):
            section.model_validate({name: value})


@pytest.mark.parametrize(
    ("vcpu", "memory_gib", "is_taken"),
    [(1, 1, True), (512, 4096, True), (0, 1, False), (1, 0, False), (513, 1, False), (1, 4097, False)],
)
def test_boundary_of_shapes(vcpu: int, memory_gib: int, is_taken: bool) -> None:
    given = {"vcpu": vcpu, "memory_gib": memory_gib}
    if is_taken:
        assert Shape.model_validate(given).model_dump() == given
    else:
        with pytest.raises(ValidationError):
            Shape.model_validate(given)


@pytest.mark.parametrize("name", ["shapes", "instance_types"])
def test_boundary_of_lists_that_need_one(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Workspaces.model_validate({name: []})
    one = {"shapes": [{"vcpu": 1, "memory_gib": 1}], "instance_types": ["c6a.4xlarge"]}
    assert len(getattr(Workspaces.model_validate({name: one[name]}), name)) == 1


def test_types_that_are_named_twice_are_refused_by_their_place() -> None:
    with pytest.raises(ValidationError, match="instance_types"):
        Workspaces.model_validate({"instance_types": ["c6a.4xlarge", "c6a.4xlarge"]})


@pytest.mark.parametrize("section", sorted(sections(), key=str))
def test_sections_are_frozen_and_know_their_keys(section: type[Section]) -> None:
    assert section.model_config.get("frozen")
    assert section.model_config.get("extra") == "forbid"


def test_a_number_does_where_text_is_asked_for() -> None:
    assert Workspaces.model_validate({"previous_node_pool": 7}).previous_node_pool == "7"
