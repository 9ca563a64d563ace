"""Faults that a person, or a test, plants in what the sandbox's servers answer.

`faults.json` in the data folder maps the beginning of a path, such as /coder/api/v2/regions or /clusters/coder-ohio,
to a Fault; of several the longest counts. It is read anew at each request, and gone when the file is.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from werkzeug.wrappers import Response

from workshop.sandbox.files import write_private
from workshop.sandbox.paths import SandboxPaths


class Fault(BaseModel):
    """What is wrong with an answer. delay_seconds: before it. status, body and headers: instead of the right ones.

    is_cut: of a blob only half goes over, either way, and the connection ends. times: how often, unset: always.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_seconds: float = 0
    status: int | None = None
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False
    times: int | None = None


_FAULTS = TypeAdapter(dict[str, Fault])
_met: Counter[tuple[str, int, Fault]] = Counter()
"""How often a fault was met since the file was written."""


def faults_file(paths: SandboxPaths) -> Path:
    """Where faults are planted."""
    return paths.folder / "faults.json"


def plant_faults(paths: SandboxPaths, faults: Mapping[str, Fault]) -> None:
    """From now on exactly these are in force."""
    write_private(faults_file(paths), _FAULTS.dump_json(dict(faults), indent=1).decode())


def faulty_answer(paths: SandboxPaths, path: str) -> Response | None:
    """What to answer instead, once a delay is over; None where nothing but perhaps a delay is planted."""
    fault = fault_at(paths, path)
    if fault is None or fault.is_cut or _is_over(paths, fault):
        return None
    time.sleep(fault.delay_seconds)
    if fault.status is None and fault.body is None:
        return None
    body = fault.body if fault.body is not None else json.dumps({"message": "planted"})
    return Response(body, status=fault.status or 200, content_type="application/json", headers=list(fault.headers))


def is_cut(paths: SandboxPaths, path: str) -> bool:
    """Whether a blob's way is cut short."""
    fault = fault_at(paths, path)
    return fault is not None and fault.is_cut and not _is_over(paths, fault)


def _is_over(paths: SandboxPaths, fault: Fault) -> bool:
    if fault.times is None:
        return False
    met = (str(paths.folder), faults_file(paths).stat().st_mtime_ns, fault)
    _met[met] += 1
    return _met[met] > fault.times


def fault_at(paths: SandboxPaths, path: str) -> Fault | None:
    """What is planted at a path, of several the longest."""
    file = faults_file(paths)
    try:
        faults = _FAULTS.validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        return Fault(status=500, body=f"{file} can't be read: {error}")
    beginnings = [beginning for beginning in faults if path.startswith(beginning)]
    return faults[max(beginnings, key=len)] if beginnings else None
