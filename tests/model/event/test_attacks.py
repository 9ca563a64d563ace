"""What somebody found who read the keeper's decisions for false steps, each as it was at that look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.model.given import settings
from workshop.model.event.decisions import CAP, decide
from workshop.model.event.extensions import Extension, extended
from workshop.model.event.receipts import Receipt, Result
from workshop.model.event.seats import Seat, Span
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import Ending, EventState, Node, Observed, Pod, Region, Workspace
from workshop.model.ledger import NodeRun, bill
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
END = START + 5 * HOUR
EVENT = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200}
ASKED = settings(users="10", window={"start": "2026-12-01T09:00+00:00", "duration": "5h"}, event=EVENT)
MAIN = Span(starts_at=START, ends_at=END)
SEAT = Seat(number=1, owner="ada", spans=(MAIN,), region="us-east-2", workspace_id="w", ready_build=1)
RUNNING = Workspace(
    id="w",
    owner="ada",
    name="workshop-01",
    status="running",
    transition="start",
    build=1,
    build_id="b",
    created_at=START,
    build_at=START,
    started_at=START,
    is_ready=True,
)
POD = Pod(workspace_id="w", region="us-east-2", namespace="coder-ws", name="p", is_running=True)
NODE = Node(region="us-east-2", claim="c", instance="i-1", seats=frozenset({"w"}))
KEPT = EventState(seats=(SEAT,), banned=frozenset({"ada"}))


def steps(
    kept: EventState,
    now: datetime,
    workspace: Workspace | None = RUNNING,
    node: Node = NODE,
    *,
    nodes_usd: int = 0,
    pods: bool = True,
) -> list[Step]:
    event, plan = given(ASKED.event), given(plan_event(ASKED))
    looks = {region.name: now for region in ASKED.regions}
    dear = NodeRun(
        instance="i-9",
        region="us-east-2",
        instance_type="c6a.4xlarge",
        launched_at=now - nodes_usd * HOUR,
        ended_at=now,
    )
    regions = {name: Region() for name in looks} | {"us-east-2": Region(nodes=(node,), pods={"w": POD} if pods else {})}
    seen = Observed(
        now=now,
        workspaces={} if workspace is None else {(workspace.owner, workspace.name): workspace},
        idle_provisioners=5,
        regions=regions,
        instances={name: {"i-1": START} if name == "us-east-2" else {} for name in looks},
        bill=bill(event, plan, (dear,), looks, now),
    )
    return list(decide(event, kept, seen))


def actions(*arguments: object, **named: object) -> list[Action]:
    return [step.action for step in steps(*arguments, **named)]  # pyright: ignore[reportArgumentType]


def receipt(at: datetime, build: int = 1, result: Result = Result.SAVED) -> Receipt:
    is_saved = result is Result.SAVED
    return Receipt(
        seat=1,
        workspace_id="w",
        build_number=build,
        at=at,
        result=result,
        reason="" if is_saved else "why",
        key="k" if is_saved else "",
        sha256="0" * 64 if is_saved else "",
        bytes=int(is_saved),
        files=int(is_saved),
    )


def test_who_starts_again_after_all_had_settled_is_saved_stopped_and_not_deleted() -> None:
    kept = replace(KEPT, settled_at=END + HOUR, receipts={1: receipt(END)})
    restarted = replace(RUNNING, build=3, started_at=END + 20 * HOUR, build_at=END + 20 * HOUR)
    assert actions(kept, END + 20 * HOUR + MINUTE, restarted)[0] is Action.SAVE
    a_day_later = actions(kept, END + 26 * HOUR, restarted)
    assert Action.DELETE not in a_day_later
    assert Action.SAVE in a_day_later


def test_a_strangers_node_costs_nothing_more_once_all_has_settled() -> None:
    kept = replace(KEPT, settled_at=END + HOUR, receipts={1: receipt(END)})
    stopped = replace(RUNNING, status="stopped", transition="stop", started_at=None)
    strange = replace(NODE, seats=frozenset(), strangers=("coder-ws/other",))
    assert actions(kept, END + 2 * HOUR, stopped, strange, nodes_usd=400, pods=False) == []
    assert actions(kept, END + 2 * HOUR, RUNNING, strange, nodes_usd=400) == [Action.END]


def test_a_workspace_is_a_seats_by_its_id_and_not_by_its_name() -> None:
    other = replace(RUNNING, id="another")
    for now in (START - HOUR, END + HOUR, END + 30 * HOUR):
        done = steps(
            replace(KEPT, receipts={1: receipt(END)}), now, other, replace(NODE, seats=frozenset()), pods=False
        )
        assert not any(step.workspace_id == "another" for step in done)


def test_a_workspace_that_its_person_had_before_is_not_a_seats() -> None:
    own = replace(RUNNING, created_at=START - HOUR)
    kept = replace(KEPT, seats=(replace(SEAT, workspace_id=None),))
    strange = replace(NODE, seats=frozenset(), strangers=("coder-ws/own",))
    assert actions(kept, START - MINUTE, own, strange, pods=False) == []
    assert actions(kept, START, own, strange, pods=False) == [Action.CREATE]
    assert actions(kept, START, RUNNING, pods=False) == []  # the keeper died before it kept the id
    assert not any(step.workspace_id for step in steps(kept, END + HOUR, own, strange, pods=False))


@pytest.mark.parametrize("status", ["stopping", "failed", "pending"])
def test_a_node_goes_although_coder_does_not_get_its_workspace_stopped(status: str) -> None:
    stuck = replace(RUNNING, status=status, transition="stop", started_at=None)
    kept = replace(KEPT, receipts={1: receipt(END)})
    assert Action.CLOSE_POOL not in actions(kept, END + 19 * MINUTE, stuck)
    assert Action.CLOSE_POOL in actions(kept, END + 20 * MINUTE, stuck)


def test_an_agent_that_never_reported_does_not_cost_the_work_that_was_saved() -> None:
    silent = replace(RUNNING, is_ready=False, failure="agent: start_error")
    unready = replace(SEAT, ready_build=None)
    kept = replace(KEPT, seats=(unready,))
    assert Action.REPLACE in actions(kept, START + 15 * MINUTE, silent)
    saved = replace(kept, receipts={1: receipt(START + 10 * MINUTE)})
    assert Action.REPLACE not in actions(saved, START + 15 * MINUTE, silent)


def test_empty_nodes_do_not_stand_through_early_access() -> None:
    early = Span(starts_at=START - 24 * HOUR, ends_at=START, hours=HOUR)
    kept = replace(KEPT, seats=(replace(SEAT, spans=(early, MAIN)),), receipts={1: receipt(START - 23 * HOUR)})
    stopped = replace(RUNNING, status="stopped", transition="stop", started_at=None, build_at=START - 23 * HOUR)
    empty = replace(NODE, seats=frozenset())
    event, plan = given(ASKED.event), given(plan_event(ASKED))
    now = START - 20 * HOUR
    looks = {region.name: now for region in ASKED.regions}
    seen = Observed(
        now=now,
        workspaces={("ada", "workshop-01"): stopped},
        idle_provisioners=5,
        regions={"us-east-2": Region(nodes=(empty,))},
        instances={"us-east-2": {"i-1": START - 24 * HOUR}},
        bill=bill(event, plan, (), looks, now),
    )
    assert [step.action for step in decide(event, kept, seen)] == [Action.END_CLAIM]


def test_no_instance_is_terminated_while_a_claim_may_be_its() -> None:
    unknown = replace(NODE, instance=None, seats=frozenset(), strangers=("coder-ws/other",))
    stopped = replace(RUNNING, status="stopped", transition="stop", started_at=None)
    kept = replace(KEPT, receipts={1: receipt(END)})
    assert Action.TERMINATE not in actions(kept, END + 2 * HOUR, stopped, unknown, pods=False)
    assert Action.TERMINATE not in actions(EventState(seats=()), END + 2 * HOUR, None, unknown, pods=False)


def test_a_claim_whose_deletion_failed_is_not_terminated_with_a_seat_on_it() -> None:
    kept = replace(KEPT, ended_claims={"i-1": START + HOUR})
    assert Action.TERMINATE not in actions(kept, START + 2 * HOUR)
    leaving = replace(NODE, is_leaving=True, seats=frozenset())
    assert Action.TERMINATE in actions(kept, START + 2 * HOUR, node=leaving, pods=False)


def test_an_event_that_was_ended_closes_its_pools_once_the_budget_is_reached() -> None:
    kept = replace(KEPT, ending=Ending(at=START + HOUR, reason="ended by command"))
    assert Action.CLOSE_POOL not in actions(kept, START + HOUR + MINUTE)
    assert Action.CLOSE_POOL in actions(kept, START + HOUR + MINUTE, nodes_usd=400)
    assert actions(KEPT, START + HOUR, nodes_usd=400) == [Action.END]
    assert steps(KEPT, START + HOUR, nodes_usd=400)[0].why == CAP


def test_extensions_do_the_same_in_any_order() -> None:
    longer = Extension(seat=None, made_at=START, ends_at=END + HOUR)
    shorter = Extension(seat=1, made_at=START, ends_at=END + HOUR / 2)
    access = Extension(seat=1, made_at=START, ends_at=END + 24 * HOUR, hours=HOUR)
    both = extended((MAIN,), 1, [access, longer, shorter])
    assert both == extended((MAIN,), 1, [shorter, longer, access])
    assert [span.ends_at for span in both] == [END + HOUR, END + 24 * HOUR]
    assert both[1].starts_at == END + HOUR


def test_past_the_second_deadline_a_save_is_tried_once_more_and_no_oftener() -> None:
    late = END + 25 * MINUTE
    old = replace(KEPT, receipts={1: receipt(END + MINUTE)})
    assert Action.SAVE in actions(old, late)
    slow = replace(KEPT, receipts={1: receipt(END + 11 * MINUTE)})  # it took twelve minutes
    assert Action.STOP in actions(slow, late)
