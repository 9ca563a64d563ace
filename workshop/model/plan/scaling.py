"""Provisioners that follow the queue: between which numbers, and how slowly they are taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Final

from workshop.model.plan.plan import Plan, make_plan, plan_of_event
from workshop.model.plan.workloads import Deployment, planned_replicas, region_workloads
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase

LEAST_DRAIN: Final = timedelta(seconds=600)
"""As long as Coder's provisioner chart gives a pod to finish its build (terminationGracePeriodSeconds)."""


MARGIN: Final = Fraction(11, 10)
"""Provisioners for each build that waits or runs: Kubernetes' autoscaler ignores a difference of up to a tenth, and
builds would wait meanwhile."""

POLL_SECONDS: Final = 15
"""As often as Kubernetes' autoscaler asks."""


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """One region's provisioners of the default organization.

    floor, ceiling: pods at least and at most; baseline: at least, outside the window. drain_seconds: for so long must
    fewer have been enough before one is taken away, and so long it may finish what it builds.
    """

    floor: int
    baseline: int
    ceiling: int
    drain_seconds: int


def plan_scaling(settings: Settings, plan: Plan) -> Mapping[str, Scaling]:
    """By region that hosts provisioners; empty where these do not follow the queue. Raises Refused as plans do.

    The ceiling is the same in every phase: everybody may start a workspace in one region, and a queue may come at any
    time.
    """
    if not settings.autoscaling.enabled:
        return {}
    event, organization = plan_of_event(settings), settings.default_organization.name
    after = plan if settings.window is None else make_plan(settings, phase=Phase.AFTER)
    return {
        name: Scaling(
            floor=region.provisioners[organization],
            baseline=after.regions[name].provisioners[organization],
            ceiling=max(
                event.regions[name].provisioners[organization],
                min(settings.users, settings.autoscaling.max_provisioners),
            ),
            drain_seconds=int(drain(settings).total_seconds()),
        )
        for name, region in plan.regions.items()
        if region.provisioners
    }


def most_replicas(settings: Settings, plan: Plan, region: Region) -> Iterator[tuple[Deployment, int]]:
    """Each Deployment of a region with the pods that it may have at most: the plan's, or the ceiling of a queue's."""
    scaling = plan_scaling(settings, plan).get(region.name)
    followed = region_workloads(settings, region).provisioners.get(settings.default_organization.name)
    for deployment, replicas in planned_replicas(settings, plan, region):
        yield deployment, scaling.ceiling if scaling and deployment == followed else replicas


def drain(settings: Settings) -> timedelta:
    """How long a provisioner may go on that is taken away: the longest build, and no less than Coder's chart gives."""
    return max(LEAST_DRAIN, settings.autoscaling.longest_build)
