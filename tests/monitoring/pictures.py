"""scripts/dashboard-pictures: writes docs/dashboard-*.svg from a simulated workshop in a real Prometheus."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.model.given import ROOT
from tests.monitoring.drawing import drawn, lines_of
from tests.monitoring.history import (
    AFTER,
    BEFORE,
    START_AT,
    over_the_workshop,
    prometheus_with_history,
    workshop_settings,
)
from workshop.model.monitoring.dashboards.all import dashboards

CAPTION = "a simulated workshop of 20 people, from ten minutes before its start until an hour after"


def pictures(url: str) -> Iterator[tuple[Path, str]]:
    """Each dashboard's file and picture."""
    for shown in dashboards(workshop_settings()):
        lines = {
            panel.title: lines_of(
                panel,
                {legend: over_the_workshop(url, expression) for legend, expression in panel.queries.items()},
                START_AT,
            )
            for panel in shown.panels
        }
        yield (
            ROOT / "docs" / f"{shown.uid.replace('workshop', 'dashboard')}.svg",
            drawn(shown, lines, (-BEFORE, AFTER), CAPTION),
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, prometheus_with_history(Path(folder)) as url:
        for file, text in pictures(url):
            file.write_text(text)
            sys.stdout.write(f"{file.relative_to(ROOT)}: {len(text)} bytes\n")
