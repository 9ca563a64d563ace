"""What a run came to: which findings its text holds, and whether it was refused."""

from __future__ import annotations

from workshop.model.findings import Finding, Refused
from workshop.model.outcome import Change, Outcome, Violation, violations_in

WRONG = Finding(rule="users-ceiling", resource="workshop:users", problem="61", why="too many", fix="lower it")
UNKNOWN = Finding(rule="quota", resource="EC2", problem="no answer", why="unknown", fix="ask", is_judged=False)


def test_findings_are_read_from_what_a_program_said() -> None:
    text = f"error: Refused:\n    {Refused((WRONG, UNKNOWN))}\n[not a rule] x: y\n{WRONG.resource}: [quota] a: b\n"

    told = (
        Violation(policy="rules/users-ceiling", resource="workshop:users", message=str(WRONG)),
        Violation(policy="rules/quota", resource="EC2", message=str(UNKNOWN), is_judged=False),
    )
    assert violations_in(text + text, is_mandatory=True) == told
    assert [one.is_mandatory for one in violations_in(text, is_mandatory=False)] == [False, False]
    assert violations_in("Previewing update\n[Quota] a: b\n[a] a: b\n[quota]a: b", is_mandatory=True) == ()


def test_what_nothing_else_is_said_of() -> None:
    violation = Violation(policy="a", resource="b", message="c")
    change = Change(operation="same", type="a", name="b", urn="c")
    outcome = Outcome()

    assert (violation.is_mandatory, violation.is_judged) == (True, True)
    assert (change.properties, change.drift) == ((), ())
    assert (outcome.changes, outcome.violations, outcome.outputs) == ((), (), {})
    assert (outcome.error, outcome.applied) == (None, False)


def test_advice_refuses_nothing() -> None:
    refusal, advice = (Violation(policy="a", resource="b", message="c", is_mandatory=one) for one in (True, False))

    assert not Outcome().is_refused
    assert not Outcome(violations=(advice,)).is_refused
    assert Outcome(violations=(advice, refusal)).is_refused
