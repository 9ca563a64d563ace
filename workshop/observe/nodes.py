"""The workshop's nodes as EC2 knows them, those that ended within the last hour included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from workshop.model.ledger import NodeRun
from workshop.model.names import NODE_POOL
from workshop.model.settings.stack import Settings
from workshop.observe.aws_clients import aws_client

_RUNNING: Final = ("pending", "running", "shutting-down", "stopping")
"""States in which an instance is, or may still be, paid for."""


class NotSeen(Exception):
    """A region's nodes could not be looked at; the message says why."""


def node_runs(settings: Settings, region: str, now: datetime) -> tuple[NodeRun, ...]:
    """Instances that Karpenter launched for our pool, by its tag.

    An ended one has ended by now: EC2 says when only in words. Raises NotSeen where EC2 gives no answer or refuses.
    """
    pool = [{"Name": "tag:karpenter.sh/nodepool", "Values": [NODE_POOL]}]
    try:
        with aws_client(settings, "ec2", region) as client:
            pages = client.get_paginator("describe_instances").paginate(Filters=pool)
            instances = [one for page in pages for group in page["Reservations"] for one in group["Instances"]]
        return tuple(_run(one, region, now) for one in instances)
    except Exception as error:  # noqa: BLE001 - botocore's have no base of their own, and any of them leaves it unseen
        raise NotSeen(f"EC2 did not answer: {str(error) or type(error).__name__}") from None


def _run(instance: Mapping[str, Any], region: str, now: datetime) -> NodeRun:
    return NodeRun(
        instance=instance["InstanceId"],
        region=region,
        instance_type=instance["InstanceType"],
        launched_at=instance["LaunchTime"],
        ended_at=None if instance["State"]["Name"] in _RUNNING else now,
    )
