"""ec2-quota: what the workspace nodes may grow to fits what EC2 grants, beside everything else in the account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed, warning
from workshop.checks.clients import asked_of_aws, asked_of_cluster
from workshop.checks.site import Site
from workshop.model.names import NODE_POOL
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region
from workshop.observe.live_cluster import LiveCluster
from workshop.observe.look_up import NotFound

QUOTA: Final = "L-1216C47A"
"""Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances, in vCPU, of an account in a region."""

_STANDARD: Final = re.compile(r"(a|c|d|h|i|im|is|m|r|t|z)[0-9]")
"""Beginnings of the instance types that count against it; inf, trn, mac, hpc and u- have quotas of their own."""


class Ec2Quota(RegionCheck):
    """Quota and use as EC2 counts them, not as the settings say."""

    id = "ec2-quota"
    stage = Stage.BEFORE_UP
    asks = "AWS or a cluster"
    needed = "quota for the workspace nodes"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """In use, less what our pool runs, plus its limit and other pools' planned growth."""
        quota = asked_of_aws(site, "service-quotas", region.name, _quota)
        in_use = asked_of_aws(site, "ec2", region.name, _in_use)
        ours = asked_of_cluster(site, region, _ours)
        limit = site.plan.regions[region.name].nodes.limit_vcpu
        demand = in_use - min(ours, in_use) + limit + region.vcpu_planned_elsewhere
        found, needed = f"{quota} vCPU granted, {in_use} in use", f"{demand} vCPU, up to {limit} for workspaces"
        if demand > quota:
            fix = (
                f"aws service-quotas request-service-quota-increase --service-code ec2 --quota-code {QUOTA} "
                f"--region {region.name} --desired-value {demand}"
            )
            return failed(found, needed, fix)
        if region.vcpu_in_use is not None and in_use > region.vcpu_in_use:
            return warning(
                f"{found}; vcpu_in_use is set to {region.vcpu_in_use}",
                needed,
                f"set it to {in_use} in workshop:regions",
            )
        return passed(found, needed)


def _quota(client: Any) -> int:  # noqa: ANN401 - boto3 makes its clients at run time
    return int(client.get_service_quota(ServiceCode="ec2", QuotaCode=QUOTA)["Quota"]["Value"])


def _in_use(client: Any) -> int:  # noqa: ANN401 - boto3 makes its clients at run time
    states = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    pages = client.get_paginator("describe_instances").paginate(Filters=states)
    instances = (one for page in pages for group in page["Reservations"] for one in group["Instances"])
    return sum(_vcpu(one) for one in instances if _counts(one))


def _counts(instance: Mapping[str, Any]) -> bool:
    return instance.get("InstanceLifecycle") is None and _STANDARD.match(instance["InstanceType"]) is not None


def _vcpu(instance: Mapping[str, Any]) -> int:
    options = instance["CpuOptions"]
    return options["CoreCount"] * options["ThreadsPerCore"]


def _ours(cluster: LiveCluster) -> int:
    try:
        return cluster.vcpu_of_pool(NODE_POOL)
    except NotFound:
        return 0
