"""The stack's settings as the policies' own process receives them."""

from __future__ import annotations

from functools import lru_cache

import pulumi

from policies.policy import StackConfig
from policies.reading import Unreadable
from workshop.model.findings import Refused
from workshop.model.mend import PROJECT
from workshop.model.plan import make_plan
from workshop.model.settings_errors import SettingsError
from workshop.model.stack_config import settings_from_config
from workshop.observe.config import zones_of_project


def stack_config() -> StackConfig | None:
    """Settings and plan from Pulumi's config; None in a foreign project. Raises Unreadable where they are wrong."""
    config: dict[str, str] = dict(pulumi.runtime.get_config_env())
    if not any(key.startswith(f"{PROJECT}:") for key in config):
        return None
    return _worked_out(tuple(sorted(config.items())))


@lru_cache(maxsize=1)
def _worked_out(config: tuple[tuple[str, str], ...]) -> StackConfig:
    try:
        settings = settings_from_config(dict(config))
        return StackConfig(settings=settings, plan=make_plan(settings, zones_of_project()))
    except (SettingsError, Refused) as error:
        reasons = "; ".join(str(error).splitlines())
        raise Unreadable("wrong type", "the stack's config", f"the stack's config gives no plan ({reasons})") from error
