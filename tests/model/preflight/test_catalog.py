"""The runbook and preflight's checks know each other."""

from __future__ import annotations

from workshop.checks.catalog import CHECKS
from workshop.model.preflight.checklist import by_hand
from workshop.model.preflight.runbook import ITEMS


def test_the_runbook_and_the_checks_know_each_other() -> None:
    known = {check.id for check in CHECKS}
    assert len({item.id for item in ITEMS}) == len(ITEMS)
    assert known == {check for item in ITEMS for check in item.checks} | {"test-alert"}
    assert "on-call" in by_hand()
