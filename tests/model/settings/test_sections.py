"""What each section of the settings takes: its defaults, its ranges, and the examples that messages propose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.model.given import settings, structure
from workshop.model.settings import types as forms
from workshop.model.settings.preflight import Preflight
from workshop.model.settings.section import Section
from workshop.model.settings.stack import Settings
from workshop.model.settings.window import Window
from workshop.model.settings.workspaces import DaemonSetOverhead, Shape, Workspaces


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
    ("vcpu", "memory_gib", "weight", "is_taken"),
    [
        (1, 1, 1, True),
        (512, 4096, 1000, True),
        (0, 1, 1, False),
        (1, 0, 1, False),
        (513, 1, 1, False),
        (1, 4097, 1, False),
        (1, 1, 0, False),
        (1, 1, 1001, False),
    ],
)
def test_boundary_of_shapes(vcpu: int, memory_gib: int, weight: int, is_taken: bool) -> None:
    given = {"vcpu": vcpu, "memory_gib": memory_gib, "weight": weight}
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


@pytest.mark.parametrize(
    ("form", "taken", "refused"),
    [
        (
            forms.Fqdn,
            (f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 61}",),
            (f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 62}",),
        ),
        (forms.Name, ("a", "a" * 63, "0-a"), ("", "a" * 64, "a-", "A")),
        (forms.AwsRegion, ("us-gov-east-1",), ("us-east-1a",)),
        (forms.Zone, ("us-gov-east-1b",), ("us-east-1",)),
        (forms.ImageName, ("localhost:5000/a/b_c",), ("a", "a/B")),
        (forms.Tag, ("_", "A" * 128), ("", "A" * 129, ".a")),
        (forms.RoleName, ("a+=,.@-_", "a" * 64), ("", "a" * 65)),
        (forms.AmiVersion, ("v20260101", "1" * 64), ("v", "1" * 65)),
        (forms.Device, ("/dev/xvdb", "/dev/sda1"), ("/dev/xvd", "/dev/sda100")),
        (forms.Text, ("a" * 256,), (" ", "a" * 257, "a\x7f")),
        (forms.Repository, ("team/base-ws_a.b",), ("a-", "/a")),
        (forms.LoopbackUrl, ("http://127.0.0.1:1/a",), ("http://127.0.0.1", "http://127.0.0.1:1 ")),
        (forms.Url, ("http://a:9090/b", f"https://{'a' * 250}"), ("https://", f"https://{'a' * 251}")),
        (forms.HttpsUrl, ("https://litellm.example.com:8443/v1",), ("https://", "https://A")),
        (forms.ImageDigest, (f"a:5000/b@sha256:{'0' * 64}",), (f"a/b@sha256:{'0' * 63}",)),
        (forms.OidcIssuer, ("oidc.eks.us-east-2.amazonaws.com/id/1A",), ("", "a/")),
        (forms.SecretName, ("a/b_c+d=e.f@g-h", "a" * 500), ("", "a" * 501)),
        (forms.Percent, (0, 100), (-1, 101)),
        (forms.Count, (1, 1000), (0, 1001)),
        (forms.Vcpu, (0, 1_000_000), (-1, 1_000_001)),
    ],
)
def test_boundary_of_forms(
    form: Any,  # noqa: ANN401 - an annotated type
    taken: tuple[object, ...],
    refused: tuple[object, ...],
) -> None:
    adapter = TypeAdapter[object](form)
    for value in taken:
        assert adapter.validate_python(value) == value
    for value in refused:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


@pytest.mark.parametrize(
    ("section", "name", "least", "most"),
    [
        (Window, "duration", "1m", "168h"),
        (Window, "preparation", "0m", "336h"),
        (Window, "cool_down", "0h", "335h60m"),
        (Preflight, "holds", "1m", "168h"),
    ],
)
def test_boundary_of_durations(section: type[Section], name: str, least: str, most: str) -> None:
    given = {"start": "2026-10-01T09:00-07:00", "duration": "4h"} if section is Window else {}
    for value in (least, most):
        section.model_validate({**given, name: value})
    with pytest.raises(ValidationError, match=name):
        section.model_validate({**given, name: "336h1m"})


def test_defaults_of_what_a_stack_leaves_out() -> None:
    optional = ("scope", "max_users", "rotation", "preflight", "adopt", "zones", "endpoints", "admission")
    given = settings(**dict.fromkeys((*optional, "spend_ceiling_usd", "replication_rules_of_others")))

    assert (given.scope, given.max_users, given.admission, given.spend_ceiling_usd) == ("all", 60, "warn", 0)
    assert given.rotation.model_dump() == {
        "image": None,
        "litellm_url": None,
        "cron_job": "rotate-key",
        "secret": "litellm",
        "secret_key": "token",
        "master_secret": "litellm.env",
        "master_secret_key": "master",
        "user": "robot_user.ai",
        "stored_as": "ai-coder-workshop/litellm-key",
        "permissions_boundary": None,
    }
    assert given.preflight.model_dump() == {
        "required": False,
        "holds": timedelta(hours=24),
        "prometheus_url": None,
        "alertmanager_url": None,
        "smoke_templates": {},
    }
    assert (given.adopt, given.zones, given.endpoints, given.replication_rules_of_others) == ({}, {}, None, ())
    assert given.zone.ttl_seconds == 300


def test_defaults_of_what_a_region_and_an_organization_leave_out() -> None:
    left_out = ("hosts_provisioners", "vcpu_planned_elsewhere", "cluster", "zones", "vcpu_quota", "node_role")
    bare: list[dict[str, object]] = [
        {key: value for key, value in region.items() if key not in left_out} for region in structure("regions")
    ]
    organizations = [{"name": "a", "namespace": "a", "is_default": True}, {"name": "b", "namespace": "b"}]
    given = settings(regions=bare, organizations=organizations)

    region = given.regions[0]
    assert (region.hosts_provisioners, region.vcpu_planned_elsewhere, region.zones) == (True, 0, ())
    assert (region.vcpu_quota, region.node_role, region.cluster.model_dump(exclude_none=True)) == (None, None, {})
    assert [(one.is_default, one.minimum_provisioners) for one in given.organizations] == [(True, 2), (False, 2)]


def test_one_of_each_is_enough() -> None:
    one: dict[str, object] = {**structure("regions")[0], "share": 100}
    given = settings(
        regions=[one], organizations=structure("organizations")[:1], repositories=[structure("image")["repository"]]
    )

    assert [len(given.regions), len(given.organizations), len(given.repositories)] == [1, 1, 1]


def test_where_litellm_answers() -> None:
    rotation = {**structure("rotation"), "litellm_url": "https://litellm.example.com"}
    endpoints = structure("endpoints")

    assert settings(rotation=rotation).litellm_url == endpoints["litellm"]
    del endpoints["litellm"]
    assert settings(rotation=rotation, endpoints=endpoints).litellm_url == "https://litellm.example.com"
    assert settings(rotation=rotation, endpoints=None).litellm_url == "https://litellm.example.com"
    assert settings(endpoints=None).litellm_url is None


def test_which_zone_has_which_id() -> None:
    given = settings()

    assert given.zone_id("coder.com") == "0123456789abcdef0123456789abcdef"
    assert given.zone_id("coderdemo.io") == "1123456789abcdef0123456789abcdef"
    assert given.zone_id("example.com") is None


@pytest.mark.parametrize(
    ("scope", "stack", "declares"),
    [("all", None, True), ("all", "dns", False), ("dns", None, True), ("dns", "dns", True), ("registry", None, False)],
)
def test_who_declares_records(scope: str, stack: str | None, declares: bool) -> None:
    assert settings(scope=scope, zone={**structure("zone"), "stack": stack}).declares_records is declares


@pytest.mark.parametrize("section", sorted(sections(), key=str))
def test_sections_are_frozen_and_know_their_keys(section: type[Section]) -> None:
    assert section.model_config.get("frozen")
    assert section.model_config.get("extra") == "forbid"


def test_a_number_does_where_text_is_asked_for() -> None:
    assert Workspaces.model_validate({"previous_node_pool": 7}).previous_node_pool == "7"
