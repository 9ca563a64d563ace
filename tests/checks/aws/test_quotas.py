"""What EC2 grants, and what runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import aws, clusters, given, results, same, site
from tests.model.given import regions
from workshop.checks.aws.quotas import Ec2Quota
from workshop.model.plan.plan import plan_of_event

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")


def instance(kind: str, cores: int, threads: int, **others: str) -> dict[str, Any]:
    return {"InstanceType": kind, "CpuOptions": {"CoreCount": cores, "ThreadsPerCore": threads}, **others}


def in_use(*instances: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Reservations": [{"Instances": [one]}]} for one in instances]


POOL = "/apis/karpenter.sh/v1/nodepools/workshop-workspaces"


def pool(cpu: str) -> Mapping[str, Mapping[str, Any]]:
    return {POOL: {"metadata": {"name": "workshop-workspaces"}, "spec": {}, "status": {"resources": {"cpu": cpu}}}}


STANDARD = [instance("c6a.4xlarge", 8, 2), instance("im4gn.large", 1, 2), instance("z1d.large", 1, 1)]
OTHERS = [instance("inf1.xlarge", 2, 2), instance("trn1.2xlarge", 4, 2), instance("mac1.metal", 6, 2)]
SPOT = [instance("c6a.4xlarge", 8, 2, InstanceLifecycle="spot")]
DEMAND = plan_of_event(given()).regions[OHIO].nodes.limit_vcpu
QUOTAS: Mapping[str, tuple[float, Sequence[dict[str, Any]], Mapping[str, Any]]] = {
    "room": (1024, [*STANDARD, *OTHERS, *SPOT], {}),
    "just enough": (19 + DEMAND, STANDARD, {}),
    "one too few": (18 + DEMAND, STANDARD, {}),
    "ours counts once": (19 + DEMAND - 16, STANDARD, pool("16")),
    "ours is more than EC2 says": (DEMAND, STANDARD, pool("64")),
    "planned elsewhere": (19 + DEMAND + 100, STANDARD, {}),
}


@pytest.mark.parametrize("name", QUOTAS)
def test_of_quotas(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    quota, instances, objects = QUOTAS[name]
    operations = {
        "service-quotas get_service_quota": {"Quota": {"Value": quota}},
        "ec2 describe_instances": in_use(*instances),
    }
    asked = aws(monkeypatch, operations)
    planned = 101 if name == "planned elsewhere" else 0
    where = regions({0: {"vcpu_planned_elsewhere": planned, "vcpu_in_use": 208}})
    with clusters(tmp_path, objects) as kubeconfig:
        same(results(Ec2Quota(), site(kubeconfig=kubeconfig, regions=where), OHIO), snapshot)
        for known in (18, 19, None):
            here = site(kubeconfig=kubeconfig, regions=regions({0: {"vcpu_in_use": known}}))
            same(results(Ec2Quota(), here, OHIO), snapshot(name=f"with {known} in use by the settings"))
    assert (
        "service-quotas",
        OHIO,
        "get_service_quota",
        {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"},
    ) in asked.asked
    filters = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    assert ("ec2", OHIO, "describe_instances", {"Filters": filters}) in asked.asked
