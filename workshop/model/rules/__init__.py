"""The model's rules: what must hold before anything is registered. One rule a file; judge applies them all.

A rule takes settings and plan, and observations where it needs them, and yields findings. It judges only what the
stack's scope needs. An observation that it needs and that was not made is a finding too: unknown means no.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Observations
from workshop.model.overrides import in_force, report
from workshop.model.plan import Plan
from workshop.model.rules import (
    adoption,
    ephemeral_device,
    identity,
    image_change,
    image_parity,
    live_nodes,
    patch_targets,
    preflight_required,
    quota,
    registry_replication,
    rotation_targets,
    scale_down,
    settings_complete,
    spend_ceiling,
    storage_headroom,
    users_ceiling,
    zone_changes,
    zone_lock,
    zone_names,
    zone_shadowing,
    zone_targets,
)
from workshop.model.settings import Settings

_OF_SETTINGS: Final = (
    settings_complete,
    users_ceiling,
    spend_ceiling,
    ephemeral_device,
    storage_headroom,
    zone_names,
    zone_shadowing,
    zone_targets,
    zone_lock,
)
_OF_OBSERVATIONS: Final = (
    identity,
    preflight_required,
    quota,
    image_parity,
    patch_targets,
    rotation_targets,
    adoption,
    registry_replication,
    live_nodes,
    image_change,
    scale_down,
    zone_changes,
)

RULES: Final = tuple(rule.NAME for rule in (*_OF_SETTINGS, *_OF_OBSERVATIONS))
"""Names of all rules, in the order in which findings are told."""


def judge_settings(settings: Settings, plan: Plan) -> tuple[Finding, ...]:
    """What forbids this plan before anything is looked up."""
    return tuple(finding for rule in _OF_SETTINGS for finding in rule.check(settings, plan))


def judge(settings: Settings, plan: Plan, observations: Observations) -> tuple[Finding, ...]:
    """Everything that forbids this plan; empty when it may go ahead.

    While settings are missing only those findings are told: what was looked up without them tells nothing.
    """
    of_settings = judge_settings(settings, plan)
    if any(finding.rule == settings_complete.NAME for finding in of_settings):
        return of_settings
    lifted = in_force(settings, plan.phase)
    return (
        *of_settings,
        *(one for one in _of_observations(settings, plan, observations) if one.override not in lifted),
    )


def overridden(settings: Settings, plan: Plan, observations: Observations) -> tuple[Finding, ...]:
    """What to tell of the window's overrides: each with what it lets through now, or that nothing needs it."""
    lifted = in_force(settings, plan.phase)
    found = (one for one in _of_observations(settings, plan, observations) if one.override in lifted)
    return report(settings, plan.phase, found)


def _of_observations(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    for rule in _OF_OBSERVATIONS:
        yield from rule.check(settings, plan, observations)
