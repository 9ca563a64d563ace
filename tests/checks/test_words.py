"""What checks say of themselves, and where a system is not set."""

from __future__ import annotations

from dataclasses import replace

from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import NOW, results, same, site
from workshop.checks.catalog import CHECKS
from workshop.checks.litellm import LiteLLMReady
from workshop.checks.monitoring import AlertDelivered, TargetsUp


def test_the_catalog(snapshot: SnapshotAssertion) -> None:
    same({one.id: [str(one.stage), one.asks, one.needed, one.limit_seconds] for one in CHECKS}, snapshot)


def test_systems_that_are_not_set(snapshot: SnapshotAssertion) -> None:
    here = site()
    unset = replace(here, systems=replace(here.systems, litellm=None, prometheus=None, alertmanager=None))
    same([results(check, unset) for check in (LiteLLMReady(), TargetsUp(), AlertDelivered())], snapshot)
    assert here.now == NOW
