"""The pack as a whole: every policy is tested for every kind of input, documented, and served."""

from __future__ import annotations

import ast
from datetime import date, timedelta
from pathlib import Path

import pytest

from policies.framework.policy import Policy
from policies.pack.catalog import POLICIES, crossguard_pack, with_exemptions
from policies.pack.exemptions import Ledger
from policies.pack.testing import TODAY, messages
from tests.policies.expecting import exemption

HERE = Path(__file__).parents[1]
KINDS = ("pass", "fail", "boundary", "unknown", "missing", "wrong_type", "empty", "exempt")
"""What each policy's tests show: a name begins with test_ and one of these."""


def untested(source: str) -> set[str]:
    """Kinds of which a test file has no test that asserts anything."""
    tests = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    asserting = {test.name for test in tests if any(isinstance(node, ast.Assert) for node in ast.walk(test))}
    return {kind for kind in KINDS if not any(name.startswith(f"test_{kind}") for name in asserting)}


def mirrored(policy: Policy) -> Path:
    return HERE / f"test_{policy.id.replace('-', '_')}.py"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_every_policy_is_tested_for_every_kind(policy: Policy) -> None:
    assert untested(mirrored(policy).read_text("utf-8")) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_is_taken_away_is_noticed(kind: str) -> None:
    source = mirrored(POLICIES[0]).read_text("utf-8")

    assert untested(source.replace(f"def test_{kind}", "def check_")) == {kind}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_every_policy_has_a_file_of_its_own_and_says_why(policy: Policy) -> None:
    assert (HERE.parents[1] / "policies" / f"{policy.id.replace('-', '_')}.py").exists()
    assert policy.title.endswith(".")
    assert policy.fix.endswith(".")
    assert not policy.why.endswith(".")
    assert policy.source


def test_names_are_unique_and_the_exemptions_judge_last() -> None:
    ids = [policy.id for policy in with_exemptions(Ledger((), TODAY))]

    assert len(set(ids)) == len(ids)
    assert ids[-2:] == ["exemptions", "exemptions-in-force"]


def test_exemptions_expire_by_the_day_that_the_pack_is_told_or_today(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = exemption(POLICIES[0], "a")

    def read(today: date) -> Ledger:
        return Ledger((entry,), today)

    monkeypatch.setattr("policies.pack.catalog.read_ledger", read)

    def said(today: date | None) -> list[str]:
        bound = {one.name: one for one in crossguard_pack(today)}
        return messages(bound["exemptions"], [], {})

    assert "excuses nothing in this stack" in said(TODAY)[0]
    assert "expired on 2026-01-15" in said(TODAY + timedelta(days=1))[0]
    assert "expired on 2026-01-15" in said(None)[0]


def test_everything_is_bound_for_pulumi() -> None:
    assert {bound.name for bound in crossguard_pack(TODAY)} == {
        policy.id for policy in with_exemptions(Ledger((), TODAY))
    }
