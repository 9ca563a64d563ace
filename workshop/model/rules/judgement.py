"""Applies every rule: to settings and plan first, then to what was observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Observations
from workshop.model.plan.plan import Plan
from workshop.model.rules.observations import (
    adoption,
    event_kept,
    event_stopped,
    identity,
    image_change,
    image_parity,
    live_nodes,
    patch_targets,
    preflight_required,
    queue_scaling,
    quota,
    region_balancers,
    registry_replication,
    rollout_strategy,
    rotation_credentials,
    rotation_targets,
    scale_down,
    schema_snapshot,
    window_over,
    zone_changes,
    zone_neighbours,
)
from workshop.model.rules.settings import (
    arrival_wait,
    ephemeral_device,
    event_budget,
    event_seats,
    event_times,
    join_host,
    load_balancers,
    settings_complete,
    spend_ceiling,
    storage_headroom,
    users_ceiling,
    volume_attachments,
    zone_lock,
    zone_names,
    zone_shadowing,
    zone_targets,
)
from workshop.model.settings.stack import Settings
from workshop.model.window.overrides import in_force, report

_OF_SETTINGS: Final = (
    settings_complete,
    users_ceiling,
    spend_ceiling,
    event_times,
    event_seats,
    event_budget,
    join_host,
    volume_attachments,
    arrival_wait,
    ephemeral_device,
    storage_headroom,
    zone_names,
    zone_shadowing,
    zone_targets,
    load_balancers,
    zone_lock,
)
_OF_OBSERVATIONS: Final = (
    identity,
    preflight_required,
    quota,
    image_parity,
    patch_targets,
    queue_scaling,
    rotation_targets,
    rotation_credentials,
    adoption,
    registry_replication,
    live_nodes,
    image_change,
    rollout_strategy,
    schema_snapshot,
    scale_down,
    window_over,
    event_kept,
    event_stopped,
    zone_changes,
    zone_neighbours,
    region_balancers,
)

RULES: Final = tuple(rule.NAME for rule in (*_OF_SETTINGS, *_OF_OBSERVATIONS))
"""Names of all rules, in the order in which findings are reported."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the rules say of observations.

    findings: what forbids the plan; empty when it may go ahead. overridden: each override of the window, with what it
    lets through now, or that no rule needs it.
    """

    findings: tuple[Finding, ...]
    overridden: tuple[Finding, ...]


def judge_settings(settings: Settings, plan: Plan) -> tuple[Finding, ...]:
    """What forbids this plan before anything is looked up."""
    return tuple(finding for rule in _OF_SETTINGS for finding in rule.check(settings, plan))


def advise_on_settings(settings: Settings) -> tuple[Finding, ...]:
    """What a plan that may go ahead leaves to be wished for."""
    return (*arrival_wait.advise(settings), *volume_attachments.advise(settings))


def judge_observations(settings: Settings, plan: Plan, observations: Observations) -> Judgement:
    """What forbids a plan whose settings have passed, now that systems have answered."""
    lifted = in_force(settings, plan.phase)
    found = [finding for rule in _OF_OBSERVATIONS for finding in rule.check(settings, plan, observations)]
    return Judgement(
        findings=tuple(finding for finding in found if finding.override not in lifted),
        overridden=report(settings, plan.phase, (finding for finding in found if finding.override in lifted)),
    )
