"""A preview goes on while its resources are judged; an update waits for each verdict."""

from __future__ import annotations

import threading
from functools import partial
from typing import cast

import pytest

from workshop.model.outcome import Violation
from workshop.sandbox.engine.errors import EngineError, PolicyViolated
from workshop.sandbox.engine.policies.judging import Judging
from workshop.sandbox.engine.policies.pack import Answer, PolicyPack
from workshop.sandbox.engine.registration.goals import Goal
from workshop.sandbox.engine.state.records import Record

GOAL = Goal(type="toy:index:Thing", name="thing", custom=True, parent="", inputs={})


class Pack:
    """Finds something mandatory in everything, but answers only when it may. Without a port it can't be asked."""

    def __init__(self, *, is_started: bool = True) -> None:
        self.may_answer = threading.Event()
        self.asked: list[str] = []
        self._is_started = is_started

    def judge(self, record: Record, _goal: Goal, _provider: Record | None) -> Answer:
        self.asked.append(record.urn)
        if not self._is_started:
            raise EngineError("the policy pack does not start")
        return partial(self._answer, Violation(policy="toy", resource=record.urn, message="no toys"))

    def judge_stack(self, _resources: object, stack_urn: str) -> Answer:
        self.asked.append(stack_urn)
        return partial(self._answer, Violation(policy="toy", resource=stack_urn, message="no stacks"))

    def _answer(self, violation: Violation) -> list[Violation]:
        self.may_answer.wait()
        return [violation]


def judging(pack: Pack, *, is_preview: bool) -> Judging:
    return Judging(cast("PolicyPack", pack), is_preview=is_preview)


def thing(name: str) -> Record:
    return Record(urn=f"urn:pulumi:sandbox::toys::toy:index:Thing::{name}", custom=True, type="toy:index:Thing")


def test_a_preview_does_not_wait_and_keeps_the_order() -> None:
    pack = Pack()
    run = judging(pack, is_preview=True)
    for name in ("first", "second", "third"):
        run.judge(thing(name), GOAL, None)
    run.judge_stack([], "the stack")
    pack.may_answer.set()
    urns = [thing(name).urn for name in ("first", "second", "third")]
    assert [violation.resource for violation in run.violations()] == pack.asked == [*urns, "the stack"]


def test_an_update_does_not_touch_what_is_forbidden() -> None:
    pack = Pack()
    pack.may_answer.set()
    run = judging(pack, is_preview=False)
    with pytest.raises(PolicyViolated, match="toy:index:Thing first: a mandatory policy is violated"):
        run.judge(thing("first"), GOAL, None)
    with pytest.raises(PolicyViolated, match="a mandatory stack policy is violated"):
        run.judge_stack([], "the stack")
    assert [violation.message for violation in run.violations()] == ["no toys", "no stacks"]


def test_a_pack_that_can_not_be_asked_is_asked_once_and_ends_the_run() -> None:
    pack = Pack(is_started=False)
    run = judging(pack, is_preview=True)
    run.judge(thing("first"), GOAL, None)
    run.judge(thing("second"), GOAL, None)
    with pytest.raises(EngineError, match="does not start"):
        run.violations()
    assert pack.asked == [thing("first").urn]


def test_without_a_pack_nothing_is_found() -> None:
    run = Judging(None, is_preview=False)
    run.judge(thing("first"), GOAL, None)
    run.judge_stack([], "the stack")
    assert run.violations() == ()
