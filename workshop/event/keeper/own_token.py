"""Whether the keeper's token for Coder lives as long as the event: who can't ask Coder saves and stops nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderError
from workshop.event.keeper.recent import Recent
from workshop.model.window.phases import moment

_ASKED_AGAIN_SECONDS: Final = 600.0


class OwnToken:
    """The keeper's own. It is renewed by a person: the keeper may not write Secrets."""

    def __init__(self, coder: Coder, needed_until: datetime) -> None:
        self._expires_at = Recent(coder.expires_at, _ASKED_AGAIN_SECONDS)
        self._needed_until = needed_until

    def problem(self) -> str:
        """What there is to say of it; empty where it lives long enough, or Coder does not say."""
        try:
            expires_at = self._expires_at()
        except CoderError:
            return ""  # the look says that Coder does not answer
        if expires_at is None or expires_at >= self._needed_until:
            return ""
        return (
            f"it expires at {moment(expires_at)}, and is needed until {moment(self._needed_until)}: after that no seat "
            "is saved or stopped; put a longer one into its Secret (docs/event-parts.md), and restart the keeper"
        )
