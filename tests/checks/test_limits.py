"""What keeps workspaces out, or scales back what the plan needs."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.checks.quick import EXCEPTIONS, NOW, aws, clusters, results, site
from tests.checks.test_nodes import OURS, node
from tests.model.given import regions
from workshop.checks import clients
from workshop.checks.limits import Autoscalers, NamespaceQuota
from workshop.checks.workspace_images import WorkspaceImages
from workshop.checks.zones import ZoneCapacity

OHIO, OREGON, LONDON = ("us-east-2", "us-west-2", "eu-west-2")
NODE = {f"/api/v1/nodes/{OURS}": node(OURS, OURS)}


def quota(name: str, hard: Mapping[str, str], used: Mapping[str, str] | None = None) -> dict[str, Any]:
    path = f"/api/v1/namespaces/coder-ws/resourcequotas/{name}"
    return {path: {"metadata": {"name": name}, "spec": {"hard": hard}, "status": {"used": used or {}}}}


# Ohio is planned for 10 users, of 4 vCPU, 8 GiB and 20 GiB of storage each.
QUOTAS: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "none": ({}, "go", "0 quotas in coder-ws"),
    "just enough": (quota("q", {"pods": "16", "requests.cpu": "40"}, {"pods": "6"}), "go", "1 quota in coder-ws"),
    "pods": (quota("q", {"pods": "15"}, {"pods": "6"}), "no-go", "q leaves pods for 9"),
    "pods, counted as objects": (quota("q", {"count/pods": "9"}), "no-go", "q leaves count/pods for 9"),
    "cpu": (quota("q", {"requests.cpu": "39500m"}), "no-go", "q leaves requests.cpu for 9"),
    "cpu, by its short name": (quota("q", {"cpu": "4"}), "no-go", "q leaves cpu for 1"),
    "memory": (
        quota("q", {"limits.memory": "80Gi"}, {"limits.memory": "1Mi"}),
        "no-go",
        "q leaves limits.memory for 9",
    ),
    "storage": (quota("q", {"requests.ephemeral-storage": "199Gi"}), "no-go", "requests.ephemeral-storage for 9"),
    "another resource": (quota("q", {"services": "0"}), "go", "1 quota"),
    "two": ({**quota("a", {"pods": "100"}), **quota("b", {"pods": "0"})}, "no-go", "b leaves pods for 0"),
    "used up": (quota("q", {"pods": "1"}, {"pods": "2"}), "no-go", "q leaves pods for -1"),
}


@pytest.mark.parametrize("name", QUOTAS)
def test_preflight_8_quotas_leave_room_for_everybody(name: str, tmp_path: Path) -> None:
    objects, verdict, words = QUOTAS[name]
    with clusters(tmp_path, {**NODE, **objects}) as kubeconfig:
        (result,) = results(NamespaceQuota(), site(kubeconfig=kubeconfig, users=20), OHIO)
    assert result["verdict"] == verdict
    assert words in result["found"]


def scaler(name: str, least: int | None, kind: str = "Deployment", at: str = "coder") -> dict[str, Any]:
    spec = {"scaleTargetRef": {"kind": kind, "name": name}, "maxReplicas": 3}
    spec |= {} if least is None else {"minReplicas": least}
    path = f"/apis/autoscaling/v2/namespaces/{at}/horizontalpodautoscalers/keda-hpa-{name}"
    return {path: {"metadata": {"name": f"keda-hpa-{name}", "namespace": at}, "spec": spec}}


SCALERS: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "none": ({}, "go", "none of 5 Deployments"),
    "below": (scaler("coder", 1), "no-go", "keda-hpa-coder lets coder/coder go to 1, 2 are planned"),
    "by default below": (scaler("coder", None), "no-go", "lets coder/coder go to 1"),
    "to zero": (scaler("coder", 0), "no-go", "lets coder/coder go to 0"),
    "as many": (scaler("coder", 2), "go", ""),
    "another Deployment": (scaler("coder-logstream", 1), "go", ""),
    "another kind": (scaler("coder", 1, kind="StatefulSet"), "go", ""),
    "another namespace": (scaler("coder", 1, at="elsewhere"), "go", ""),
    "provisioners": (scaler("coder-provisioner", 6, at="coder-ws"), "no-go", "go to 6, 12 are planned"),
}


@pytest.mark.parametrize("name", SCALERS)
def test_preflight_8_autoscalers_leave_what_is_planned(name: str, tmp_path: Path) -> None:
    objects, verdict, words = SCALERS[name]
    with clusters(tmp_path, {**NODE, **objects}) as kubeconfig:
        (result,) = results(Autoscalers(), site(kubeconfig=kubeconfig, users=20), OHIO)
    assert result["verdict"] == verdict, result
    assert words in result["found"]


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
