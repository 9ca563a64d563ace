"""Which looks one region's exporter takes, beside that at Coder's queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from workshop.checks.site import Site
from workshop.exporter.look import Look
from workshop.exporter.watch.figures import (
    key_samples,
    licence_samples,
    provisioner_samples,
    room_samples,
    start_samples,
)
from workshop.exporter.watch.sample import Samples
from workshop.exporter.watch.verdicts import OF_STACK, Verdicts
from workshop.model.settings.regions import Role

INTERVAL_SECONDS: Final = 30
FRESH_SECONDS: Final = 120
"""A look that is older counts as failing: what it saw stays, and an alert says that it is old."""


def watch_looks(site: Callable[[], Site], region: str) -> tuple[Look[Samples], ...]:
    """Each cluster's own; those at Coder, LiteLLM and hosts only where the control plane is."""
    here = next(one for one in site().settings.regions if one.name == region)
    is_home = here.role is Role.CONTROL_PLANE
    verdicts = Verdicts(site, here, OF_STACK if is_home else ())
    asks: dict[str, Callable[[], Samples]] = {
        "checks": verdicts.ask,
        f"cluster {region}": lambda: room_samples(site(), here),
    }
    if is_home:
        asks |= {
            "litellm key": lambda: key_samples(site()),
            "coder provisioners": lambda: provisioner_samples(site()),
            "coder workspaces": lambda: start_samples(site()),
            "coder licence": lambda: licence_samples(site()),
        }
    return tuple(Look(name, ask, lambda: datetime.now(UTC), fresh_seconds=FRESH_SECONDS) for name, ask in asks.items())
