"""What AWS says of an instance, as EventBridge hands it on and AWS documents it; Karpenter acts on each of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final, TypeAlias
from uuid import uuid4

Notice: TypeAlias = Mapping[str, Any]

_NOTICE: Final = timedelta(days=14)
"""From the word to the day on which AWS stops an instance that it retires: about two weeks (AWS Health's guide)."""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One of EC2's."""

    account: str
    region: str
    id: str


def is_retired(instance: Instance, at: datetime) -> Notice:
    """Its hardware fails: AWS will stop it, in two weeks. at: in UTC."""
    code = "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED"
    arn = f"arn:aws:health:{instance.region}::event/EC2/{code}/{code}_{uuid4()}"
    detail = {
        "eventArn": arn,
        "service": "EC2",
        "eventTypeCode": code,
        "eventTypeCategory": "scheduledChange",
        "eventScopeCode": "ACCOUNT_SPECIFIC",
        "communicationId": str(uuid4()),
        "startTime": format_datetime(at + _NOTICE, usegmt=True),
        "endTime": format_datetime(at + _NOTICE, usegmt=True),
        "lastUpdatedTime": format_datetime(at, usegmt=True),
        "statusCode": "upcoming",
        "eventRegion": instance.region,
        "eventDescription": [{"language": "en_US", "latestDescription": "The hardware under your instance degrades."}],
        "affectedEntities": [{"entityValue": instance.id, "status": "PENDING"}],
        "affectedAccount": instance.account,
        "page": "1",
        "totalPages": "1",
    }
    return _event(instance, at, ("aws.health", "AWS Health Event"), detail)


def is_taken_back(instance: Instance, at: datetime) -> Notice:
    """AWS wants a spot instance back, and terminates it in two minutes."""
    detail = {"instance-id": instance.id, "instance-action": "terminate"}
    return _event(instance, at, ("aws.ec2", "EC2 Spot Instance Interruption Warning"), detail)


def goes_away(instance: Instance, at: datetime) -> Notice:
    """It is being terminated, by whomever."""
    detail = {"instance-id": instance.id, "state": "shutting-down"}
    return _event(instance, at, ("aws.ec2", "EC2 Instance State-change Notification"), detail)


def _event(instance: Instance, at: datetime, kind: tuple[str, str], detail: Notice) -> Notice:
    """kind: source and detail-type."""
    source, detail_type = kind
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": instance.account,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": instance.region,
        "resources": [f"arn:aws:ec2:{instance.region}:{instance.account}:instance/{instance.id}"],
        "detail": detail,
    }
