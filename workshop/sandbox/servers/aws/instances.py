"""EC2 instances behind the sandbox's nodes: what Karpenter would launch and terminate, in moto and in its record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Final
from urllib.parse import urlencode

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.aws.application import Aws
from workshop.sandbox.servers.aws.request import AwsRequest

CLAIM_TAG: Final = "karpenter.sh/nodeclaim"
POOL_TAG: Final = "karpenter.sh/nodepool"

_IMAGE: Final = "ami-12c6146b"
"""One that moto knows."""

_GONE: Final = ("shutting-down", "terminated")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """An instance of Karpenter's. claim: its NodeClaim's name."""

    id: str
    claim: str
    is_gone: bool


class Instances:
    """Instances of one account, in every region."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def launch(self, region: str, zone: str, instance_type: str, claim: str, pool: str, at: datetime) -> str:
        """Launches one at that time, which may be a simulated one, and answers its id."""
        tags = {CLAIM_TAG: claim, POOL_TAG: pool, "Name": f"{pool}/{claim}"}
        fields = {
            "ImageId": _IMAGE,
            "InstanceType": instance_type,
            "MinCount": "1",
            "MaxCount": "1",
            "Placement.AvailabilityZone": zone,
            "TagSpecification.1.ResourceType": "instance",
        }
        for number, (key, value) in enumerate(tags.items(), 1):
            fields |= {f"TagSpecification.1.Tag.{number}.Key": key, f"TagSpecification.1.Tag.{number}.Value": value}
        found = re.search(r"<instanceId>(.+?)</instanceId>", self._ask("RunInstances", region, fields, at))
        assert found is not None, "EC2 names what it has launched"
        return found[1]

    def terminate(self, region: str, instance: str, at: datetime) -> None:
        """Terminates one."""
        self._ask("TerminateInstances", region, {"InstanceId.1": instance}, at)

    def machines(self, region: str) -> list[Machine]:
        """Those that have a claim, those that have ended among them."""
        models: Json = import_module("moto.ec2.models")
        backend = models.ec2_backends[self._aws.account][region]
        found = [
            (one, {tag["key"]: tag["value"] for tag in one.get_tags()})
            for reservation in backend.reservations.values()
            for one in reservation.instances
        ]
        return [
            Machine(id=one.id, claim=tags[CLAIM_TAG], is_gone=one.state in _GONE)
            for one, tags in found
            if CLAIM_TAG in tags
        ]

    def _ask(self, action: str, region: str, fields: Mapping[str, str], at: datetime) -> str:
        request = AwsRequest(
            at=at,
            service="ec2",
            region=region,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"Action": action, "Version": "2016-11-15", **fields}),
        )
        response = self._aws.carry_out(request)
        if response.status_code >= 400:
            raise RuntimeError(f"EC2 {action}: {response.get_data(as_text=True)}")
        return response.get_data(as_text=True)
