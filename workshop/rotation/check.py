"""check: after the window, one rotation is run and looked at, rather than wait four hours to see that it works."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from workshop.model.counting import counted
from workshop.model.rotation import CheckRequest, CronJobName
from workshop.rotation.cluster import Cluster, ended
from workshop.rotation.failure import RotationFailure
from workshop.rotation.litellm import LiteLLM

WAIT_SECONDS: Final = 240
"""For a Job of the rotation, which takes seconds and the pull of its image."""

_POLL_SECONDS: Final = 2
_MOST_RUNS: Final = 20


def check(
    request: CheckRequest, litellm: LiteLLM, cluster: Cluster, sleep: Callable[[float], None] = time.sleep
) -> str:
    """Runs each CronJob's Job once, then reads the Secrets; answers what it found. Raises RotationFailure.

    A Job that was started before is not started again unless it failed. Swappers restart workspaces, as they always do.
    """
    started: list[tuple[str, str]] = []
    for cron_job in request.cron_jobs:
        if cluster.is_suspended(cron_job.namespace, cron_job.name):
            raise RotationFailure(
                f"CronJob {cron_job.namespace}/{cron_job.name} was suspended by somebody other than this project: "
                "resume it, and run up again"
            )
        started.append((cron_job.namespace, _start(cluster, cron_job, request.run)))
    for namespace, job in started:
        _wait(cluster, namespace, job, sleep)
    for copy in request.copies:
        key = cluster.key(copy)
        info = litellm.info(key) if key else None
        if info is None or info.is_ours():
            found = "still holds the window's key" if info else "holds no key that LiteLLM accepts"
            raise RotationFailure(
                f"Secret {copy.namespace}/{copy.secret_name} {found} after its CronJob {copy.cron_job} has run: look "
                f"at the logs of that Job (kubectl get jobs -n {copy.namespace})"
            )
    return (
        f"ran {counted(len(request.cron_jobs), 'CronJob')}, found a new key in {counted(len(request.copies), 'Secret')}"
    )


def _start(cluster: Cluster, cron_job: CronJobName, run: str) -> str:
    """The name of a Job that runs, or has run well: the one of an earlier try, else one more."""
    for number in range(1, _MOST_RUNS + 1):
        name = run if number == 1 else f"{run}-{number}"
        found = cluster.job(cron_job.namespace, name)
        if found is None:
            cluster.start(cron_job.namespace, cron_job.name, name)
        if found is None or ended(found) != "Failed":
            return name
    raise RotationFailure(
        f"{_MOST_RUNS} Jobs of CronJob {cron_job.namespace}/{cron_job.name} have failed: look at their logs and delete "
        f"them (kubectl get jobs -n {cron_job.namespace})"
    )


def _wait(cluster: Cluster, namespace: str, name: str, sleep: Callable[[float], None]) -> None:
    waited = 0
    while (end := ended(cluster.job(namespace, name) or {})) is None:
        if waited >= WAIT_SECONDS:
            raise RotationFailure(
                f"Job {namespace}/{name} has not ended after {WAIT_SECONDS} s: check why, then run up again"
            )
        sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS
    if end == "Failed":
        raise RotationFailure(f"Job {namespace}/{name} failed: look at kubectl logs -n {namespace} job/{name}")
