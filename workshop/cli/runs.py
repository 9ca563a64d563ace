"""The last run that changed a stack, or set out to; and the images with which an `up` succeeded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from workshop.model.images.history import Release
from workshop.model.settings.commands import PROJECT
from workshop.sandbox.files import write_whole
from workshop.sandbox.paths import SandboxPaths


class Run(BaseModel):
    """result: unfinished where it was killed or still runs; failed where it could not run to its end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operation: Literal["up", "destroy", "refresh", "other"]
    started_at: AwareDatetime
    result: Literal["succeeded", "failed", "unfinished"] = "unfinished"

    @property
    def has_released(self) -> bool:
        """Whether what an earlier `up` exported no longer holds."""
        return self.operation == "destroy" and self.result == "succeeded"


_Runs: Final = TypeAdapter(dict[str, Run])
_Releases: Final = TypeAdapter(dict[str, tuple[Release, ...]])
"""By stack, the sandbox's."""


def read_run(stack: str) -> Run | None:
    """The sandbox stack's last run; None where there was none, or what tells of it can't be read."""
    return _read().get(stack)


def save_run(stack: str, run: Run) -> None:
    """Saves the sandbox stack's last run."""
    write_whole(_file("runs"), _Runs.dump_json({**_read(), stack: run}, indent=2).decode() + "\n")


def read_releases(stack: str) -> tuple[Release, ...]:
    """The sandbox stack's images, oldest first; empty where what tells of them can't be read."""
    return _read_releases().get(stack, ())


def save_release(stack: str, release: Release) -> None:
    """Saves an image with which the sandbox stack's `up` succeeded, unless the one before had it too."""
    known = _read_releases()
    before = known.get(stack, ())
    if not before or before[-1].digest != release.digest:
        known[stack] = (*before, release)
        write_whole(_file("releases"), _Releases.dump_json(known, indent=2).decode() + "\n")


def _read() -> dict[str, Run]:
    try:
        return _Runs.validate_json(_file("runs").read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def _read_releases() -> dict[str, tuple[Release, ...]]:
    try:
        return _Releases.validate_json(_file("releases").read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def _file(name: str) -> Path:
    return SandboxPaths.from_environment().folder / f"{name}.json"


def pulumi_run(kind: str, result: str, started_at: datetime) -> Run:
    """From an entry of `pulumi stack history`."""
    operations: dict[str, Literal["up", "destroy", "refresh"]] = {
        "update": "up",
        "destroy": "destroy",
        "refresh": "refresh",
    }
    results: dict[str, Literal["succeeded", "failed"]] = {"succeeded": "succeeded", "failed": "failed"}
    return Run(
        operation=operations.get(kind, "other"),
        started_at=started_at,
        result=results.get(result, "unfinished"),
    )


def pulumi_release(kind: str, result: str, ended_at: datetime | None, config: Mapping[str, Any]) -> Release | None:
    """From an entry of `pulumi stack history`: config as the run had it. None where it released no image."""
    image = config.get(f"{PROJECT}:image")
    if (kind, result) != ("update", "succeeded") or ended_at is None or image is None:
        return None
    try:
        digest = json.loads(image.value).get("digest")
    except (ValueError, AttributeError):
        return None
    return Release(digest=digest, succeeded_at=ended_at) if digest else None
