"""resume: the dead man's switch. Releases what holds the rotation, when nobody else has done it in time."""

from __future__ import annotations

from datetime import datetime

from workshop.model.rotation import ResumeRequest, Target
from workshop.rotation.cluster import Cluster, Manifest
from workshop.rotation.failure import RotationFailure


def resume(request: ResumeRequest, cluster: Cluster, now: datetime) -> str:
    """Does nothing before `after`; then releases each target in request, and may be repeated. Raises RotationFailure.

    One that can't be reached doesn't keep the others from being resumed: the next run tries it again.
    """
    if now < request.after:
        return f"the window is held until {request.after}: nothing to do"
    failed: list[str] = []
    done: list[str] = []
    for target in request.targets:
        try:
            done.append(f"{_name(target)} {_state(cluster.release(target))}")
        except RotationFailure as failure:
            failed.append(str(failure))
    if request.floor:
        try:
            done.append(cluster.lower(request.floor))
        except RotationFailure as failure:
            failed.append(str(failure))
    if failed:
        raise RotationFailure(f"{'; '.join(failed)}: tried again at the next run")
    return "; ".join(done)


def _state(found: Manifest) -> str:
    if found["kind"] != "CronJob":
        return "is released"
    return "is suspended by somebody else and stays suspended" if found["spec"].get("suspend") else "rotates"


def _name(target: Target) -> str:
    return f"{target.kind} {f'{target.namespace}/' if target.namespace else ''}{target.name}"
