"""What is said where people wait longer than was promised, in full: __snapshots__ is what a reviewer reads."""

from __future__ import annotations

from collections.abc import Mapping

from syrupy.assertion import SnapshotAssertion

from tests.model.given import settings, shown
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.judgement import advise_on_settings, judge_settings

IMAGE = f"ghcr.io/example/base@sha256:{'ab' * 32}"
WINDOW: Mapping[str, object] = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
READY: Mapping[str, object] = {"build_spread_percent": 0, "images": [IMAGE]}
EVENT = {"name": "october", "template": "demo/docker", "latest_end": "5h", "budget_usd": 200}


def test_arrival(snapshot: SnapshotAssertion) -> None:
    def said(users: str = "20", **changes: object) -> dict[str, list[str]]:
        event, scope = changes.pop("event", None), changes.pop("scope", "all")
        window = changes.pop("window", WINDOW)
        given = settings(users=users, window=window, event=event, scope=scope, arrival={**READY, **changes})
        return {
            "refused": [shown(one) for one in judge_settings(given, plan_of_event(given))],
            "advised": [shown(one) for one in advise_on_settings(given)],
        }

    assert {
        "in time": said(),
        "too few provisioners of the event's organization": said(event=EVENT, within="3m"),
        "the same, refused": said(event=EVENT, within="3m", on_miss="refuse"),
        "images that nodes pull when people come": said(images=[]),
        "a build that takes too long by itself": said(build_seconds=110),
        "without a window nobody is expected": said(window=None, event=None, images=[]),
        "scope dns asks nothing": said(scope="dns", images=[]),
    } == snapshot
