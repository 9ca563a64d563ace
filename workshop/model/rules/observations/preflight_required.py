"""preflight-required: where the settings want it, a fresh preflight of these very settings has said go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Assumed, Found, Observation, Observations
from workshop.model.plan.plan import Plan
from workshop.model.preflight.record import BEFORE_UP, Record, Stage, Verdict, overall, settings_digest
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "preflight-required"


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Judges the record: every check of class before-up is in it and says go. Previews, of which it is made, get none.

    When it expires follows from when it was made, whatever it says.
    """
    observed = observations.preflight
    if observed is None or settings.scope is not Scope.ALL:
        return
    problem = _problem(settings, observed)
    if problem:
        yield Finding(
            rule=NAME,
            resource="preflight record",
            problem=f"{problem}; workshop:preflight.required needs a current one that says go",
            why="what failed on 30 September 2024 could be seen two days before",
            fix="scripts/workshop preflight --before up",
            is_judged=not isinstance(observed, Assumed),
        )


def _problem(settings: Settings, observed: Observation[Record]) -> str:
    if isinstance(observed, Assumed):
        return observed.failure
    if not isinstance(observed, Found):
        return f"not found ({observed.source})"
    record, now = observed.value, observed.observed_at
    if not record.is_whole:
        return "its content does not match its digest"
    if record.settings != settings_digest(settings):
        return f"the one of {record.made_at:%Y-%m-%d %H:%M %Z} is for other settings"
    if now >= min(record.expires_at, record.made_at + settings.preflight.holds):
        return f"the one of {record.made_at:%Y-%m-%d %H:%M %Z} has expired"
    if record.made_at > now:
        return f"it is dated {record.made_at:%Y-%m-%d %H:%M %Z}, in the future"
    results = record.of_stage(Stage.BEFORE_UP)
    if absent := sorted(BEFORE_UP - {result.check for result in results}):
        return f"the one of {record.made_at:%Y-%m-%d %H:%M %Z} lacks {', '.join(absent)}"
    verdict = overall(results)
    return "" if verdict is Verdict.GO else f"the one of {record.made_at:%Y-%m-%d %H:%M %Z} says {verdict}"
