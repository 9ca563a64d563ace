"""Mail to the people of an event: by which server, as whom, how fast."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from workshop.model.settings.errors import WrongValue, raise_wrong
from workshop.model.settings.section import Section
from workshop.model.settings.types import HttpsUrl, Text

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

_ADDRESS: Final = r"[^@\s<>\"(),:;\\]+@[^@\s<>\"(),:;\\]+\.[^@\s<>\"(),:;\\]+"


def _sender(text: str) -> str:
    """An address, with a name before it or without."""
    if not re.fullmatch(rf"{_ADDRESS}|[^<>@\"(),:;\\]+ <{_ADDRESS}>", text):
        raise ValueError("must be an e-mail address, or a name and an address: Workshop <workshop@example.com>")
    return text


def _host(text: str) -> str:
    """A name or an address of a server."""
    if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", text):
        raise ValueError("must be the name of a mail server, such as smtp.example.com")
    return text


def _folder(path: str) -> str:
    """A folder inside the project."""
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError("must be a folder in the project, such as mail: neither / at its beginning, nor .. in it")
    return path


def _time_zone(name: str) -> str:
    """By its name in the IANA database."""
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):  # unknown, no name at all, a folder of the database
        raise ValueError("must be a time zone by its name, such as America/Los_Angeles or Europe/London") from None


TimeZone = Annotated[str, AfterValidator(_time_zone)]


class Mailing(Section):
    """Mail by SMTP. The password is in a Secret beside the keeper (keeper.mail_secret_name), never here."""

    host: Annotated[Text, AfterValidator(_host)] = Field(
        description="the mail server that takes mail for others", examples=["smtp.example.com"]
    )
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=587, description="its port")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="starttls, tls from the first byte on, or none, on this machine only"
    )
    user: Text | None = Field(default=None, description="who logs in there, with the Secret's password; unset: nobody")
    sender: Annotated[Text, AfterValidator(_sender)] = Field(
        description="whom mail is from", examples=["workshop@example.com"]
    )
    per_minute: Annotated[int, Field(ge=1, le=6000)] = Field(
        default=120, description="mails a minute at most, by what the server allows"
    )
    survey_url: HttpsUrl | None = Field(
        default=None, description="the survey that thanks ask for; unset: none", examples=["https://example.com/survey"]
    )
    templates: Annotated[Text, AfterValidator(_folder)] | None = Field(
        default=None,
        description="folder of the project with mails' own texts, which take the place of ours",
        examples=["mail"],
    )

    @model_validator(mode="after")
    def _passwords_go_encrypted(self) -> Mailing:
        if self.security == "none" and self.host not in LOOPBACK:
            needed = f"must be starttls or tls, unless the server is on this machine ({', '.join(LOOPBACK)})"
            raise_wrong([WrongValue(path=("security",), found="none", needed=needed, fix="starttls")])
        return self
