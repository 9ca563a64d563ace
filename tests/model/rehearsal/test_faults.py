"""What each fault changes of a rehearsal, and what is expected of it on this plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.model.given import settings
from tests.model.rehearsal.test_verdict import AS_PLANNED, SETTINGS, WINDOW, judged, ready, rehearsal
from workshop.model.plan.plan import plan_of_event
from workshop.model.rehearsal.faults import EXPECTED, REGION_GONE_WITH_ROOM, Fault
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.rehearsal.verdict import is_as_expected, judge
from workshop.model.settings.stack import Settings

OHIO, OREGON, LONDON = (region.name for region in SETTINGS.regions)


def gone(given: Settings) -> Rehearsal:
    return Rehearsal(config={}, settings=given, plan=plan_of_event(given), seed=3, speed=20, fault=Fault.REGION_GONE)


def test_every_fault_says_what_it_does() -> None:
    assert EXPECTED.keys() == {*Fault}


def test_a_quota_is_a_node_short_in_the_first_region_and_nothing_is_warm_there() -> None:
    played = rehearsal(Fault.QUOTA)
    assert [played.quota_vcpu(name) for name in played.regions] == [3 * 16, None, None]
    assert [played.is_warm(name) for name in played.regions] == [False, True, True]
    assert rehearsal().quota_vcpu(OHIO) is None


def test_a_throttled_registry_refuses_in_the_first_region_where_nodes_are_made_ready_all_the_same() -> None:
    played = rehearsal(Fault.REGISTRY_THROTTLED)
    assert [played.refused_pulls(name) for name in played.regions] == [3, 0, 0]
    assert played.is_warm(OHIO)


def test_users_of_a_region_that_is_gone_go_to_the_others_and_nobody_is_left_out() -> None:
    played = gone(SETTINGS)
    assert played.gone == OREGON
    assert played.regions == (OHIO, LONDON)
    # Six of Oregon, by 50 and 20 of 70: 4.29 and 1.71.
    assert {name: played.users_in(name) for name in played.regions} == {OHIO: 14, LONDON: 6}
    assert played.users == 20
    assert not played.is_warm(OREGON)


@pytest.mark.parametrize(
    ("users", "survives", "is_survived"),
    [(20, "node", True), (60, "node", False), (60, "region", True)],
    ids=["few users find room", "many do not", "unless the plan is made for it"],
)
def test_whether_the_others_have_room_is_the_plan_s(users: int, survives: str, *, is_survived: bool) -> None:
    played = gone(settings(users=users, survives=survives, window=WINDOW))
    expected = REGION_GONE_WITH_ROOM if is_survived else EXPECTED[Fault.REGION_GONE]
    assert played.expected is expected
    region = played.plan.regions[OHIO]
    came = played.users_in(OHIO)
    seen = replace(
        AS_PLANNED,
        starts=(),
        running=came,
        provisioners=region.provisioners["coder"],
        nodes={f"node-{number}": ("c6a.4xlarge", 3) for number in range(-(-came // 3))},
        with_images=region.nodes.nodes,
        ready=ready(played.settings, played.plan),
    )
    all_run = judge(played, {OHIO: seen})
    assert is_as_expected(played, all_run) is is_survived
    some_wait = judge(played, {OHIO: replace(seen, running=came - 5, pending={"limits": 5})})
    assert is_as_expected(played, some_wait) is not is_survived


@pytest.mark.parametrize(
    ("fault", "changes", "why"),
    [
        (Fault.REGION_GONE, {}, None),
        (Fault.REGION_GONE, {"only": "us-east-2"}, "leave out --region"),
        (Fault.KEY_ROTATED, {}, None),
        (Fault.KEY_ROTATED, {"only": "eu-west-2"}, "us-east-2 is left out"),
        (Fault.QUOTA, {"only": "eu-west-2"}, None),
    ],
    ids=["all regions", "one region", "LiteLLM's region", "another region", "any region"],
)
def test_a_fault_that_can_t_be_played_says_why(fault: Fault, changes: dict[str, Any], why: str | None) -> None:
    found = replace(rehearsal(fault), **changes).why_not
    assert found is None if why is None else found is not None and why in found


@pytest.mark.parametrize(
    ("fault", "changes", "is_expected"),
    [
        (Fault.KEY_ROTATED, {"keys": (9, 9)}, True),
        (Fault.KEY_ROTATED, {"keys": (9, 6)}, False),
        (Fault.QUOTA, {"running": 9, "nodes": {"one": ("c6a.4xlarge", 3)}}, True),
        (Fault.QUOTA, {}, False),
        (Fault.REGISTRY_THROTTLED, {}, True),
        (Fault.REGISTRY_THROTTLED, {"with_images": 3}, False),
        (Fault.REGISTRY_THROTTLED, {"running": 9}, False),
        (Fault.SPOT_INTERRUPTION, {"notes": ("no spot",)}, True),
    ],
    ids=[
        "keys live", "keys are dead", "the quota holds back", "no quota after all", "nobody notices", "a node is late",
        "somebody waits", "nothing to take back",
    ],
)  # fmt: skip
def test_a_fault_does_what_it_has_to(fault: Fault, changes: dict[str, Any], *, is_expected: bool) -> None:
    assert is_as_expected(rehearsal(fault), judged(fault, **changes)) is is_expected


def test_notes_name_their_region() -> None:
    assert judged(notes=("it has no spot instance",)).notes == ("us-east-2: it has no spot instance",)
