"""A Prometheus that already has a simulated workshop in its storage, by promtool's backfilling."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from tests.model.given import settings
from tests.monitoring.healthy import Healthy
from tests.monitoring.live import process
from tests.sandbox.servers_for_tests import free_port
from workshop.model.plan.plan import plan_of_event
from workshop.model.settings.stack import Settings

START_AT: Final = datetime(2024, 9, 30, 16, tzinfo=UTC).timestamp()
"""Long past, so that no clock of this machine is before it."""

BEFORE, AFTER, STEP = 600, 3600, 15
WINDOW: Final = {"start": "2024-09-30T16:00+00:00", "duration": "4h"}


def workshop_settings() -> Settings:
    """Of the workshop that is shown: 20 users."""
    return settings(users="20", window=WINDOW)


@contextmanager
def prometheus_with_history(folder: Path) -> Generator[str]:
    """Its URL. It scrapes nothing."""
    given = workshop_settings()
    healthy = Healthy(given, plan_of_event(given), 0, START_AT)
    lines = [
        f"{name.replace(', ', ',')} {value:.10g} {START_AT + seconds:.0f}"  # OpenMetrics takes no blanks
        for seconds in range(-BEFORE, AFTER + 1, STEP)
        for name, value in healthy.at(seconds).items()
    ]
    text, data = folder / "history.txt", folder / "data"
    text.write_text("\n".join([*lines, "# EOF", ""]))
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(data)], check=True, capture_output=True
    )
    (folder / "prometheus.yaml").write_text("{}")
    url = f"http://127.0.0.1:{free_port()}"
    with process(
        "prometheus",
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address={url.removeprefix('http://')}",
        ready=f"{url}/-/ready",
        log=folder / "prometheus.log",
    ):
        yield url


def over_the_workshop(url: str, expression: str, step: int = 60) -> list[dict[str, Any]]:
    """Series of a range query, each with labels and values. Raises httpx.HTTPError."""
    asked = {"query": expression, "start": START_AT - BEFORE, "end": START_AT + AFTER, "step": step}
    answer = httpx.get(f"{url}/api/v1/query_range", params=asked, timeout=60).raise_for_status().json()
    return answer["data"]["result"]
