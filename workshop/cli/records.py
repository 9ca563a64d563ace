"""The stack's last preflight."""

from __future__ import annotations

from workshop.cli.sandbox_config import config_for_server
from workshop.cli.stack import Stack
from workshop.model.observations import Found
from workshop.model.preflight.record import Record, settings_digest
from workshop.model.settings.config import settings_from_config
from workshop.observe.preflight import observe_preflight
from workshop.observe.project import project_folder
from workshop.sandbox.paths import SandboxPaths


def last_record(stack: Stack) -> Record | None:
    """The last one, if it is of these settings and has not expired."""
    settings, folder = stack.settings, project_folder()
    if stack.is_sandbox:
        settings = settings_from_config(config_for_server(stack.config))
        folder = SandboxPaths.from_environment().folder
    observed = observe_preflight(folder / "preflight", stack.name)
    if not isinstance(observed, Found):
        return None
    record = observed.value
    holds = (
        record.is_whole and record.settings == settings_digest(settings) and observed.observed_at < record.expires_at
    )
    return record if holds else None
