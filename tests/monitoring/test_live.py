"""A play before real Prometheus and Alertmanager: what they take, and the pace at which it is played."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.model.given import settings
from tests.monitoring.__main__ import WINDOW, clock, incident, main
from tests.monitoring.incident import PEOPLE
from tests.monitoring.live import Play, wait_until, watched
from workshop.model.monitoring.rules import rules_of
from workshop.model.plan.plan import plan_of_event

PLAY = Play(lambda seconds: {"up": seconds}, ((-60.0, -30.0), (0.0, 60.0)), 10, 1000.0)


def test_time_runs_faster_and_leaves_out_what_lies_between_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PLAY, "began", 100.0)
    seen: list[float] = []
    for real in (99.0, 101.0, 103.5, 120.0):
        monkeypatch.setattr(time, "time", lambda real=real: real)
        seen.append(PLAY.now())
    assert seen == [-60, -50, 5, 60]
    assert PLAY.takes == 9


@pytest.mark.parametrize(
    ("expr", "paced"),
    [
        ("rate(x[5m])", "rate(x[30000ms])"),
        ("x offset 30m", "x offset 180000ms"),
        ("predict_linear(x[5m], 30 * 60)", "predict_linear(x[30000ms], 180)"),
        ("(a - time()) / 86400 < 7", "(a - time()) / 8640 < 7"),
        ("(b - a) / 3600 > 0", "(b - a) / 360 > 0"),
        ("(time() - a) / 60 > 5", "(time() - a) / 6 > 5"),
        ("max(x) > 60", "max(x) > 60"),
    ],
)
def test_times_in_rules_are_divided_and_limits_are_not(expr: str, paced: str) -> None:
    assert PLAY.scaled(expr) == paced


def test_moments_are_as_far_from_now_as_they_are_then(monkeypatch: pytest.MonkeyPatch) -> None:
    later = Play(lambda _: {"a_timestamp_seconds": 1000.0 + 60}, ((0.0, 60.0),), 10, 1000.0, began=50.0)
    monkeypatch.setattr(time, "time", lambda: 50.0)
    assert later.exposed() == "a_timestamp_seconds 56.000000\n"
    assert later.duration(timedelta(minutes=1)) == "6000ms"


@pytest.mark.parametrize(("seconds", "told"), [(-86400, "T-24:00:00"), (0, "T+00:00:00"), (570.5, "T+00:09:30")])
def test_times_are_told_from_the_start_on(seconds: float, told: str) -> None:
    assert clock(seconds) == told


@pytest.mark.parametrize("options", [["--factor", "0"], ["--users", "61"]])
def test_what_cant_be_played_is_said(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("prometheus") is None:
        pytest.skip("needs Debian's package prometheus")
    assert main(["healthy", *options]) == 2
    assert "--factor is from 1 to 120" in capsys.readouterr().err


def test_a_day_before_the_incident_an_alert_arrives_with_its_runbook(tmp_path: Path) -> None:
    if shutil.which("prometheus-alertmanager") is None:
        pytest.skip("needs Debian's packages prometheus and prometheus-alertmanager")
    play, _ = incident(float(int(time.time())), 60)
    given = settings(users=str(PEOPLE), window=WINDOW)
    with watched(play, rules_of(given, plan_of_event(given)), tmp_path):
        wait_until(lambda: any(alert["labels"]["alertname"] == "WorkshopStorageBelowPlan" for _, alert in play.alerts))
    (alert,) = (alert for _, alert in play.alerts if alert["labels"]["alertname"] == "WorkshopStorageBelowPlan")
    assert alert["annotations"]["summary"].startswith("Node ip-10-0-1-7 (us-east-2) offers 44 GiB to pods; ")
    assert alert["annotations"]["runbook_url"] == "docs/runbooks/storage-below-plan.md"
