"""When Coder stops a workspace by itself: its time to live, and its running deadline."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, ConfigDict

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers.users import time
from workshop.sandbox.servers.coder.call import Answer, Body, Call, Route
from workshop.sandbox.servers.coder.refusals import Refusal, forbidden_inside, invalid

_MINUTE_MS: Final = 60_000
_LONGEST_MS: Final = 30 * 24 * 60 * _MINUTE_MS
_SOONEST: Final = timedelta(minutes=29)
"""Coder says 30, and takes a minute less (coder/coder, coderd/workspaces.go, validWorkspaceDeadline)."""


class _Extension(Body):
    model_config = ConfigDict(strict=False)  # a time is text

    deadline: AwareDatetime | None = None


class _TimeToLive(Body):
    ttl_ms: int | None = None


def checked_ttl(given: int | None, message: str) -> int | None:
    """A time to live in whole minutes, None for none. Raises Refusal for one too short or too long."""
    if not given:
        return None
    wrong = ""
    if given < _MINUTE_MS:
        wrong = "time until shutdown must be at least one minute"
    elif given > _LONGEST_MS:
        wrong = "time until shutdown must be less than 30 days"
    if wrong:
        raise Refusal(400, message, validations=[("ttl_ms", wrong)])
    return given - given % _MINUTE_MS


def _extend(call: Call, workspace: str) -> Json:
    found, asked = call.workspace(workspace), call.body(_Extension).deadline
    if asked is None:
        raise invalid(("deadline", "required", "0001-01-01 00:00:00 +0000 UTC"))
    build = found.latest
    if build.transition != "start":
        raise Refusal(409, f"Workspace must be started, current status: {build.transition}")
    if build.is_active:
        raise Refusal(409, "Workspace is still building!")
    if build.deadline is None:
        raise Refusal(409, "Workspace shutdown is manual.")
    if asked < call.now + _SOONEST:
        raise Refusal(400, "Cannot extend workspace: new deadline must be at least 30 minutes in the future")
    if not call.may("update", found):
        raise Refusal(500, "Failed to extend workspace deadline.")
    build.deadline = asked.astimezone(call.now.tzinfo)
    return {"message": f"Deadline updated to {_seconds(build.deadline)}."}


def _seconds(given: datetime) -> str:
    return time(given.replace(microsecond=0))


def _put_ttl(call: Call, workspace: str) -> Answer:
    found, asked = call.workspace(workspace), call.body(_TimeToLive)
    message = "Error updating workspace time until shutdown."
    ttl_ms = checked_ttl(asked.ttl_ms, message)
    if not call.may("update", found):
        raise forbidden_inside(message, "execute transaction: update workspace time until shutdown")
    found.ttl_ms = ttl_ms
    if ttl_ms is None:
        found.latest.deadline = None
    return Answer(status=204)


ROUTES: Final[tuple[Route, ...]] = (
    ("PUT", "/workspaces/<workspace>/extend", _extend),
    ("PUT", "/workspaces/<workspace>/ttl", _put_ttl),
)
