"""What is in the account: in each region subnets and a security group with the tags that node classes name, a role,
and a queue.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Final

from pydantic import BaseModel, ConfigDict

from workshop.sandbox.json_values import Json

Tag = tuple[str, str]


class RegionAccount(BaseModel):
    """What one region has. subnet_tag, security_group_tag: key and value. ami_version: of the image that there is.

    queue: to which EventBridge's rules send what AWS says of instances.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    zones: tuple[str, ...]
    subnet_tag: Tag
    security_group_tag: Tag
    node_role: str
    ami_version: str
    queue: str


class Account(BaseModel):
    """What the server is started with. token: the access key by which it is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    token: str
    regions: tuple[RegionAccount, ...]


Ask = Callable[[str, str, dict[str, str]], Json]
"""Asks moto: a service, a region, and the fields of a query."""

_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def furnish(account: Account, ask: Ask) -> dict[str, str]:
    """Puts all that into moto, whose default VPC has a subnet in each zone; answers the image of each region."""
    models: Json = import_module("moto.ec2.models")
    images: dict[str, str] = {}
    for region in account.regions:
        ec2 = models.ec2_backends[account.id][region.name]
        subnets = [one.id for one in ec2.describe_subnets() if one.availability_zone in region.zones]
        groups = [one.id for one in ec2.describe_security_groups(filters={"group-name": ["default"]})]
        for resources, (key, value) in ((subnets, region.subnet_tag), (groups, region.security_group_tag)):
            ec2.create_tags(resources, {key: value})
        image = ec2.register_image(name=f"nodes-{region.ami_version}", description="")
        image.architecture = "x86_64"  # moto looks at no Architecture that it is given
        images[region.name] = image.id
        ask("sqs", region.name, {"Action": "CreateQueue", "QueueName": region.queue})
    for role in sorted({region.node_role for region in account.regions}):
        ask(
            "iam",
            "us-east-1",
            {"Action": "CreateRole", "RoleName": role, "AssumeRolePolicyDocument": json.dumps(_TRUST)},
        )
    return images
