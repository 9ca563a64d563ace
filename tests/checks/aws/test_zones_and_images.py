"""What AWS has for our nodes and workspaces: addresses, types and images."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from tests.checks.quick import EXCEPTIONS, NOW, aws, results, site
from tests.model.given import regions
from workshop.checks import clients
from workshop.checks.aws.workspace_images import WorkspaceImages
from workshop.checks.aws.zones import ZoneCapacity

OHIO, OREGON, LONDON = ("us-east-2", "us-west-2", "eu-west-2")
ZONES = ("us-east-2a", "us-east-2b", "us-east-2c")
TYPES = ("c6a.4xlarge", "m6a.4xlarge")


def subnets(**free: int) -> list[dict[str, Any]]:
    return [
        {"Subnets": [{"AvailabilityZone": f"us-east-2{zone}", "AvailableIpAddressCount": count}]}
        for zone, count in free.items()
    ]


def offerings(*left_out: str) -> list[dict[str, Any]]:
    found = [{"Location": zone, "InstanceType": kind} for zone in ZONES for kind in TYPES]
    return [
        {
            "InstanceTypeOfferings": [
                one for one in found if f"{one['Location'][-1]} {one['InstanceType']}" not in left_out
            ]
        }
    ]


# 4 nodes and one more: 300 addresses.
CAPACITY: Mapping[str, tuple[list[dict[str, Any]], list[dict[str, Any]], str, str]] = {
    "plenty": (subnets(a=250, b=250, c=250), offerings(), "go", "us-east-2a 250 free"),
    "just enough": (subnets(a=180, b=60, c=60), offerings(), "go", "us-east-2b 60 free"),
    "one too few": (subnets(a=179, b=60, c=60), offerings(), "no-go", "us-east-2a 179 free"),
    "a zone without a subnet": (subnets(a=250, c=250), offerings(), "no-go", "kubernetes.io/cluster"),
    "no subnet": ([{"Subnets": []}], offerings(), "no-go", "in us-east-2a, us-east-2b, us-east-2c"),
    "a full zone": (subnets(a=250, b=59, c=250), offerings(), "warning", "no node fits in us-east-2b"),
    "a type less": (
        subnets(a=250, b=250, c=250),
        offerings("b m6a.4xlarge"),
        "warning",
        "no m6a.4xlarge in us-east-2b",
    ),
    "no type": (
        subnets(a=250, b=250, c=250),
        offerings("b m6a.4xlarge", "b c6a.4xlarge"),
        "no-go",
        "none of the types is offered in us-east-2b",
    ),
    "no types at all": (subnets(a=250, b=250, c=250), [{"InstanceTypeOfferings": []}], "no-go", "none of the types"),
}


@pytest.mark.parametrize("name", CAPACITY)
def test_preflight_8_each_zone_has_addresses_and_types(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, offered, verdict, words = CAPACITY[name]
    asked = aws(monkeypatch, {"ec2 describe_subnets": found, "ec2 describe_instance_type_offerings": offered})
    here = site(users=20, regions=regions({0: {"zones": ZONES}}))
    (result,) = results(ZoneCapacity(), here, OHIO)
    assert result["verdict"] == verdict, result
    region = here.settings.regions[0]
    tag = f"{region.subnet_selector.tag}={region.cluster.name}"
    assert words.replace("kubernetes.io/cluster", f"no subnet tagged {tag} in us-east-2b") in result["found"]
    assert asked.asked[0][3] == {
        "Filters": [{"Name": f"tag:{region.subnet_selector.tag}", "Values": [region.cluster.name]}]
    }


def test_preflight_8_zones_that_are_not_set_are_inconclusive() -> None:
    (result,) = results(ZoneCapacity(), site(users=20, regions=regions({0: {"zones": []}})), OHIO)
    assert result["verdict"] == "inconclusive"


def image(tag: str, digest: str, pushed: int, pulled: int | None = None) -> dict[str, Any]:
    """Pushed, and pulled last, so many days ago."""
    last = {} if pulled is None else {"lastRecordedPullTime": NOW - timedelta(days=pulled)}
    return {"imageTags": [tag], "imageDigest": digest, "imagePushedAt": NOW - timedelta(days=pushed), **last}


SOURCE = [image("v3", "c", 1), image("v2", "b", 9, pulled=2), image("v1", "a", 90, pulled=60)]
IMAGES: Mapping[str, tuple[Any, str, str]] = {
    "all": ([{"imageDetails": SOURCE}], "go", "2 images of 5 repositories"),
    "an old one less": ([{"imageDetails": SOURCE[:2]}], "go", "2 images"),
    "the newest less": ([{"imageDetails": SOURCE[1:]}], "no-go", "not here: base-ws:v3"),
    "one in use less": ([{"imageDetails": SOURCE[:1]}], "no-go", "not here: base-ws:v2"),
    "another digest": ([{"imageDetails": [image("v3", "x", 1), SOURCE[1]]}], "no-go", "not here: base-ws:v3"),
    "none": ([{"imageDetails": []}], "no-go", "not here: base-ws:v3, base-ws:v2"),
    "no repository": (EXCEPTIONS.RepositoryNotFoundException(), "no-go", "not here: base-ws:v3, base-ws:v2"),
}


class Registry:
    """ECR of one region: what it answers about a repository, by region and name."""

    exceptions = EXCEPTIONS

    def __init__(self, region: str, answers: Mapping[tuple[str, str], Any]) -> None:
        self._region = region
        self._answers = answers

    def get_paginator(self, _operation: str) -> Registry:
        return self

    def paginate(self, *, repositoryName: str) -> Any:  # noqa: ANN401, N803 - as boto3's
        answer = self._answers.get((self._region, repositoryName), [{"imageDetails": []}])
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize("name", IMAGES)
def test_preflight_8_what_workspaces_pull_is_in_every_region(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there, verdict, words = IMAGES[name]
    made = {(OHIO, "base-ws"): [{"imageDetails": SOURCE}], (OREGON, "base-ws"): there}

    @contextmanager
    def client(_settings: object, _service: str, region: str) -> Generator[Registry]:
        yield Registry(region, made)

    monkeypatch.setattr(clients, "aws_client", client)
    (result,) = results(WorkspaceImages(), site(), OREGON)
    assert result["verdict"] == verdict, result
    assert words in result["found"]


def test_preflight_8_the_control_plane_s_region_is_the_source() -> None:
    assert results(WorkspaceImages(), site(), OHIO) == []
