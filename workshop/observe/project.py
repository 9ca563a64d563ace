"""Where the Pulumi project is: stacks' settings, zone files, the program and the policy pack."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "WORKSHOP_PROJECT"
"""Names the folder; the command's --project sets it, for the processes that it starts as well."""

_PACKAGES: Final = Path(__file__).resolve().parents[2]


class NoProject(Exception):
    """No folder holds a Pulumi.yaml."""


def project_folder() -> Path:
    """The folder that WORKSHOP_PROJECT names, else the nearest one from here upwards, else these packages' checkout.

    Raises NoProject.
    """
    if given := os.environ.get(VARIABLE):
        folder = Path(given).resolve()
        if not _is_project(folder):
            raise NoProject(f"{given} has no Pulumi.yaml, so it is not the project's folder")
        return folder
    here = Path.cwd()
    for folder in (here, *here.parents, _PACKAGES):
        if _is_project(folder):
            return folder
    raise NoProject(f"neither {here} nor a folder above it has a Pulumi.yaml; name the project's folder: --project DIR")


def in_project(path: str) -> Path:
    """A path of the settings: a relative one starts in the project's folder, where Pulumi runs the program."""
    return project_folder() / Path(path).expanduser()


def _is_project(folder: Path) -> bool:
    return (folder / "Pulumi.yaml").is_file()
