"""What Prometheus and Alertmanager say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import Answer, Answers, Clock, results, same, site, token
from workshop.checks import monitoring
from workshop.checks.check import Check
from workshop.checks.monitoring import AlertDelivered, RulesLoaded, TargetsUp


def target(health: str, error: str = "") -> dict[str, Any]:
    return {"labels": {"job": "coder", "instance": "10.0.0.1"}, "health": health, "lastError": error}


def rule(name: str, health: str, error: str = "") -> dict[str, Any]:
    return {"name": name, "health": health, "lastError": error}


TARGETS, RULES = "Prometheus GET /api/v1/targets?state=active", "Prometheus GET /api/v1/rules?type=alert"


def groups(*rules: dict[str, Any]) -> tuple[int, object]:
    return 200, {"data": {"groups": [{"name": "g", "rules": list(rules)}]}}


OF_PROMETHEUS: Mapping[str, tuple[Check, Answers]] = {
    "targets: up": (TargetsUp(), {TARGETS: (200, {"data": {"activeTargets": [target("up"), target("up")]}})}),
    "targets: none": (TargetsUp(), {TARGETS: (200, {"data": {"activeTargets": []}})}),
    "targets: down": (
        TargetsUp(),
        {TARGETS: (200, {"data": {"activeTargets": [target("down", "refused"), target("up"), target("unknown")]}})},
    ),
    "rules: well": (RulesLoaded(), {RULES: groups(rule("a", "ok"), rule("b", "unknown"))}),
    "rules: none": (RulesLoaded(), {RULES: groups()}),
    "rules: failing": (RulesLoaded(), {RULES: groups(rule("a", "ok"), rule("b", "err", "bad"), rule("c", "err"))}),
}


@pytest.mark.parametrize("name", OF_PROMETHEUS)
def test_of_prometheus(name: str, snapshot: SnapshotAssertion) -> None:
    check, answers = OF_PROMETHEUS[name]
    same(results(check, site(answers)), snapshot)


ALERTS = "Alertmanager GET /api/v2/alerts?filter=run%3D%221%22"
RECEIVED = {"labels": {"run": "1"}, "receivers": [{"name": "a"}, {"name": "b"}]}


ARRIVALS: list[tuple[str, Answer | Sequence[Answer]]] = [
    ("it arrives", [(200, []), (200, [RECEIVED])]),
    ("another's", (200, [{**RECEIVED, "labels": {"run": "2"}}])),
    ("routed to nobody", (200, [{**RECEIVED, "receivers": []}])),
    ("never", (200, [])),
]


@pytest.mark.parametrize(("name", "alerts"), ARRIVALS)
def test_of_alertmanager(
    name: str, alerts: Answer | Sequence[Answer], monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    monkeypatch.setattr("secrets.token_hex", token(4))
    clock = Clock(monkeypatch, monitoring)
    here = site({"Alertmanager POST /api/v2/alerts": (200, {}), ALERTS: alerts})
    before = datetime.now(UTC)
    found = results(AlertDelivered(), here)
    alertmanager: Any = here.systems.alertmanager
    (sent,) = yaml.safe_load(alertmanager.sent[0].content)
    ends_at = datetime.fromisoformat(sent.pop("endsAt"))
    assert timedelta(0) <= ends_at - before - timedelta(minutes=5) < timedelta(minutes=1)
    same({"says": found, "sent": sent, "waited": round(clock.now - 1000, 1)}, snapshot)
