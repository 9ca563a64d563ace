"""Running checks: all at once, each within its limit, and nothing that goes wrong passes for go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

from workshop.checks.check import Check, CheckOutcome, StackCheck, failed, passed
from workshop.checks.run import run_checks
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.preflight.record import Result, Stage, Verdict, overall

NOWHERE = cast("Site", cast("Any", None))


def check(name: str, look: Callable[[], CheckOutcome], seconds: float = 60) -> Check:
    class Made(StackCheck):
        id = name
        stage = Stage.BEFORE_UP
        asks = f"the system of {name}"
        needed = "an answer"
        limit_seconds = seconds

        def look(self, site: Site) -> CheckOutcome:
            return look()

    return Made()


def never() -> CheckOutcome:
    threading.Event().wait()
    raise AssertionError


def test_results_keep_the_checks_order_and_are_told_as_they_come() -> None:
    told: list[tuple[str, int]] = []
    second_is_told = threading.Event()

    def first() -> CheckOutcome:
        second_is_told.wait()
        return passed("1", "1")

    def on_result(result: Result, left: int) -> None:
        told.append((result.check, left))
        second_is_told.set()

    found = run_checks([check("first", first), check("second", lambda: failed("0", "2", "add 2"))], NOWHERE, on_result)
    assert [(one.check, one.verdict) for one in found] == [("first", Verdict.GO), ("second", Verdict.NO_GO)]
    assert told == [("second", 1), ("first", 0)]


def test_what_hangs_is_named_and_holds_up_nothing_else() -> None:
    hanging, other = run_checks([check("hanging", never, 0.2), check("other", lambda: passed("1", "1"))], NOWHERE)
    assert hanging.verdict is Verdict.INCONCLUSIVE
    assert hanging.found == "no answer within 0.2 s from the system of hanging"
    assert other.verdict is Verdict.GO


def test_a_check_that_fails_could_not_tell() -> None:
    def crash() -> CheckOutcome:
        raise ZeroDivisionError("by zero")

    (found,) = run_checks([check("crashing", crash)], NOWHERE)
    assert (found.verdict, found.found) == (
        Verdict.INCONCLUSIVE,
        "the check itself failed: ZeroDivisionError: by zero",
    )
    assert found.needed == "an answer"


def test_a_check_says_why_it_can_not_tell() -> None:
    def ask() -> CheckOutcome:
        raise Inconclusive("Coder answered 500", "see its logs")

    (found,) = run_checks([check("asking", ask)], NOWHERE)
    assert (found.verdict, found.found, found.fix) == (Verdict.INCONCLUSIVE, "Coder answered 500", "see its logs")


def test_no_go_comes_before_could_not_tell_and_that_before_go() -> None:
    def result(verdict: Verdict) -> Result:
        return Result(check="c", stage=Stage.BEFORE_UP, verdict=verdict, found="", needed="")

    go, warning, no_go, unknown = map(result, (Verdict.GO, Verdict.WARNING, Verdict.NO_GO, Verdict.INCONCLUSIVE))
    assert overall([go, warning]) is Verdict.GO
    assert overall([go, unknown]) is Verdict.INCONCLUSIVE
    assert overall([unknown, no_go]) is Verdict.NO_GO
    assert overall([]) is Verdict.INCONCLUSIVE
