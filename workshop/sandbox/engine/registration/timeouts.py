"""How long a resource's operations may take, as its custom_timeouts say."""

from __future__ import annotations

import re
from typing import Final

from pulumi.runtime.proto import resource_pb2

from workshop.sandbox.engine.errors import EngineError

_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_PART: Final = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_DURATION: Final = re.compile(rf"[+-]?(?:0|(?:{_PART.pattern})+)")


def timeouts_of(request: resource_pb2.RegisterResourceRequest, where: str) -> dict[str, float]:
    """Seconds by operation (create, update, delete, read), as the state has them. Raises EngineError."""
    given = request.customTimeouts
    texts = {operation: getattr(given, operation) for operation in ("create", "update", "delete", "read")}
    seconds = {operation: _seconds(text, f"{where}: custom_timeouts.{operation}") for operation, text in texts.items()}
    return {operation: limit for operation, limit in seconds.items() if limit}


def _seconds(text: str, where: str) -> float:
    """The seconds of a duration as Go's time.ParseDuration reads it; 0 where there is none."""
    if not text:
        return 0
    if not _DURATION.fullmatch(text):
        raise EngineError(f"{where} is {text!r}: write a duration with its unit, such as 90s, 10m or 1h30m")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    return -seconds if text.startswith("-") else seconds
