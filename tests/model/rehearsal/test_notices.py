"""What AWS says of an instance has the shape that it documents, by which Karpenter tells one from another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from workshop.model.rehearsal.notices import Instance, Notice, goes_away, is_retired, is_taken_back

AT = datetime(2026, 10, 2, 11, 30, tzinfo=UTC)
INSTANCE = Instance(account="123456789012", region="us-east-2", id="i-0123456789abcdef0")


@pytest.mark.parametrize(
    ("said", "source", "kind"),
    [
        (is_retired, "aws.health", "AWS Health Event"),
        (is_taken_back, "aws.ec2", "EC2 Spot Instance Interruption Warning"),
        (goes_away, "aws.ec2", "EC2 Instance State-change Notification"),
    ],
)
def test_each_is_an_event_of_eventbridge(said: Callable[[Instance, datetime], Notice], source: str, kind: str) -> None:
    notice = said(INSTANCE, AT)
    assert {key: notice[key] for key in ("version", "source", "detail-type", "account", "time", "region")} == {
        "version": "0",
        "source": source,
        "detail-type": kind,
        "account": "123456789012",
        "time": "2026-10-02T11:30:00Z",
        "region": "us-east-2",
    }
    assert notice["resources"] == ["arn:aws:ec2:us-east-2:123456789012:instance/i-0123456789abcdef0"]
    assert said(INSTANCE, AT)["id"] != notice["id"]


def test_a_retirement_is_a_change_of_ec2_s_that_is_due_in_two_weeks() -> None:
    detail = is_retired(INSTANCE, AT)["detail"]
    assert (detail["service"], detail["eventTypeCategory"]) == ("EC2", "scheduledChange")
    assert detail["startTime"] == "Fri, 16 Oct 2026 11:30:00 GMT"
    assert [one["entityValue"] for one in detail["affectedEntities"]] == [INSTANCE.id]


def test_the_others_say_what_happens_to_the_instance() -> None:
    assert is_taken_back(INSTANCE, AT)["detail"] == {"instance-id": INSTANCE.id, "instance-action": "terminate"}
    assert goes_away(INSTANCE, AT)["detail"] == {"instance-id": INSTANCE.id, "state": "shutting-down"}
