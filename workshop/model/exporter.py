"""What the exporter is started with, and whose builds it counts for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, PlainSerializer

from workshop.model.event.keeper import control_plane
from workshop.model.names import EXPORTER
from workshop.model.rotation import Document
from workshop.model.settings.event import Keeper
from workshop.model.settings.monitoring import Monitoring
from workshop.model.settings.regions import Region
from workshop.model.settings.rotation import Rotation
from workshop.model.settings.stack import Settings

REGION_TAG: Final = "region"
"""Tag of the provisioners' keys that says where they run (coder/ai.coder.com at 6a071df, infra/aws/*/k8s/coder-ws)."""

NO_REGION: Final = ""
"""Of builds that no region's provisioners take."""

PORT: Final = 8080
"""On which the exporter answers."""

TOKEN_VARIABLE: Final = "CODER_SESSION_TOKEN"  # noqa: S105 - the name of a variable
"""Environment variable in which the exporter finds its token for Coder."""

LITELLM_VARIABLE: Final = "LITELLM_API_KEY"
"""Environment variable in which it finds the key that workspaces use, which LiteLLM is asked about."""

FRESH_SECONDS: Final = 60
"""A look at Coder that is older is no answer any more: then the autoscaler falls back."""


def _without_defaults(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude_defaults=True)


class Watch(Document):
    """What Prometheus is told beside the queue: of this stack, as seen from this region's cluster."""

    settings: Annotated[Settings, PlainSerializer(_without_defaults)]
    region: str


class ExportRequest(Document):
    """export: jobs of one organization, for the provisioners of these regions.

    until: the token has to live so long; None: no window is set, and nobody knows. watch: None: only the queue.
    """

    coder_url: str
    organization: str
    regions: tuple[str, ...]
    until: AwareDatetime | None = None
    watch: Watch | None = None


def export_request(settings: Settings, region: Region) -> ExportRequest:
    """The request of one region's exporter. From outside the server's cluster Coder is reached by its public host."""
    server, home = settings.server, control_plane(settings)
    inside = f"http://{server.deployment}.{server.namespace}.svc.cluster.local"
    return ExportRequest(
        coder_url=settings.autoscaling.coder_url or (inside if region == home else f"https://{home.domain}"),
        organization=settings.default_organization.name,
        regions=tuple(one.name for one in settings.regions if one.hosts_provisioners),
        until=settings.window.closes_at if settings.window else None,
        watch=Watch(settings=_watched(settings), region=region.name) if settings.monitoring else None,
    )


def _watched(settings: Settings) -> Settings:
    """Without names of Secrets, which nothing that is watched needs, and which read as credentials."""
    event = settings.event and settings.event.model_copy(update={"keeper": Keeper()})
    kept = {"rotation": Rotation(litellm_url=settings.rotation.litellm_url), "event": event, "monitoring": Monitoring()}
    return settings.model_copy(update=kept)


def queue_url(region: str) -> str:
    """Where the exporter of the same cluster answers with a region's queue."""
    return f"http://{EXPORTER}.{EXPORTER}.svc.cluster.local/queue/{region}"


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Builds of one region. pending: wait for a provisioner; running: have one."""

    pending: int = 0
    running: int = 0


def queues(
    pending: Iterable[Mapping[str, str]], running: Iterable[Mapping[str, str]], regions: Iterable[str]
) -> dict[str, Queue]:
    """By region, from the tags of jobs; NO_REGION has those that no region's provisioners take."""
    known = (*regions, NO_REGION)
    waiting, working = ([_region_of(tags, known) for tags in jobs] for jobs in (pending, running))
    return {name: Queue(pending=waiting.count(name), running=working.count(name)) for name in known}


def _region_of(tags: Mapping[str, str], regions: Iterable[str]) -> str:
    """A provisioner takes builds whose tags are all among its own; one without tags only those that have none."""
    wanted = {key: value for key, value in tags.items() if value and (key, value) != ("scope", "organization")}
    return next((region for region in regions if wanted == {REGION_TAG: region}), NO_REGION)
