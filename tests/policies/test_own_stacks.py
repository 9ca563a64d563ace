"""What this project declares itself passes every policy: in each phase of the window, and in each scope."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from policies.framework.policy import StackConfig
from policies.pack.catalog import POLICIES
from policies.pack.testing import Resource, judge_pack
from tests.components.recorded import Registration, run
from tests.model.given import found, observe
from tests.policies.expecting import in_phase, sandbox, with_event, with_queue
from workshop.model.observations import ExistingObject
from workshop.model.window.phases import Phase
from workshop.program.providers import make_providers
from workshop.program.stack import declare_stack

PREVIOUS = found(ExistingObject(is_ours=False, spec={}, owner="Terraform"))


def resources_of(stack: StackConfig) -> list[Resource]:
    """Everything that the program registers for these settings, as policies are given it."""
    observations = observe(stack.settings, lambda _, here: replace(here, previous_node_pool=PREVIOUS))

    def program() -> None:
        declare_stack(stack.settings, stack.plan, observations, make_providers(stack.settings))

    made: dict[str, Resource] = {}
    for one in run(program).resources:
        made[one.urn] = _resource(one, made)
    return list(made.values())


def _resource(one: Registration, made: dict[str, Resource]) -> Resource:
    return Resource(
        type=one.type,
        name=one.name,
        inputs=one.inputs,
        protect=one.is_protected,
        parent=made.get(one.parent),
        provider=made.get(one.provider.rpartition("::")[0]),
    )


@cache
def declared(stack: StackConfig) -> list[Resource]:
    return resources_of(stack)


STACKS = {
    "without a window": lambda: sandbox(),
    "with 60 users": lambda: sandbox(60),
    "registry": lambda: sandbox(20, ("workshop:scope", "registry")),
    "dns": lambda: sandbox(20, ("workshop:scope", "dns")),
    **{
        f"with an event, {phase.value}": lambda phase=phase: with_event(phase)
        for phase in (Phase.BEFORE, Phase.RUNNING, Phase.AFTER)
    },
    **{
        f"with a queue that is followed, {phase.value}": lambda phase=phase: with_queue(phase)
        for phase in (Phase.BEFORE, Phase.RUNNING)
    },
    **{phase.value: lambda phase=phase: in_phase(phase) for phase in Phase},
}


@pytest.mark.parametrize("name", STACKS)
def test_this_project_s_own_stacks_stay_clean(name: str) -> None:
    stack = STACKS[name]()
    resources = declared(stack)
    assert len(resources) > 10
    mandatory = {policy.id for policy in POLICIES if policy.is_mandatory}
    problems = [(policy, text) for policy, text in judge_pack(POLICIES, *resources, stack=lambda: stack)]
    assert [problem for problem in problems if problem[0] in mandatory] == []
