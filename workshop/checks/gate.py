"""gate-clean, no-drift and stack-in-sync: what a preview of the stack says, which is made once for all three."""

from __future__ import annotations

from typing import Final

from workshop.checks.check import CheckOutcome, StackCheck, failed, passed
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.outcome import Outcome
from workshop.model.preflight.record import Stage

_SHOWN: Final = 3
_ASKS: Final = "the stack's preview"
_LIMIT_SECONDS: Final = 200.0
"""Longer than whoever runs the preview gives it, so that it is ended and not only left behind."""

_OPERATIONS: Final = {"create", "update", "replace", "delete", "import"}


class GateClean(StackCheck):
    """No rule and no policy refuses the stack."""

    id = "gate-clean"
    stage = Stage.BEFORE_UP
    asks = _ASKS
    needed = "nothing that stops up"
    limit_seconds = _LIMIT_SECONDS

    def look(self, site: Site) -> CheckOutcome:
        """Judges the preview."""
        stopping = [one for one in site.preview().violations if one.is_mandatory]
        judged = [one for one in stopping if one.is_judged]
        fix = f"scripts/workshop gate --stack {site.stack} shows all of them"
        if judged:
            return failed(_few([f"[{one.policy}] {one.message}" for one in judged]), self.needed, fix)
        if stopping:
            raise Inconclusive(_few([f"[{one.policy}] {one.message}" for one in stopping]), fix)
        return passed("no rule or policy refuses it", self.needed)


class NoDrift(StackCheck):
    """Since the last up nobody else has changed what the stack declares."""

    id = "no-drift"
    stage = Stage.BEFORE_UP
    asks = _ASKS
    needed = "nothing changed since the last up"
    limit_seconds = _LIMIT_SECONDS

    def look(self, site: Site) -> CheckOutcome:
        """What the preview's refresh found."""
        drifted = [f"{change.name}: {'; '.join(change.drift)}" for change in _declared(site).changes if change.drift]
        if drifted:
            return failed(_few(drifted), self.needed, "find out who changed it; pulumi up restores it")
        return passed("refreshed, no drift", self.needed)


class StackInSync(StackCheck):
    """Everything that the settings ask for has been done."""

    id = "stack-in-sync"
    stage = Stage.BEFORE_EVENT
    asks = _ASKS
    needed = "nothing left to change"
    limit_seconds = _LIMIT_SECONDS

    def look(self, site: Site) -> CheckOutcome:
        """What up would still do."""
        due = [
            f"{change.operation} {change.name}"
            for change in _declared(site).changes
            if change.operation in _OPERATIONS and not change.type.startswith(("pulumi:", "workshop:components:"))
        ]
        if due:
            return failed(f"{len(due)} to change: {_few(due)}", self.needed, f"pulumi up --stack {site.stack}")
        return passed("nothing to change", self.needed)


def _declared(site: Site) -> Outcome:
    """A preview in which everything was declared. Raises Inconclusive where a rule had refused it before."""
    outcome = site.preview()
    if outcome.is_refused:
        raise Inconclusive("the preview was refused before it compared anything", "see gate-clean")
    return outcome


def _few(sentences: list[str]) -> str:
    more = f"; and {len(sentences) - _SHOWN} more" if len(sentences) > _SHOWN else ""
    return "; ".join(sentences[:_SHOWN]) + more
