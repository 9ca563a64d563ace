"""The event's nodes as EC2 knows them, those that ended within the last hour included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from workshop.event.failure import EventFailure
from workshop.model.ledger import NodeRun
from workshop.model.names import NODE_POOL

_RUNNING: Final = ("pending", "running", "shutting-down", "stopping")
"""States in which an instance is, or may still be, paid for."""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An instance's run, and the NodeClaim for which Karpenter launched it, by its tag."""

    run: NodeRun
    claim: str | None


def ec2_client(session: Any, region: str) -> Any:  # noqa: ANN401 -- boto3's
    """EC2 of a region, given up within half a minute: a look waits for it, and boto3 would for ten."""
    retries = {"total_max_attempts": 2, "mode": "standard"}
    config = import_module("botocore.config").Config(connect_timeout=5, read_timeout=10, retries=retries)
    return session.client("ec2", region_name=region, config=config)


def instances_of_pool(client: Any, region: str, now: datetime) -> tuple[Instance, ...]:  # noqa: ANN401 -- boto3's
    """Instances of a region that Karpenter launched for our pool, by its tag.

    An ended one has ended by now: EC2 says when only in words. Raises EventFailure where it gives no answer or refuses.
    """
    pool = [{"Name": "tag:karpenter.sh/nodepool", "Values": [NODE_POOL]}]
    try:
        pages = client.get_paginator("describe_instances").paginate(Filters=pool)
        instances = [one for page in pages for group in page["Reservations"] for one in group["Instances"]]
        return tuple(Instance(run=_run(one, region, now), claim=_claim(one)) for one in instances)
    except Exception as error:  # noqa: BLE001 -- botocore's have no base of their own, and any of them leaves it unseen
        raise EventFailure(f"EC2 did not answer: {str(error) or type(error).__name__}") from None


def terminate(client: Any, instance: str) -> None:  # noqa: ANN401 -- boto3's EC2 client
    """Terminates an instance; one that EC2 has forgotten is none. Raises EventFailure."""
    try:
        client.terminate_instances(InstanceIds=[instance])
    except Exception as error:  # noqa: BLE001 -- as above
        if "InvalidInstanceID.NotFound" not in str(error):
            raise EventFailure(f"EC2 did not terminate {instance}: {str(error) or type(error).__name__}") from None


def _claim(instance: Mapping[str, Any]) -> str | None:
    return next((tag["Value"] for tag in instance.get("Tags", ()) if tag["Key"] == "karpenter.sh/nodeclaim"), None)


def _run(instance: Mapping[str, Any], region: str, now: datetime) -> NodeRun:
    return NodeRun(
        instance=instance["InstanceId"],
        region=region,
        instance_type=instance["InstanceType"],
        launched_at=instance["LaunchTime"],
        ended_at=None if instance["State"]["Name"] in _RUNNING else now,
    )
