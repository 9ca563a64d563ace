"""Dashboards: Grafana's model takes them, a real Prometheus answers every query, and the pictures are current."""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator

import pytest
from grafana_foundation_sdk.models.dashboard import Dashboard as Model

from tests.model.given import ROOT
from tests.monitoring.history import over_the_workshop, prometheus_with_history, workshop_settings
from tests.monitoring.pictures import pictures
from workshop.model.monitoring.dashboards.all import dashboards
from workshop.model.monitoring.metrics import metrics_in
from workshop.program.grafana import grafana_json

DASHBOARDS = dashboards(workshop_settings())
EMPTY = {"Preflight's checks that are not go"}
"""Nothing is shown where nothing is wrong."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    if shutil.which("prometheus") is None:
        pytest.skip("needs Debian's package prometheus")
    with prometheus_with_history(tmp_path_factory.mktemp("prometheus")) as found:
        yield found


def test_every_query_of_every_panel_answers(url: str) -> None:
    asked = {
        (panel.title, legend): over_the_workshop(url, expression, step=300)
        for shown in DASHBOARDS
        for panel in shown.panels
        for legend, expression in panel.queries.items()
    }
    assert {title for (title, _), answer in asked.items() if not answer} == EMPTY


def test_the_pictures_are_current(url: str) -> None:
    assert {file.name: text for file, text in pictures(url)} == {
        file.name: file.read_text() for file in sorted((ROOT / "docs").glob("dashboard-*.svg"))
    }


@pytest.mark.parametrize("shown", DASHBOARDS, ids=lambda shown: shown.uid)
def test_grafanas_own_model_reads_what_is_written(shown: object) -> None:
    (one,) = (dashboard for dashboard in DASHBOARDS if dashboard is shown)
    text = grafana_json(one)
    read = Model.from_json(json.loads(text))
    assert (read.uid, read.title) == (one.uid, one.title)
    panels = [panel for panel in json.loads(text)["panels"] if panel["type"] != "row"]
    assert [panel["title"] for panel in panels] == [panel.title for panel in one.panels]
    assert [[target["expr"] for target in panel["targets"]] for panel in panels] == [
        [*panel.queries.values()] for panel in one.panels
    ]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert max(panel["gridPos"]["x"] + panel["gridPos"]["w"] for panel in panels) <= 24


@pytest.mark.parametrize("shown", DASHBOARDS, ids=lambda shown: shown.uid)
def test_whatever_is_shown_is_exposed_by_somebody(shown: object) -> None:
    (one,) = (dashboard for dashboard in DASHBOARDS if dashboard is shown)
    for panel in one.panels:
        for expression in panel.queries.values():
            assert metrics_in(expression) != (), panel.title
