"""A closer look at one seat, when somebody asks for it: what its build, its start and its apps have said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

from workshop.event.coder.builds import AgentLogLine
from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderRefused
from workshop.event.failure import EventFailure
from workshop.model.legible import legible

MOST_CHARACTERS: Final = 16_384
"""Of one log, its end: three of them stay below 64 KiB, escapes included."""

_STARTUP: Final = "Startup Script"
"""What Coder calls the log of an agent's own start script; every other script has its own name."""


def logs(coder: Coder, workspace_id: str) -> Mapping[str, str]:
    """build: of the last build. start: of the agents' start scripts. app: of what else runs in it by the template, such
    as an editor; Coder keeps no other logs of apps. Raises EventFailure, CoderError."""
    found = coder.workspace(workspace_id)
    if found is None:
        raise EventFailure("its workspace is gone")
    build = found.latest_build
    lines = coder.build_log(build.id)
    start: list[str] = []
    app: list[str] = []
    for agent in build.agents:
        names = {source.id: source.display_name for source in agent.log_sources}
        for line in _lines_of(coder, agent.id):
            name = names.get(line.source_id, _STARTUP)
            (start if name == _STARTUP else app).append(f"{line.created_at:%H:%M:%S} {name}: {line.output}")
    return {
        "build": _end_of(f"{line.created_at:%H:%M:%S} {line.stage}: {line.output}" for line in lines),
        "start": _end_of(start),
        "app": _end_of(app),
    }


def _lines_of(coder: Coder, agent: str) -> list[AgentLogLine]:
    """None of one that has gone since it was seen."""
    try:
        return coder.agent_log(agent)
    except CoderRefused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        return []


def _end_of(lines: Iterable[str]) -> str:
    text = legible("\n".join(lines), None)
    left_out = len(text) - MOST_CHARACTERS
    return text if left_out <= 0 else f"({left_out} more characters before)\n{text[left_out:]}"
