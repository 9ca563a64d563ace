"""The stack's config, as Pulumi hands it to the program."""

from __future__ import annotations

from pulumi.runtime.config import CONFIG, get_config_env

from workshop.model.settings import Settings
from workshop.model.stack_config import settings_from_config


def settings_of_stack() -> Settings:
    """Reads the settings of the stack that is being deployed. Raises SettingsError.

    All keys are read, from the environment where the CLI puts them and from where an engine in this process does, as
    pulumi.Config reads one: a key that is misspelt must be refused, not passed over.
    """
    return settings_from_config({**get_config_env(), **CONFIG.get()})
