"""A whole stack, declared under mocks, with what registers before what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from tests.components.recorded import Recorded, Registration, run
from tests.model.given import found, observe, settings
from tests.model.test_rotation import WINDOW
from workshop.model.observations import ExistingObject, Observations
from workshop.model.plan.plan import make_plan
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase
from workshop.program.providers import make_providers
from workshop.program.stack import declare_stack

EVENT = {
    "name": "october",
    "template": "coder/docker",
    "latest_end": "5h",
    "budget_usd": 200,
    "join_host": "join.example.com",
}
REGIONS = ("us-east-2", "us-west-2", "eu-west-2")


@dataclass(frozen=True)
class Declared:
    """What a program registered."""

    recorded: Recorded

    @cached_property
    def by_urn(self) -> Mapping[str, Registration]:
        return {one.urn: one for one in self.recorded.resources}

    def component(self, kind: str, name: str) -> Registration:
        """A component by type and name."""
        (one,) = (one for one in self.recorded.of_type(f"workshop:components:{kind}") if one.name == name)
        return one

    @property
    def components(self) -> list[Registration]:
        return [one for one in self.recorded.resources if one.type.startswith("workshop:components:")]

    def within(self, component: Registration) -> list[Registration]:
        """What a component declares."""
        return [one for one in self.recorded.resources if one.parent == component.urn and one.is_custom]

    def comes_before(self, first: Registration, then: Registration) -> bool:
        """Whether all that `first` declares is done before any of what `then` declares is begun."""
        done = {one.urn for one in self.within(first)}
        return bool(done) and all(done <= self.needs(one) for one in self.within(then))

    def needs(self, one: Registration) -> set[str]:
        """What must be done before it is begun: what it depends on, what its parent does, and so on."""
        needed: set[str] = set()
        left = [*one.depends_on, one.parent]
        while left:
            urn = left.pop()
            if urn in self.by_urn and urn not in needed:
                needed.add(urn)
                left += [*self.by_urn[urn].depends_on, self.by_urn[urn].parent]
        return needed


def declared(phase: Phase | None, *, has_operator: bool = False, **values: object) -> Declared:
    """The sandbox's stack in a phase; None: without a window. There is an old pool in every region.

    has_operator: whether the clusters know the kinds of Prometheus' operator.
    """
    given = settings(**cast("dict[str, Any]", {**({"window": WINDOW} if phase else {}), **values}))
    return Declared(run(lambda: _program(given, phase, observed(given, has_operator=has_operator))))


def observed(given: Settings, *, has_operator: bool = False) -> Observations:
    """All is well, and the old pool is there."""
    old: Any = found(ExistingObject(is_ours=False, spec={}, owner="Helm", annotations={}))
    operator: Any = {"prometheus_operator": found(True)} if has_operator else {}
    return observe(given, lambda _, here: replace(here, previous_node_pool=old, **operator))


def _program(given: Settings, phase: Phase | None, observations: Observations) -> None:
    declare_stack(given, make_plan(given, phase=phase), observations, make_providers(given))
