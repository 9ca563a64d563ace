"""Figures behind the checks: room in a cluster, LiteLLM's key, provisioners, starts and licence of Coder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel

from workshop.checks.clients import asked_of_cluster
from workshop.checks.cluster.places import places, users_to_come
from workshop.checks.coder.api import daemons, pending_jobs
from workshop.checks.coder.licence import announced_end
from workshop.checks.litellm import key_info
from workshop.checks.site import Site
from workshop.exporter.watch.sample import Sample, Samples
from workshop.model.exporter import REGION_TAG
from workshop.model.names import NODE_POOL
from workshop.model.settings.regions import Region

RECENT: Final = timedelta(minutes=15)
"""Of starts, of which the mean is taken."""


class _Agent(BaseModel):
    ready_at: AwareDatetime | None = None


class _Resource(BaseModel):
    agents: list[_Agent] | None = None


class _Job(BaseModel):
    created_at: AwareDatetime
    tags: Mapping[str, str] = {}


class _Build(BaseModel):
    transition: str
    job: _Job
    resources: list[_Resource] | None = None


class _Workspace(BaseModel):
    latest_build: _Build


class _Workspaces(BaseModel):
    workspaces: list[_Workspace]


def room_samples(site: Site, region: Region) -> Samples:
    """Nodes that are Ready, and places. Raises Inconclusive."""
    at = {"region": region.name}
    room, pods, _ = places(site, region)
    nodes = asked_of_cluster(site, region, lambda cluster: cluster.live_nodes(NODE_POOL))
    return (
        Sample("workshop_warm_nodes", sum(node.is_ready and not node.is_cordoned for node in nodes), at),
        Sample("workshop_places_left", max(0, room - len(pods)), at),
        Sample("workshop_people_to_come", users_to_come(site, region), at),
    )


def key_samples(site: Site) -> Samples:
    """The key that workspaces use, by alias. Nothing where LiteLLM refuses it: check litellm-key says so.

    Raises Inconclusive.
    """
    info = key_info(site)
    if info is None:
        return ()
    alias = {"alias": info.key_alias or "none"}
    limits = [one for one in (info, info.litellm_budget_table) if one is not None]
    budgets = [one.max_budget for one in limits if one.max_budget is not None]
    found = {
        "workshop_litellm_key_expiry_timestamp_seconds": info.expires and info.expires.timestamp(),
        "workshop_litellm_key_created_timestamp_seconds": info.created_at and info.created_at.timestamp(),
        "workshop_litellm_key_spend_usd": info.spend,
        "workshop_litellm_key_budget_usd": min(budgets, default=None),
    }
    return tuple(Sample(name, value, alias) for name, value in found.items() if value is not None)


def provisioner_samples(site: Site) -> Samples:
    """Who works and who waits, by organization and region. Raises Inconclusive."""
    samples: list[Sample] = []
    for organization in site.settings.organizations:
        found = daemons(site.systems.coder, organization.name)
        waiting = pending_jobs(site.systems.coder, organization.name)
        for region in site.settings.regions:
            if not region.hosts_provisioners:
                continue
            of = {"organization": organization.name, "region": region.name}
            here = [one.status for one in found if one.tags.get(REGION_TAG) == region.name]
            samples += [
                Sample("workshop_provisioners", here.count(status), {**of, "status": status})
                for status in ("idle", "busy")
            ]
            began = [one.created_at for one in waiting if one.tags.get(REGION_TAG) == region.name]
            oldest = (site.now - min(began)).total_seconds() if began else 0
            samples.append(Sample("workshop_provisioner_oldest_pending_seconds", max(0, oldest), of))
    return tuple(samples)


def start_samples(site: Site) -> Samples:
    """From the order of a build to its agent, the mean of those that were ready of late. Raises Inconclusive.

    By region: the provisioner's tag, where it has one.
    """
    found = site.systems.coder.get("api/v2/workspaces", _Workspaces, {"limit": "1000"}).workspaces
    took: dict[str, list[float]] = {}
    for build in (one.latest_build for one in found):
        ready = _ready_at(build)
        if build.transition == "start" and ready is not None and site.now - RECENT <= ready <= site.now:
            seconds = (ready - build.job.created_at).total_seconds()
            took.setdefault(build.job.tags.get(REGION_TAG, ""), []).append(seconds)
    return tuple(
        Sample("workshop_workspace_start_seconds", sum(seconds) / len(seconds), {"region": region})
        for region, seconds in took.items()
    )


def licence_samples(site: Site) -> Samples:
    """Nothing until Coder announces it. Raises Inconclusive."""
    ends = announced_end(site)
    return () if ends is None else (Sample("workshop_licence_ends_timestamp_seconds", ends.timestamp()),)


def _ready_at(build: _Build) -> datetime | None:
    """When the last of its agents was."""
    agents = [agent.ready_at for resource in build.resources or () for agent in resource.agents or ()]
    moments = [moment for moment in agents if moment is not None]
    return max(moments) if moments and len(moments) == len(agents) else None
