"""The last run that changed a stack, or set out to."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

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
"""By stack, the sandbox's."""


def read_run(stack: str) -> Run | None:
    """The sandbox stack's last run; None where there was none, or what tells of it can't be read."""
    return _read().get(stack)


def save_run(stack: str, run: Run) -> None:
    """Saves the sandbox stack's last run."""
    file = SandboxPaths.from_environment().folder / "runs.json"
    write_whole(file, _Runs.dump_json({**_read(), stack: run}, indent=2).decode() + "\n")


def _read() -> dict[str, Run]:
    try:
        return _Runs.validate_json((SandboxPaths.from_environment().folder / "runs.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


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
