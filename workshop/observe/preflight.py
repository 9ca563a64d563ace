"""Preflight's records: one file a stack, in the project or where WORKSHOP_PREFLIGHT_DIR says."""

from __future__ import annotations

import os
from pathlib import Path

from workshop.model.observations import Observation
from workshop.model.preflight.record import Record
from workshop.observe.look_up import NotFound, look_up

FOLDER_VARIABLE = "WORKSHOP_PREFLIGHT_DIR"


def record_file(folder: Path, stack: str) -> Path:
    """Where a stack's last record is, unless the variable names another folder."""
    return Path(os.environ.get(FOLDER_VARIABLE) or folder) / f"{stack}.json"


def observe_preflight(folder: Path, stack: str) -> Observation[Record]:
    """The stack's last record, if it has one. A file that can't be understood is no answer."""
    file = record_file(folder, stack)

    def ask() -> Record:
        try:
            return Record.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            raise NotFound from None

    return look_up(str(file), ask)
