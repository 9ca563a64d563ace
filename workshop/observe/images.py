"""How the pinned image came to be pinned, and whether Coder's database can be put back to what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from workshop.model.images.history import FOLDER, Risk, read_history
from workshop.model.observations import Observation, Pinned
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Settings
from workshop.model.settings.types import CLUSTER
from workshop.observe.aws_clients import aws_client
from workshop.observe.look_up import NotFound, look_up


def observe_pinned(project: Path, stack: str, settings: Settings) -> Observation[Pinned]:
    """What the stack's history says of the pinned image. A file that can't be understood is no answer."""
    name = f"{FOLDER}/{stack}.yaml"
    file = project / name

    def ask() -> Pinned:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        image = settings.image
        of_image = [one for one in read_history(text) if one.image == image.repository]
        if not of_image or of_image[-1].digest != image.digest:
            raise NotFound
        last = of_image[-1]
        return Pinned(may_change_schema=Risk.SCHEMA_CHANGE in last.overrides, is_rollback=last.is_rollback)

    return look_up(name, ask)


def observe_snapshot(settings: Settings, instance: str) -> Observation[datetime]:
    """When the newest snapshot of an instance or cluster:NAME was made, of those that can be restored."""
    region = next(one.name for one in settings.regions if one.role is Role.CONTROL_PLANE)

    operation, key, answer = "describe_db_snapshots", "DBInstanceIdentifier", "DBSnapshots"
    if instance.startswith(CLUSTER):
        operation, key, answer = "describe_db_cluster_snapshots", "DBClusterIdentifier", "DBClusterSnapshots"

    def ask() -> datetime:
        with aws_client(settings, "rds", region) as rds:
            pages = rds.get_paginator(operation).paginate(**{key: instance.removeprefix(CLUSTER)})
            found: list[Mapping[str, Any]] = [one for page in pages for one in page[answer]]
        made = [one["SnapshotCreateTime"] for one in found if one["Status"] == "available"]
        if not made:
            raise NotFound
        return max(made)

    return look_up(f"RDS {region} snapshots of {instance}", ask)
