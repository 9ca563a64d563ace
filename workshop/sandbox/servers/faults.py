"""Faults that a person, or a test, plants in what the sandbox's servers answer.

`faults.json` in the data folder maps the beginning of a path, such as /coder/api/v2/regions or /clusters/coder-ohio,
to a Fault; of several the longest counts. It is read anew at each request, and gone when the file is.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from werkzeug.wrappers import Response

from workshop.sandbox.files import write_private
from workshop.sandbox.paths import SandboxPaths


class Fault(BaseModel):
    """What is wrong with an answer. delay_seconds: before it. status and body: instead of the right one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_seconds: float = 0
    status: int | None = None
    body: str | None = None


_FAULTS = TypeAdapter(dict[str, Fault])


def faults_file(paths: SandboxPaths) -> Path:
    """Where faults are planted."""
    return paths.folder / "faults.json"


def plant_faults(paths: SandboxPaths, faults: Mapping[str, Fault]) -> None:
    """From now on exactly these are in force."""
    write_private(faults_file(paths), _FAULTS.dump_json(dict(faults), indent=1).decode())


def faulty_answer(paths: SandboxPaths, path: str) -> Response | None:
    """What to answer instead, once a delay is over; None where nothing but perhaps a delay is planted."""
    fault = _fault_at(faults_file(paths), path)
    if fault is None:
        return None
    time.sleep(fault.delay_seconds)
    if fault.status is None and fault.body is None:
        return None
    body = fault.body if fault.body is not None else json.dumps({"message": "planted"})
    return Response(body, status=fault.status or 200, content_type="application/json")


def _fault_at(file: Path, path: str) -> Fault | None:
    try:
        faults = _FAULTS.validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        return Fault(status=500, body=f"{file} can't be read: {error}")
    beginnings = [beginning for beginning in faults if path.startswith(beginning)]
    return faults[max(beginnings, key=len)] if beginnings else None
