"""What the stack's preview comes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import results, same, site
from workshop.checks.gate import GateClean, NoDrift, StackInSync
from workshop.model.outcome import Change, Outcome, Violation


def violation(number: int, *, is_mandatory: bool = True, is_judged: bool = True) -> Violation:
    return Violation(
        policy=f"p{number}", resource="r", message=f"m{number}", is_mandatory=is_mandatory, is_judged=is_judged
    )


def change(operation: Any, name: str, kind: str = "aws:ecr/repository:Repository", *drift: str) -> Change:  # noqa: ANN401
    return Change(operation=operation, type=kind, name=name, urn=name, drift=drift)


REFUSED = Outcome(violations=(violation(1),))
CHANGES = (
    change("same", "a", "aws:x", "by hand", "and again"),
    change("create", "b", "pulumi:providers:aws"),
    change("update", "c", "workshop:components:LiteLLM"),
    change("read", "d"),
    *(change(operation, f"e-{operation}") for operation in ("create", "update", "replace", "delete", "import")),
)
PREVIEWS: Mapping[str, Outcome] = {
    "nothing": Outcome(),
    "advice": Outcome(violations=(violation(1, is_mandatory=False),)),
    "refused": REFUSED,
    "refused four times": Outcome(violations=tuple(violation(number) for number in range(4))),
    "refused three times": Outcome(violations=tuple(violation(number) for number in range(3))),
    "not judged": Outcome(violations=(violation(1, is_judged=False),)),
    "changes": Outcome(changes=CHANGES),
    "an error": Outcome(error="the engine ended"),
    "refused by a rule": Outcome(violations=(Violation(policy="rules/identity", resource="r", message="m"),)),
}


@pytest.mark.parametrize("name", PREVIEWS)
def test_of_the_preview(name: str, snapshot: SnapshotAssertion) -> None:
    asked: list[str] = []

    def preview() -> Outcome:
        asked.append(name)
        return PREVIEWS[name]

    here = site(preview=preview)
    same({check.id: results(check, here) for check in (GateClean(), NoDrift(), StackInSync())}, snapshot)
    assert len(asked) == 1
