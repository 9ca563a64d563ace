"""What the keeper is started with, where it puts saved work, and until when both are there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from workshop.model.names import MARK
from workshop.model.plan.event import TAIL
from workshop.model.rotation import Document
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

TOKEN_VARIABLE: Final = "CODER_SESSION_TOKEN"  # noqa: S105 - the name of a variable
DATABASE_VARIABLE: Final = "WORKSHOP_EVENT_DATABASE"
"""Environment variables in which the keeper finds its Coder token and its database's URL."""

SMTP_PASSWORD_VARIABLE: Final = "WORKSHOP_EVENT_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
MAIL_TEMPLATES_VARIABLE: Final = "WORKSHOP_EVENT_MAIL_TEMPLATES"
"""The mail server's password, and a folder with the event's own mail templates; unset where there are none."""

MAIL_FOLDER_VARIABLE: Final = "WORKSHOP_EVENT_MAIL_FOLDER"
JOIN_URL_VARIABLE: Final = "WORKSHOP_EVENT_JOIN_URL"
"""Where mails go in place of a server, and where the people's page is in place of join_host: for trying it out."""

DATABASE_PORT: Final = 5432
"""PostgreSQL's own; the URL is a Secret, so nothing here knows another."""


class KeepRequest(Document):
    """keep: the stack's settings, of which the event and all that bounds it are part. No credential is in them.

    Names of the rotation's Secrets are left out: nothing of theirs is the keeper's.
    """

    settings: Settings

    def text(self) -> str:
        """As JSON."""
        rotation = {"secret", "secret_key", "master_secret", "master_secret_key"}
        return self.model_dump_json(exclude_none=True, exclude={"settings": {"rotation": rotation}})


def keep_request(settings: Settings) -> KeepRequest:
    """The request of the keeper's Deployment. Raises ValueError where no event is set."""
    given(settings.event)
    return KeepRequest(settings=settings)


def control_plane(settings: Settings) -> Region:
    """The region in whose cluster the keeper runs, and in which saved work is."""
    return next(region for region in settings.regions if region.role is Role.CONTROL_PLANE)


def bucket_of(settings: Settings) -> str:
    """The bucket of the event's saved work: named for account and event, so that it is nobody else's. Raises ValueError
    where a setting is missing."""
    return f"{MARK}-{given(settings.account)}-{given(settings.event).name}"


def kept_until(settings: Settings) -> datetime:
    """Until when keeper and saved work are there, UTC. Raises ValueError where no event or window is set."""
    return (_over_at(settings) + timedelta(days=given(settings.event).saving.retention_days)).astimezone(UTC)


def days_kept(settings: Settings) -> int:
    """Days for which what is saved at any time of the event has to be kept, counted from when it is saved."""
    event = given(settings.event)
    first = given(settings.window).start - max(event.early_access, event.provisioning)
    return event.saving.retention_days + ceil((_over_at(settings) - first) / timedelta(days=1))


def coder_url(settings: Settings) -> str:
    """Where the keeper reaches Coder. Raises ValueError where no event is set."""
    server = settings.server
    return given(settings.event).keeper.coder_url or f"http://{server.deployment}.{server.namespace}.svc.cluster.local"


def join_url(settings: Settings) -> str:
    """Where the people's page is. Raises ValueError where no event is set, or it has none."""
    return f"https://{given(given(settings.event).join_host)}"


def _over_at(settings: Settings) -> datetime:
    return given(settings.window).start + given(settings.event).latest_end + TAIL
