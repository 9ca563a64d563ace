"""targets-up, rules-loaded and, since it writes, test-alert: when something breaks, somebody is alerted."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, Field

from workshop.checks.check import CheckOutcome, StackCheck, failed, passed
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage

_ARRIVAL_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.2


class _Target(BaseModel):
    labels: Mapping[str, str]
    health: str
    last_error: str = Field(default="", alias="lastError")


class _Targets(BaseModel):
    active: list[_Target] = Field(alias="activeTargets")


class _TargetsAnswer(BaseModel):
    data: _Targets


class _Rule(BaseModel):
    name: str
    health: str
    last_error: str = Field(default="", alias="lastError")


class _Group(BaseModel):
    name: str
    rules: list[_Rule]


class _Groups(BaseModel):
    groups: list[_Group]


class _RulesAnswer(BaseModel):
    data: _Groups


class _Receiver(BaseModel):
    name: str


class _Alert(BaseModel):
    labels: Mapping[str, str]
    receivers: list[_Receiver]


class TargetsUp(StackCheck):
    """Prometheus reaches everything that it is configured to watch."""

    id = "targets-up"
    stage = Stage.BEFORE_EVENT
    asks = "Prometheus"
    needed = "every target up, at least one"

    def look(self, site: Site) -> CheckOutcome:
        """Active targets only."""
        targets = site.prometheus.get("api/v1/targets", _TargetsAnswer, {"state": "active"}).data.active
        down = [one for one in targets if one.health != "up"]
        if down or not targets:
            found = "; ".join(
                f"{one.labels.get('job')} {one.labels.get('instance')}: {one.health} {one.last_error}" for one in down
            )
            return failed(found.strip() or "no targets", self.needed, "see Status, Targets in Prometheus")
        return passed(f"{len(targets)} up", self.needed)


class RulesLoaded(StackCheck):
    """Alerting rules are there, and can be evaluated."""

    id = "rules-loaded"
    stage = Stage.BEFORE_EVENT
    asks = "Prometheus"
    needed = "alerting rules, none of them failing"

    def look(self, site: Site) -> CheckOutcome:
        """Alerting rules only."""
        groups = site.prometheus.get("api/v1/rules", _RulesAnswer, {"type": "alert"}).data.groups
        rules = [rule for group in groups for rule in group.rules]
        failing = [rule for rule in rules if rule.health == "err"]
        if failing or not rules:
            found = "; ".join(f"{rule.name}: {rule.last_error}" for rule in failing)
            return failed(found or "no alerting rules", self.needed, "see Status, Rules in Prometheus")
        return passed(f"{counted(len(rules), 'rule')} in {counted(len(groups), 'group')}", self.needed)


class AlertDelivered(StackCheck):
    """An alert of our own arrives at Alertmanager and is routed to somebody, who confirms that they saw it."""

    id = "test-alert"
    stage = Stage.OPT_IN
    asks = "Alertmanager"
    needed = "an alert that is routed to a receiver"

    def look(self, site: Site) -> CheckOutcome:
        """Sends one that ends by itself within minutes."""
        run = secrets.token_hex(4)
        alert = {
            "labels": {"alertname": "WorkshopPreflight", "severity": "none", "run": run},
            "annotations": {"summary": f"Test alert of the preflight of stack {site.stack}; nothing is wrong."},
            "endsAt": (datetime.now(UTC) + timedelta(minutes=5)).isoformat(),
        }
        site.alertmanager.succeeded(site.alertmanager.send("POST", "api/v2/alerts", body=[alert]))
        deadline = time.monotonic() + _ARRIVAL_SECONDS
        while time.monotonic() < deadline:
            for arrived in site.alertmanager.get("api/v2/alerts", list[_Alert], {"filter": f'run="{run}"'}):
                if arrived.labels.get("run") == run and arrived.receivers:
                    names = ", ".join(one.name for one in arrived.receivers)
                    return passed(f"routed to {names}; confirm that it was seen", self.needed)
            time.sleep(_POLL_SECONDS)
        return failed("the alert did not arrive", self.needed, "see Alertmanager's routes and logs")
