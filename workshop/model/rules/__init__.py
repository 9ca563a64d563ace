"""The model's rules: what must hold before anything is registered. One rule a file; judge applies them all.

A rule takes settings, plan and observations and yields findings. It judges only what the stack's scope needs, and an
observation that it needs and that was not made is a finding too: unknown means no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from workshop.model.findings import Finding
from workshop.model.observations import Observations
from workshop.model.plan import Plan
from workshop.model.rules import (
    adoption,
    ephemeral_device,
    identity,
    image_change,
    image_parity,
    live_nodes,
    patch_targets,
    quota,
    scale_down,
    settings_complete,
    spend_ceiling,
    storage_headroom,
    users_ceiling,
)
from workshop.model.settings import Settings

__all__ = ["RULES", "judge"]

Check: TypeAlias = Callable[[Settings, Plan, Observations], Iterable[Finding]]

_OF_SETTINGS: Final = (settings_complete, users_ceiling, spend_ceiling, ephemeral_device, storage_headroom)
_OF_OBSERVATIONS: Final = (
    identity,
    quota,
    image_parity,
    patch_targets,
    adoption,
    live_nodes,
    image_change,
    scale_down,
)

RULES: Final[dict[str, Check]] = {rule.NAME: rule.check for rule in (*_OF_SETTINGS, *_OF_OBSERVATIONS)}
"""Every rule by its name, in the order in which findings are told."""


def judge(settings: Settings, plan: Plan, observations: Observations) -> tuple[Finding, ...]:
    """Everything that forbids this plan; empty when it may go ahead."""
    return tuple(finding for check in RULES.values() for finding in check(settings, plan, observations))
