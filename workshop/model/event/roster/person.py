"""One person of a roster, each value checked."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from workshop.model.event.people import MOST_DEVICES

NEEDED: Final = {
    "email": "email must be an e-mail address of plain letters",
    "name": "name must have 128 characters at most, all of which can be shown",
    "account": "account must be a username in Coder",
    "github": "github must be a username on GitHub",
    "accepted": "accepted must be yes or no",
    "external": "external must be yes or no",
    "type": "Type must be participant, read_only or read_write: staff are invited by event invite --staff",
    "valid_days": "ValidDays must be a number from 1 to 365",
    "can_invite": "CanInvite must be no: seats are given by the roster alone",
    "transferable": "Transferable must be yes or no",
    "device_bound": "DeviceBound must be yes or no",
    "max_devices": f"MaxDevices must be a number from 1 to {MOST_DEVICES}",
}
"""What each column has to hold; in our words, since pydantic's quote what was given."""

_YES: Final = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_ADDRESS: Final = (
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
"""As browsers have it (HTML, valid e-mail address), with a domain of two parts at least."""

_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn what comes after them round."""


def _yes_or_no(value: object) -> object:
    return _YES.get(str(value).casefold(), value) if value else None


def _address(value: object) -> object:
    """Without the name before it, as mail programs copy it."""
    match = re.fullmatch(r"[^<>]*<([^<>]*)>|mailto:(.*)", str(value))
    return (match[1] or match[2]) if match else value or None


def _shown(value: object) -> object:
    text = unicodedata.normalize("NFC", str(value))
    if any(unicodedata.category(one) in ("Cc", "Zl", "Zp", "Cs", "Co", "Cn") or one in _TURNING for one in text):
        raise ValueError(NEEDED["name"])
    return text


def _given(value: object) -> object:
    return value or None


def _participant(value: object) -> object:
    if value and re.sub(r"[\s_-]", "", str(value)).casefold() not in ("participant", "readonly", "readwrite"):
        raise ValueError(NEEDED["type"])
    return value


def _must_not(value: object) -> object:
    if _yes_or_no(value) not in (None, False):
        raise ValueError(NEEDED["can_invite"])
    return None


_Choice = Annotated[bool | None, BeforeValidator(_yes_or_no)]


class Person(BaseModel):
    """One line of a roster. What is None was not said.

    email: None where the roster has none; their link is handed out. account: a username in Coder, None for whoever has
    the address there. valid_days: for which the invitation may be accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: Annotated[
        Annotated[str, Field(pattern=rf"^{_ADDRESS}$", max_length=254)] | None, BeforeValidator(_address)
    ] = None
    name: Annotated[str, Field(max_length=128), BeforeValidator(_shown)] = ""
    account: Annotated[
        Annotated[str, Field(pattern=r"^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$", max_length=32)] | None, BeforeValidator(_given)
    ] = None
    github: Annotated[
        Annotated[str, Field(pattern=r"^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$", max_length=39)] | None, BeforeValidator(_given)
    ] = None
    accepted: _Choice = None
    external: _Choice = None
    type: Annotated[str, BeforeValidator(_participant)] = ""
    valid_days: Annotated[Annotated[int, Field(ge=1, le=365)] | None, BeforeValidator(_given)] = None
    can_invite: Annotated[None, BeforeValidator(_must_not)] = None
    transferable: _Choice = None
    device_bound: _Choice = None
    max_devices: Annotated[Annotated[int, Field(ge=1, le=MOST_DEVICES)] | None, BeforeValidator(_given)] = None


def problems_of(error: ValidationError) -> list[str]:
    """What is wrong with a line, in our words."""
    return list(dict.fromkeys(NEEDED[str(one["loc"][0])] for one in error.errors(include_input=False)))
