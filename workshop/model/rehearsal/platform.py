"""A rehearsal on the platform itself: what Coder's own scale test reports, beside the plan and the success targets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from statistics import fmean
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from workshop.model.plan.arrival import plan_arrival
from workshop.model.plan.plan import Plan
from workshop.model.rehearsal.verdict import MOST_FAILURES_PERCENT, Figure, Verdict
from workshop.model.settings.stack import Settings

EVERYWHERE: Final = "all"
"""In place of a region: Coder's scale test does not say where a workspace ran."""

HOURS: Final = 1
"""Begun ones that nodes are paid for: they boot, people come for a few minutes, and are empty for half an hour."""

LOGINS_A_MINUTE: Final = 60
"""That Coder takes from one address (coder/coder, coderd/coderd.go). In a scale test all log in at once."""

_NO_ERROR: Final = ("", "<nil>")
"""What the scale test writes where a run passed."""


_CAUSE: Final = re.compile(r"^  - ", re.MULTILINE)
_FRAME: Final = "    "
_REQUEST: Final = re.compile(r"^[A-Z]+ https?://\S+: ")
"""How Go writes an error: what it came of, with the code's places between; a request names a user."""


class Run(BaseModel):
    """One workspace, from its user's creation to its agent, or one connection. duration_ms: how long it took."""

    model_config = ConfigDict(frozen=True)

    error: str
    duration_ms: int

    @property
    def passed(self) -> bool:
        """Whether it came to its end."""
        return self.error in _NO_ERROR

    @property
    def reason(self) -> str:
        """Why it did not, from the outermost to the innermost, without places in the code and the request."""
        causes = (
            " ".join(line.strip() for line in cause.splitlines() if not line.startswith(_FRAME))
            for cause in _CAUSE.split(self.error.strip())
        )
        return ": ".join(dict.fromkeys(_REQUEST.sub("", cause).removesuffix(":") for cause in causes))


class Results(BaseModel):
    """What `coder exp scaletest ... --output json` writes, as far as it is read."""

    model_config = ConfigDict(frozen=True)

    runs: Mapping[str, Run]

    @property
    def passed(self) -> list[Run]:
        """Those that did."""
        return [run for run in self.runs.values() if run.passed]


def read_results(data: bytes) -> Results:
    """Raises ValueError, which names what is wrong, where this is not what the scale test writes."""
    try:
        return Results.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def cost_usd(plan: Plan) -> Decimal:
    """Of the plan's nodes and volumes for as long as a rehearsal takes; not of models and the platform itself."""
    return HOURS * sum((region.nodes.usd_per_hour for region in plan.regions.values()), Decimal(0))


def judge_platform(settings: Settings, users: int, created: Results, traffic: Results | None) -> Verdict:
    """created: workspaces; traffic: connections to them, None where none were tried."""
    return Verdict(
        figures=tuple(_figures(settings, users, created, traffic)),
        queues={},
        pending={},
        evicted={},
        notes=tuple(_failures("workspaces", created)) + tuple(_failures("connections", traffic)),
    )


def _figures(settings: Settings, users: int, created: Results, traffic: Results | None) -> Iterable[Figure]:
    running = len(created.passed)
    yield _figure("workspaces running", str(users), str(running), passed=_is_enough(users, running))
    if running:
        predicted = plan_arrival(settings).regions.values()
        people = sum(region.users for region in predicted)
        mean = sum(region.mean.total * region.users for region in predicted) / people if people else 0
        seconds = [run.duration_ms / 1000 for run in created.passed]
        target = settings.arrival.start_target_seconds
        yield _figure("start, mean", f"{mean:.0f} s", f"{fmean(seconds):.0f} s", passed=fmean(seconds) <= target)
        slowest = max((region.slowest for region in predicted), default=0)
        yield _figure("start, last", f"{slowest:.0f} s", f"{max(seconds):.0f} s", passed=None)
    if traffic is not None:
        held = len(traffic.passed)
        yield _figure("connections held", str(running), str(held), passed=_is_enough(running, held))


def _figure(name: str, predicted: str, observed: str, *, passed: bool | None) -> Figure:
    return Figure(region=EVERYWHERE, name=name, predicted=predicted, observed=observed, passed=passed)


def _is_enough(wanted: int, found: int) -> bool:
    return 100 * (wanted - found) < MOST_FAILURES_PERCENT * wanted


def _failures(what: str, results: Results | None) -> Iterable[str]:
    errors = Counter(run.reason for run in (results.runs.values() if results else ()) if not run.passed)
    for error, count in errors.most_common():
        yield f"{count} {what} failed: {error}"
