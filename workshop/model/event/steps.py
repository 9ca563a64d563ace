"""What the keeper can do: each step changes one thing, and can be done again without harm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """Steps by their names in the journal."""

    END = "end"
    ACCOUNT = "account"
    BAN = "ban"
    CREATE = "create"
    START = "start"
    REPLACE = "replace"
    EXTEND = "extend"
    WARN = "warn"
    SAVE = "save"
    RESTORE = "restore"
    CANCEL = "cancel"
    STOP = "stop"
    DELETE = "delete"
    REVOKE = "revoke-keys"
    CLOSE_POOL = "close-pool"
    END_CLAIM = "end-claim"
    TERMINATE = "terminate"
    SETTLE = "settle"
    RELEASE = "release"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. subject: the workspace, account, region, node or instance that it is about. why: in words.

    seat: its number. workspace_id, region, claim, instance: what it is done with. end: when the seat ends, or of an END
    the event. minutes: of a WARN, before that.
    """

    action: Action
    subject: str
    why: str
    seat: int | None = None
    workspace_id: str | None = None
    region: str | None = None
    claim: str | None = None
    instance: str | None = None
    end: datetime | None = None
    minutes: int | None = None
