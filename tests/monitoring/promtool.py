"""Unit tests of rules by Debian's promtool."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.monitoring.samples import Samples

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs Debian's package prometheus")


def table(
    at: Callable[[float], Samples], minutes: Iterable[int], used: tuple[str, ...] = ("",)
) -> list[dict[str, str]]:
    """Series with a value a minute, the first one at promtool's epoch; used: how names begin that are wanted."""
    moments = [at(60.0 * minute) for minute in minutes]
    names = dict.fromkeys(name for moment in moments for name in moment if name.startswith(used))
    return [{"series": name, "values": " ".join(_value(moment, name) for moment in moments)} for name in names]


def _value(moment: Samples, name: str) -> str:
    return f"{moment[name]:.10g}" if name in moment else "_"


def firing(alert: str, minute: int, *, whether: bool) -> dict[str, Any]:
    """Whether an alert of this name fires then."""
    expr = f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) > bool 0'
    return {"expr": expr, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": 1}] if whether else []}


def promtool(
    folder: Path, files: Mapping[str, tuple[dict[str, Any], list[dict[str, Any]]]], interval: str = "1m"
) -> str:
    """Runs tests, each file of them on rules of its own; what promtool says where one fails, else nothing."""
    for name, (rules, tests) in files.items():
        (folder / f"{name}-rules.json").write_text(json.dumps(rules))  # JSON is YAML, and quicker to write
        asked = {"rule_files": [f"{name}-rules.json"], "evaluation_interval": interval, "tests": tests}
        (folder / f"{name}.json").write_text(json.dumps(asked))
    paths = [str(folder / f"{name}.json") for name in files]
    done = subprocess.run(["promtool", "test", "rules", *paths], capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return "" if done.returncode == 0 else "\n".join(said)
