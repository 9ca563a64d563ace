"""What the door is started with."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from workshop.model.event.keeper import control_plane
from workshop.model.rotation import Document
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.model.settings.types import Url

PORT: Final = 8080
"""On which the door listens in its Pod; its Ingress ends TLS."""

HEALTH_PATH: Final = "/healthz"
"""Answers as long as the door runs, whatever else is away."""


class DoorRequest(Document):
    """door: the stack's settings, where people reach the page, where they reach Coder, and where it listens.

    is_loopback: on this machine only, without TLS.
    """

    settings: Settings
    origin: Url
    coder_url: Url
    port: Annotated[int, Field(ge=0, le=65535)] = PORT
    is_loopback: bool = False

    def text(self) -> str:
        """As JSON. Names of the rotation's Secrets are left out: nothing of theirs is the door's."""
        rotation = {"secret", "secret_key", "master_secret", "master_secret_key"}
        return self.model_dump_json(exclude_none=True, exclude={"settings": {"rotation": rotation}})


def door_request(settings: Settings) -> DoorRequest:
    """The request of the door's Deployment. Raises ValueError where no event or join_host is set."""
    host = given(given(settings.event).join_host)
    return DoorRequest(
        settings=settings, origin=f"https://{host}", coder_url=f"https://{control_plane(settings).domain}"
    )
