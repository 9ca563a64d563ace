"""Stacks to try: the sandbox's with other numbers of users, and random ones that the same seed makes again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from benchmarks.project import ROOT
from workshop.cli.declared import declared_resources
from workshop.model.findings import Refused
from workshop.model.instances import INSTANCE_TYPES
from workshop.model.plan.plan import make_plan, plan_of_event
from workshop.model.rehearsal.rehearsal import STAND_IN_IMAGE, Rehearsal
from workshop.model.settings.config import settings_from_config, stack_config

_SHAPES: Final = ((1, 2), (2, 4), (4, 8), (2, 8), (4, 16), (8, 16), (8, 32))
"""vCPU and GiB that a template may offer."""

_ROOM: Final = {"workshop:max_users": "100000"}


def of_users(users: int) -> Rehearsal:
    """The sandbox's stack with so many users."""
    return _rehearsal({**_committed(), **_ROOM, "workshop:users": str(users)}, seed=users)


def of_many(users: int) -> Rehearsal:
    """So many in the first region, which has room for them, in a window that opens now; as fast as `rehearse` plays."""
    committed = _committed()
    home, *others = json.loads(committed["workshop:regions"])
    start = (datetime.now(UTC) + timedelta(minutes=30)).isoformat(timespec="minutes")
    given = {
        "users": users,
        "regions": [{**home, "share": 100, "vcpu_quota": 100_000}, *({**one, "share": 0} for one in others)],
        "arrival": {"images": [STAND_IN_IMAGE]},
        "window": {"start": start, "duration": "4h", "overrides": ["image-change"]},
    }
    config = {**committed, **_ROOM, **{f"workshop:{key}": json.dumps(value) for key, value in given.items()}}
    settings = settings_from_config(config)
    return Rehearsal(config=config, settings=settings, plan=plan_of_event(settings), seed=0, speed=30)


def random_stacks(count: int) -> Iterator[Rehearsal]:
    """Every setting that decides about nodes is drawn; those of which no node can hold a workspace are drawn again."""
    for seed in range(count):
        chance = Random(seed)  # noqa: S311 - no secret
        while (found := _planned(_drawn(chance), seed)) is None:
            pass
        yield found


def pools_of(rehearsal: Rehearsal) -> Mapping[str, dict[str, Any]]:
    """Each region's NodePool, as `up` declares it."""
    declared = {one.name: one.inputs for one in declared_resources(rehearsal.settings, rehearsal.plan)}
    return {region: dict(declared[f"{region}-pool"]) for region in rehearsal.plan.regions}


def _planned(config: Mapping[str, str], seed: int) -> Rehearsal | None:
    try:
        return _rehearsal(config, seed)
    except Refused:
        return None


def _rehearsal(config: Mapping[str, str], seed: int) -> Rehearsal:
    settings = settings_from_config(config)
    return Rehearsal(config=config, settings=settings, plan=make_plan(settings), seed=seed, speed=1)


def _drawn(chance: Random) -> Mapping[str, str]:
    committed = _committed()
    regions: list[dict[str, Any]] = json.loads(committed["workshop:regions"])
    cuts = sorted(chance.sample(range(1, 100), chance.randrange(len(regions))))
    shares = [high - low for low, high in zip((0, *cuts), (*cuts, 100), strict=True)]
    shapes = chance.sample(_SHAPES, chance.randint(1, 3))
    drawn = {
        "users": chance.randint(1, 200),
        "regions": [{**one, "share": share} for one, share in zip(regions, shares, strict=False)],
        "workspaces": {
            "shapes": [{"vcpu": vcpu, "memory_gib": memory_gib} for vcpu, memory_gib in shapes],
            "storage_gib": chance.randint(1, 100),
            "images_and_logs_gib": chance.randint(5, 100),
            "headroom_percent": chance.randint(60, 90),
            "max_users_per_node": chance.randint(1, 12),
            "instance_types": chance.sample(sorted(INSTANCE_TYPES), chance.randint(1, 3)),
        },
        "daemonset_overhead": {
            "cpu_millicores": chance.randint(0, 3000),
            "memory_mib": chance.randint(0, 6000),
            "pods": chance.randint(1, 12),
        },
    }
    return {**committed, **_ROOM, **{f"workshop:{key}": json.dumps(value) for key, value in drawn.items()}}


def _committed() -> dict[str, str]:
    file, project = ROOT / "Pulumi.sandbox.yaml", ROOT / "Pulumi.yaml"
    return stack_config(file.read_text(encoding="utf-8"), project.read_text(encoding="utf-8"), file.name)
