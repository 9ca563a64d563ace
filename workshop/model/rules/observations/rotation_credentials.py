"""rotation-credentials: the template of what rotates the key holds no credential in clear.

It is written into an admission policy, which all of the cluster may read, and so into Pulumi's state (decision 0022).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from workshop.model.credentials import looks_like
from workshop.model.findings import Finding
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.rotation import region_rotation
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "rotation-credentials"

_WORDS: Final = re.compile(r"pass|pwd|secret|token|key|credential|auth|bearer|cookie", re.IGNORECASE)
_DESCRIBES: Final = re.compile(r"(?:^|[_-])(?:name|alias|duration|ttl|region|arn|namespace)$", re.IGNORECASE)
"""What tells of a credential without being one: ai.coder.com's own KEY_NAME, KEY_DURATION and SECRET_NAME."""


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Looks at what was observed, as soon as a window is set, so that there is time to put it right."""
    if settings.scope is not Scope.ALL:
        return
    for region in settings.regions:
        for cron_job in region_rotation(settings, region).cron_jobs:
            answer = observations.regions[region.name].cron_jobs.get(cron_job.key)
            for path, kind in _held(answer.value, "spec") if isinstance(answer, Found) else ():
                yield Finding(
                    rule=NAME,
                    resource=f"CronJob {cron_job.key} in {region.name}",
                    problem=f"{path} of its Pod holds what may be {kind}",
                    why="an admission policy repeats the template, for everyone in the cluster and in Pulumi's state",
                    fix="move it to a Secret and use valueFrom.secretKeyRef (a value that is none, to a ConfigMap and "
                    "configMapKeyRef)",
                )


_ASSIGNED: Final = re.compile(r"([A-Za-z][\w-]*)=[\"']?(?=[^\s\"'$`])")
"""A value given in an argument: --token=abc, TOKEN=abc; not one that a shell looks up."""


def _held(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Where credentials may be, and what each may be."""
    if isinstance(value, str):
        yield from ((path, kind) for kind in looks_like(value))
        yield from ((path, _by_name(name)) for name in _ASSIGNED.findall(value) if _may_name_one(name))
    elif isinstance(value, Mapping):
        entries = cast("Mapping[str, object]", value)
        name = entries.get("name")
        if isinstance(name, str) and entries.get("value") and _may_name_one(name):
            yield path, _by_name(name)
        else:
            for key, member in entries.items():
                yield from _held(member, f"{path}.{key}")
    elif isinstance(value, Sequence):
        for index, member in enumerate(cast("Sequence[object]", value)):
            yield from _held(member, f"{path}[{index}]")


def _by_name(name: str) -> str:
    return f"a credential, by the name {name}"


def _may_name_one(name: str) -> bool:
    return bool(_WORDS.search(name)) and not _DESCRIBES.search(name)
