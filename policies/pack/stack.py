"""The stack's settings as the policies' own process receives them."""

from __future__ import annotations

from functools import cache, lru_cache

import pulumi

from policies.framework.policy import StackConfig
from policies.framework.reading import Unreadable
from workshop.model.findings import Refused
from workshop.model.plan.plan import make_plan
from workshop.model.settings.commands import PROJECT
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.errors import SettingsError
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase, phase_at
from workshop.observe.clock import now
from workshop.observe.config import zones_of_project


def stack_config() -> StackConfig | None:
    """Settings and plan from Pulumi's config; None in a foreign project. Raises Unreadable where they are wrong.

    The clock is read at every call: a phase that ends in the middle of an `up` has ended.
    """
    config = _config()
    if not any(key.startswith(f"{PROJECT}:") for key, _ in config):
        return None
    try:
        return _worked_out(config, phase_at(_settings(config).window, now()))
    except (SettingsError, Refused) as error:
        reasons = "; ".join(str(error).splitlines())
        raise Unreadable("wrong type", "the stack's config", f"the stack's config gives no plan ({reasons})") from error


@cache
def _config() -> tuple[tuple[str, str], ...]:
    """What this process was started with; each reading would take the longer the more is set."""
    config: dict[str, str] = dict(pulumi.runtime.get_config_env())
    return tuple(sorted(config.items()))


@lru_cache(maxsize=1)
def _settings(config: tuple[tuple[str, str], ...]) -> Settings:
    return settings_from_config(dict(config))


@lru_cache(maxsize=2)
def _worked_out(config: tuple[tuple[str, str], ...], phase: Phase | None) -> StackConfig:
    settings = _settings(config)
    return StackConfig(settings=settings, plan=make_plan(settings, zones_of_project(), phase))
