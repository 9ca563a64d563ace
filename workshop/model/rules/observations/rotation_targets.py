"""rotation-targets: every CronJob that is going to be suspended, or resumed, exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Absent, Assumed, Observations
from workshop.model.plan.plan import Plan
from workshop.model.rotation import region_rotation
from workshop.model.settings.stack import Scope, Settings
from workshop.model.window.phases import Phase

NAME: Final = "rotation-targets"
_NOT_OBSERVED: Final = Assumed(source="CronJob", reason="not observed")


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Looks for each among the observed ones of its region, once the window has opened."""
    if settings.scope is not Scope.ALL or plan.phase in (None, Phase.BEFORE):
        return
    for region in settings.regions:
        for cron_job in region_rotation(settings, region).cron_jobs:
            answer = observations.regions[region.name].cron_jobs.get(cron_job.key, _NOT_OBSERVED)
            resource = f"CronJob {cron_job.key} in {region.name}"
            if isinstance(answer, Absent):
                yield Finding(
                    rule=NAME,
                    resource=resource,
                    problem=f"not found; {cron_job.namespace} has {', '.join(answer.known) or 'none'}",
                    why="a forced patch would create another CronJob, and the real one would keep rotating",
                    fix="name what exists: workshop:rotation.cron_job, workshop:litellm.namespace and "
                    "workshop:organizations (namespace)",
                )
            elif isinstance(answer, Assumed):
                yield Finding(
                    rule=NAME,
                    resource=resource,
                    problem=f"lookup failed: {answer.reason}",
                    why="the key could be rotated while participants work",
                    fix="make the cluster reachable with the credentials of this stack and run again",
                    is_judged=False,
                )
