"""What the rules of an event say, in full: __snapshots__ is what a reviewer reads when words change."""

from __future__ import annotations

from collections.abc import Mapping

from syrupy.assertion import SnapshotAssertion

from tests.model.given import regions, settings, shown
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.judgement import advise_on_settings, judge_settings

WINDOW: Mapping[str, object] = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
EVENT: Mapping[str, object] = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200}


def test_event(snapshot: SnapshotAssertion) -> None:
    def event(window: Mapping[str, object] | None = WINDOW, scope: str = "all", **changes: object) -> list[str]:
        given = settings(users="60", scope=scope, window=window, event={**EVENT, "latest_end": "5h", **changes})
        return [shown(finding) for finding in judge_settings(given, plan_of_event(given))]

    assert {
        "one that keeps its budget": event(),
        "as late as may be": event(latest_end="5h30m"),
        "too late": event(latest_end="5h31m"),
        "as early as may be": event(provisioning="1h", window={**WINDOW, "preparation": "1h"}),
        "too early": event(provisioning="1h1m", window={**WINDOW, "preparation": "1h"}),
        "early access as early as may be": event(early_access="24h"),
        "early access that is too early": event(early_access="25h"),
        "early access that begins with the event": event(early_access="1h", window={**WINDOW, "preparation": "1h"}),
        "early access beyond the budget": event(early_access="24h", budget_usd=105),
        "early access beyond the budget at the limits": event(early_access="24h", budget_usd=125),
        "without a window": event(window=None),
        "as many seats as there is room for": event(seats=50, reserve=10),
        "too many seats": event(seats=50, reserve=11),
        "nothing but a reserve": event(reserve=60),
        "more than the budget": event(budget_usd=95),
        "more than the budget, softly": event(budget_usd=95, cap="soft"),
        "more than the budget at the limits": event(budget_usd=105),
        "the same, softly": event(budget_usd=105, cap="soft"),
        "with what models take": event(budget_usd=125, ai_usd=20),
        "a page on a host of its own": event(join_host="join.coder.com"),
        "a page where a region serves apps": event(join_host="ai.coder.com"),
        "a page below where a region serves apps": event(join_host="join.oregon-proxy.ai.coder.com"),
        "a page whose host only ends like a region's": event(join_host="join-ai.coder.com"),
        "scope dns asks nothing": event(scope="dns", reserve=60),
    } == snapshot


def test_homes_on_volumes(snapshot: SnapshotAssertion) -> None:
    def homes(kind: str, instance_type: str, users_per_node: int, zones: int = 1) -> list[str]:
        given = settings(
            users="60",
            window=WINDOW,
            event={**EVENT, "latest_end": "5h", "budget_usd": 2000, "homes": kind},
            workspaces={"instance_types": [instance_type], "max_users_per_node": users_per_node},
            regions=regions({0: {"zones": [f"us-east-2{letter}" for letter in "abc"[:zones]]}}),
        )
        found = judge_settings(given, plan_of_event(given))
        return [shown(one) for one in (*found, *advise_on_settings(given)) if one.rule == "volume-attachments"]

    assert {
        "as many as a node attaches": homes("volume", "c6a.32xlarge", 11),
        "one more": homes("volume", "c6a.32xlarge", 12),
        "of a smaller type": homes("volume", "c6a.4xlarge", 4),
        "in several zones": homes("volume", "c6a.4xlarge", 4, zones=3),
        "on nodes": homes("node", "c6a.32xlarge", 31, zones=3),
    } == snapshot
