"""Each alert fires when it should, stays silent else, and resolves; simulated workshops raise what they should."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.model.given import ROOT, settings
from tests.monitoring.disturbances import DAY, GO_AWAY, LASTS, PLAN, SETTINGS, WINDOW, WRONG, disturbed
from tests.monitoring.healthy import Healthy
from tests.monitoring.incident import FIRST_DEATH, PEOPLE, Incident
from tests.monitoring.promtool import firing, needs_promtool, promtool, table
from workshop.model.monitoring.metrics import METRICS, metrics_in
from workshop.model.monitoring.rule import Alert, rules_file
from workshop.model.monitoring.rules import alert_groups, rules_of
from workshop.model.names import IMAGE_MIRROR
from workshop.model.plan.plan import plan_of_event

ALERTS = {alert.name: alert for group in alert_groups(SETTINGS, PLAN).values() for alert in group}


@needs_promtool
def test_each_alert_fires_when_it_should_and_resolves(tmp_path: Path) -> None:
    assert WRONG.keys() == ALERTS.keys()
    files: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for name, change in WRONG.items():
        needs = ALERTS[name].lasts.total_seconds() / 60
        late = {"WorkshopRegistryLags": 31, "WorkshopUpstreamSilent": 6}.get(name, needs + 1)
        if name in GO_AWAY:
            late += 5  # for so long Prometheus takes a series' last value
        fires = min(10 + late, 9 + LASTS)
        before = [firing(name, 9, whether=False)] + ([firing(name, int(9 + needs), whether=False)] if needs else [])
        after = [firing(name, 10 + LASTS + 45, whether=False)]
        used = tuple(metric.name for metric in metrics_in(ALERTS[name].expr))
        test = {
            "name": name,
            "interval": "1m",
            "input_series": table(disturbed(change), range(10 + LASTS + 46), used),
            "promql_expr_test": [*before, firing(name, int(fires), whether=True), *after],
        }
        files[name] = (rules_file({"one": [ALERTS[name]]}, "docs/runbooks"), [test])
    assert promtool(tmp_path, files) == ""


@needs_promtool
def test_a_mirror_that_has_never_succeeded_is_overdue_from_when_it_was_declared(tmp_path: Path) -> None:
    alert = ALERTS["WorkshopMirrorOverdue"]
    one = f'{{region="us-east-2", cronjob="{IMAGE_MIRROR}"}}'
    never = [{"series": f"kube_cronjob_created{one}", "values": "0x600"}]
    once = [{"series": f"kube_cronjob_status_last_successful_time{one}", "values": "_x300 18000x300"}]
    tests: list[dict[str, Any]] = [
        {
            "name": name,
            "interval": "1m",
            "input_series": given,
            "promql_expr_test": [
                firing(alert.name, 7 * 60 + 5, whether=False),
                firing(alert.name, 7 * 60 + 7, whether=fires),
                firing(alert.name, 8 * 60, whether=fires),
            ],
        }
        for name, given, fires in (("never", never, True), ("once", never + once, False), ("no such job", [], False))
    ]
    assert promtool(tmp_path, {"one": (rules_file({"one": [alert]}, "docs/runbooks"), tests)}) == ""


def test_where_nothing_is_mirrored_nothing_is_overdue() -> None:
    assert alert_groups(settings(users="20", window=WINDOW), PLAN)["images"] == ()


@needs_promtool
def test_nothing_fires_in_an_hour_in_which_nothing_goes_wrong(tmp_path: Path) -> None:
    tests: list[dict[str, Any]] = []
    for seed in range(20):
        healthy = Healthy(SETTINGS, PLAN, seed, 600)
        whole = table(lambda seconds, healthy=healthy: healthy.at(seconds - 600), range(0, 71, 2))
        ever = 'count by (alertname) (max_over_time(ALERTS{alertstate="firing"}[70m]))'
        expected: list[dict[str, Any]] = [{"expr": ever, "eval_time": "70m", "exp_samples": []}]
        tests.append({"name": f"seed {seed}", "interval": "2m", "input_series": whole, "promql_expr_test": expected})
    assert promtool(tmp_path, {"healthy": (rules_of(SETTINGS, PLAN), tests)}, "2m") == ""


@needs_promtool
def test_30_september_is_seen_a_day_before_and_again_five_minutes_before_the_first_workspace_dies(
    tmp_path: Path,
) -> None:
    small = settings(users=str(PEOPLE), window=WINDOW)
    plan = plan_of_event(small)
    incident = Incident(small, plan, DAY)
    before = table(lambda seconds: incident.at(seconds - DAY), range(20))
    early = int(FIRST_DEATH / 60 - 5)
    begins = Incident(small, plan, 600)
    day = table(lambda seconds: begins.at(seconds - 600), range(60))
    storage = 'count(ALERTS{alertstate="firing", alertname=~"WorkshopNodeStorage.+"})'
    tests: list[dict[str, Any]] = [
        {
            "name": "a day before",
            "interval": "1m",
            "input_series": before,
            "promql_expr_test": [
                firing("WorkshopStorageBelowPlan", 4, whether=False),
                firing("WorkshopStorageBelowPlan", 6, whether=True),
            ],
        },
        {
            "name": "that day",
            "interval": "1m",
            "input_series": day,
            "promql_expr_test": [
                {"expr": f"{storage} > 0", "eval_time": "10m", "exp_samples": []},
                {"expr": storage, "eval_time": f"{10 + early}m", "exp_samples": [{"labels": "{}", "value": 1}]},
                firing("WorkshopWorkspacesDying", 9 + int(FIRST_DEATH / 60), whether=False),
                firing("WorkshopWorkspacesDying", 11 + int(FIRST_DEATH / 60), whether=True),
                firing("WorkshopSubdomainsFail", 23, whether=True),
                firing("WorkshopNodeStorage95", 55, whether=False),
            ],
        },
    ]
    assert promtool(tmp_path, {"incident": (rules_of(small, plan), tests)}) == ""


def test_whatever_an_alert_uses_is_exposed_by_somebody_and_whatever_is_exposed_is_documented() -> None:
    for alert in ALERTS.values():
        assert metrics_in(alert.expr) != (), alert.name
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", (ROOT / "docs/metrics.md").read_text(), re.M
    )
    labels = [", ".join(f"`{label}`" for label in metric.labels) or "-" for metric in METRICS]
    assert rows == [
        (metric.name, named, metric.source, metric.since, metric.meaning)
        for metric, named in zip(METRICS, labels, strict=True)
    ]


def test_a_metric_that_nobody_exposes_is_an_error() -> None:
    with pytest.raises(KeyError):
        metrics_in("sum(workshop_unheard_of)")


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS)
def test_each_alert_has_a_page_and_a_row_and_says_a_number_or_a_place(alert: Alert) -> None:
    page = (ROOT / "docs/runbooks" / alert.runbook).read_text()
    assert {"## Look", "## Fix"} <= set(page.splitlines())
    assert (
        f"| [{alert.name}](runbooks/{alert.runbook}) | {alert.severity} |" in (ROOT / "docs/monitoring.md").read_text()
    )
    assert re.search(r"\{\{ \$(value|labels)|LiteLLM|exporter", alert.summary), alert.summary


def test_alerts_link_to_where_runbooks_are_read() -> None:
    where = settings(monitoring={"runbooks_url": "https://example.com/runbooks/"}, window=WINDOW)
    written = rules_of(where, PLAN)["groups"][0]["rules"][0]
    assert written["annotations"]["runbook_url"] == "https://example.com/runbooks/storage-below-plan.md"
    assert rules_of(SETTINGS, PLAN)["groups"][0]["rules"][0]["annotations"]["runbook_url"].startswith("docs/runbooks/")
