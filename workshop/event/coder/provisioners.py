"""Provisioners, and what waits for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from workshop.event.coder.answers import Answer, Time
from workshop.event.coder.builds import Job
from workshop.event.coder.connection import PAGE, Connection


class Daemon(Answer):
    """A provisioner. status: idle, busy or offline; tags: of the jobs that it takes."""

    id: str
    name: str = ""
    status: str | None = None
    tags: Mapping[str, str] = {}
    last_seen_at: Time = None


class Provisioners(Connection):
    """An organization's provisioners. Refused with 404 to whoever is not owner or admin of it or of its templates."""

    def provisioners(self, organization_id: str) -> list[Daemon]:
        """Those that there are, offline ones among them."""
        return self._list(
            Daemon,
            "/organizations/{organization}/provisionerdaemons",
            organization_id,
            query={"limit": str(PAGE)},
        )

    def provisioners_by_status(self, organization_id: str) -> Mapping[str, int]:
        """How many there are that are idle, busy or offline; as many builds as are idle would begin at once."""
        return Counter(one.status or "offline" for one in self.provisioners(organization_id))

    def unfinished_jobs(self, organization_id: str) -> list[Job]:
        """Builds that wait or have a provisioner, all of one moment."""
        return self._list(
            Job,
            "/organizations/{organization}/provisionerjobs",
            organization_id,
            query={"status": "pending,running,canceling", "limit": str(PAGE)},
        )
