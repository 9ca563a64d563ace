"""What `destroy` leaves in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Retained:
    """One resource that stays. is_protected: it stays managed as well; else it is no longer managed."""

    type: str
    name: str
    urn: str
    is_protected: bool


def retained_by_destroy(resources: Iterable[Mapping[str, Any]]) -> tuple[Retained, ...]:
    """Picks what stays from the resources of a state (Pulumi's version 3 deployment)."""
    return tuple(
        Retained(
            type=resource["type"],
            name=resource["urn"].rpartition("::")[2],
            urn=resource["urn"],
            is_protected=bool(resource.get("protect")),
        )
        for resource in resources
        if resource.get("custom") and (resource.get("protect") or resource.get("retainOnDelete"))
    )


def is_deployed(resource: Mapping[str, Any]) -> bool:
    """Whether a state's resource is really out there; components and providers only group."""
    return bool(resource.get("custom")) and not resource["type"].startswith("pulumi:")
