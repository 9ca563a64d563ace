"""The sandbox's settings, and observations under which they pass every rule; tests change one thing at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from workshop.model.findings import Finding, line
from workshop.model.names import MARK, USERS_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.observations import (
    Absent,
    Assumed,
    ExistingObject,
    Found,
    Observations,
    PatchTarget,
    RegionObservations,
)
from workshop.model.plan.plan import Plan, plan_of_event
from workshop.model.plan.workloads import region_workloads
from workshop.model.rotation import region_rotation
from workshop.model.rules.judgement import judge_observations, judge_settings
from workshop.model.rules.observations.queue_scaling import NEEDED
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings

ROOT = Path(__file__).parent.parent.parent
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
NO_ANSWER = Assumed(source="the system", reason="no answer: timed out")
POD = {"containers": [{"name": "rotate-key", "image": "rotate-key:1"}], "restartPolicy": "Never"}
"""What the rotating CronJobs' templates say."""

ABSENT = Absent(source="the system", observed_at=NOON)

T = TypeVar("T")


def found(value: T) -> Found[T]:
    """An observation made at noon."""
    return Found(value=value, source="the system", observed_at=NOON)


def config(stack: str = "sandbox", **values: object) -> dict[str, str]:
    """The config of a stack in the repository with 20 users; values replace top-level keys, None takes one out."""
    given = {"workshop:users": "20", **_committed(stack)}
    for key, value in values.items():
        if value is None:
            given.pop(f"workshop:{key}", None)
        else:
            given[f"workshop:{key}"] = value if isinstance(value, str) else json.dumps(value)
    return given


@cache
def _committed(stack: str) -> Mapping[str, str]:
    files = (ROOT / f"Pulumi.{stack}.yaml", ROOT / "Pulumi.yaml")
    return stack_config(*(file.read_text("utf-8") for file in files))


def structure(key: str, stack: str = "sandbox") -> Any:  # noqa: ANN401 - JSON
    """One structured value of a stack's config, to be changed and handed to `config`."""
    return json.loads(config(stack)[f"workshop:{key}"])


def settings(stack: str = "sandbox", **values: object) -> Settings:
    """The settings of `config`."""
    return settings_from_config(config(stack, **values))


def observe(
    given: Settings, region: Callable[[Region, RegionObservations], RegionObservations] = lambda _, here: here
) -> Observations:
    """What systems answer when all is well and nothing of ours exists yet; region changes the answers of a region."""
    return Observations(
        account=found(given.account or ""),
        zone_ids={given.zone.name: found(given.zone.id or "")},
        records=found(()),
        regions={one.name: region(one, _observe_region(given, one)) for one in given.regions},
    )


def _observe_region(given: Settings, region: Region) -> RegionObservations:
    repositories = {name: False for name in given.repositories if given.adopt.get(f"{region.name}-{name}") == name}
    return RegionObservations(
        cluster_uid=found(region.cluster.uid or ""),
        image_digest=found(given.image.digest or ""),
        workspace_images={
            image.repository: found(image.digest or "") for image in (given.mirror.images if given.mirror else ())
        },
        cron_jobs={cron_job.key: found(POD) for cron_job in region_rotation(given, region).cron_jobs},
        deployments={
            deployment.key: found(
                PatchTarget(
                    namespace=deployment.namespace,
                    name=deployment.name,
                    containers=(deployment.container,),
                    images={deployment.container: "ghcr.io/coder/coder-preview:older"},
                    replicas=1,
                    grace_seconds=600,
                )
            )
            for deployment in region_workloads(given, region).deployments
        },
        previous_node_pool=ABSENT,
        previous_nodes=found(()),
        node_pool=ABSENT,
        node_class=ABSENT,
        running_workspaces=found({}),
        repositories=found(repositories),
        node_pool_vcpu=ABSENT,
        replication_rules=found(()),
        scaled_object_fields=found(frozenset(NEEDED)),
    )


def in_region(name: str, **changes: object) -> Callable[[Region, RegionObservations], RegionObservations]:
    """Changes some answers of one region."""

    def change(region: Region, here: RegionObservations) -> RegionObservations:
        return replace(here, **changes) if region.name == name else here  # pyright: ignore[reportArgumentType]

    return change


def findings(given: Settings, plan: Plan, observations: Observations) -> tuple[Finding, ...]:
    """What refuses this plan, as the program asks: of settings first, and where these pass, of observations."""
    return judge_settings(given, plan) or judge_observations(given, plan, observations).findings


def judged(given: Settings, observations: Observations | None = None, plan: Plan | None = None) -> list[str]:
    """What the rules say, as people read it."""
    return [_told(one) for one in findings(given, plan or plan_of_event(given), observations or observe(given))]


def _told(finding: Finding) -> str:
    return f"[{finding.rule}] {finding}"


def regions(change: Mapping[int, Mapping[str, object]], stack: str = "sandbox") -> list[dict[str, object]]:
    """The stack's regions with some keys of some of them changed."""
    given: list[dict[str, object]] = structure("regions", stack)
    return [{**region, **change.get(index, {})} for index, region in enumerate(given)]


def told(given: Settings, observations: Observations | None = None, plan: Plan | None = None) -> list[str]:
    """Each finding with the setting that lifts it."""
    return [shown(one) for one in findings(given, plan or plan_of_event(given), observations or observe(given))]


def shown(finding: Finding) -> str:
    """A finding with its rule, and with the setting that lifts it."""
    return line(finding) + (f" (override {finding.override})" if finding.override else "")


def seen(given: Settings, region: str = "us-east-2", /, **answers: object) -> list[str]:
    """What is told where one region answers so."""
    return told(given, observe(given, in_region(region, **answers)))


def existing(spec: Mapping[str, Any], owner: str = MARK, **annotations: str) -> object:
    """A node class or pool as a cluster has it; annotations: users and window."""
    names = {"users": USERS_ANNOTATION, "window": WINDOW_ANNOTATION}
    return found(
        ExistingObject(
            is_ours=owner == MARK,
            spec=spec,
            owner=owner,
            annotations={names[name]: value for name, value in annotations.items()},
        )
    )


def target(*containers: str, replicas: int = 1) -> Found[PatchTarget]:
    """A Deployment with these containers, as a cluster has it."""
    return found(PatchTarget(namespace="a", name="b", containers=containers, images={}, replicas=replicas))
