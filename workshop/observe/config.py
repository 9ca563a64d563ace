"""The stack's config, as Pulumi hands it to the program, and the project's zone files."""

from __future__ import annotations

from pulumi.runtime.config import CONFIG, get_config_env

from workshop.model.settings.config import settings_from_config
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import ZoneFile
from workshop.model.zones.read import read_zones
from workshop.observe.project import project_folder
from workshop.observe.zone_files import zone_texts


def settings_of_stack() -> Settings:
    """Reads the settings of the stack that is being deployed. Raises SettingsError.

    All keys are read, from the environment where the CLI puts them and from where an engine in this process does, as
    pulumi.Config reads one: a key that is misspelt must be refused, not passed over.
    """
    return settings_from_config({**get_config_env(), **CONFIG.get()})


def zones_of_project() -> tuple[ZoneFile, ...]:
    """Reads every zone file. Raises Refused with file and line of all that is wrong."""
    return read_zones(zone_texts(project_folder()))
