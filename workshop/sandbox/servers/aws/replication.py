"""What ECR's registries copy to each other (Amazon ECR User Guide, "Private image replication"): a while after a push.

What was pushed before is not copied, nor what came as a copy, and nothing that is deleted is deleted elsewhere. A fault
that is planted at /replication/REGION delays what goes there; one with a status fails it for good.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.aws.request import AwsRefusal, AwsRequest
from workshop.sandbox.servers.faults import fault_at

USUAL_DELAY: Final = timedelta(seconds=1)
"""AWS says that most take less than 30 minutes."""

_MAX_RULES: Final = 10


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One image on its way. due_at: None where it never arrives."""

    source: str
    destination: str
    repository: str
    digest: str
    tag: str | None
    due_at: datetime | None


class Replication:
    """Between one account's registries."""

    def __init__(self, paths: SandboxPaths, account: str) -> None:
        self._paths = paths
        self._account = account
        self._copies: list[Copy] = []

    def follow(self, request: AwsRequest) -> None:
        """Sends on its way what a PutImage has brought, as the registry's configuration is now."""
        body = json.loads(request.body)
        registry = ecr_of(self._account, request.region)
        for region in _destinations(registry, body["repositoryName"]):
            fault = fault_at(self._paths, f"/replication/{region}")
            delay = USUAL_DELAY if fault is None else timedelta(seconds=fault.delay_seconds)
            copy = Copy(
                source=request.region,
                destination=region,
                repository=body["repositoryName"],
                digest=body["imageDigest"],
                tag=body.get("imageTag"),
                due_at=None if fault and fault.status else request.at + delay,
            )
            self._copies.append(copy)

    def deliver(self, now: datetime) -> None:
        """Brings what is due."""
        due = [copy for copy in self._copies if copy.due_at is not None and copy.due_at <= now]
        self._copies = [copy for copy in self._copies if copy not in due]
        for copy in due:
            self._deliver(copy, now)

    def status(self, region: str, body: Mapping[str, Json]) -> Json:
        """DescribeImageReplicationStatus; a destination that a push was never copied to is not in it."""
        name = body["repositoryName"]
        registry = ecr_of(self._account, region)
        digest = find_image(registry, name, body["imageId"]).image_digest
        statuses = [
            {"region": destination, "registryId": self._account, "status": status}
            for destination in _destinations(registry, name)
            if (status := self._status(region, destination, name, digest))
        ]
        image_id = {**body["imageId"], "imageDigest": digest}
        return {"repositoryName": name, "imageId": image_id, "replicationStatuses": statuses}

    def _status(self, source: str, destination: str, repository: str, digest: str) -> str:
        there = ecr_of(self._account, destination).repositories.get(repository)
        if there and any(image.image_digest == digest for image in there.images):
            return "COMPLETE"
        for copy in reversed(self._copies):
            if (copy.source, copy.destination, copy.repository, copy.digest) == (
                source, destination, repository, digest
            ):  # fmt: skip
                return "FAILED" if copy.due_at is None else "IN_PROGRESS"
        return ""

    def _deliver(self, copy: Copy, now: datetime) -> None:
        found = ecr_of(self._account, copy.source).repositories.get(copy.repository)
        image = next((one for one in found.images if one.image_digest == copy.digest), None) if found else None
        if image is None:
            return  # deleted meanwhile
        registry = ecr_of(self._account, copy.destination)
        if copy.repository not in registry.repositories:
            registry.create_repository(copy.repository, None, {}, None, "MUTABLE", [])
        there = [one for one in registry.repositories[copy.repository].images if one.image_digest == copy.digest]
        if any(copy.tag is None or copy.tag in one.image_tags for one in there):
            return
        media_type = image.image_manifest_media_type
        put = registry.put_image(copy.repository, image.image_manifest, copy.tag, media_type, copy.digest)
        put.image_pushed_at = int(now.timestamp())


def put_replication_configuration(account: str, region: str, body: Mapping[str, Json]) -> Json:
    """Replaces a registry's rules."""
    configuration = body["replicationConfiguration"]
    if len(configuration["rules"]) > _MAX_RULES:
        raise AwsRefusal("ValidationException", "A replication configuration has at most 10 rules")
    for rule in configuration["rules"]:
        if {"region": region, "registryId": account} in rule["destinations"]:
            raise AwsRefusal(
                "InvalidParameterException",
                "Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: "
                "'Replication destination cannot be the same as the source registry'",
            )
    ecr_of(account, region).replication_config = configuration
    return {"replicationConfiguration": configuration}


def ecr_of(account: str, region: str) -> Json:
    """moto's registry of a region."""
    from moto.ecr.models import ecr_backends

    return ecr_backends[account][region]


def find_image(registry: Json, repository: str, image_id: Mapping[str, str]) -> Json:
    """moto's image. Raises AwsRefusal."""
    from moto.core.exceptions import JsonRESTError

    try:
        return next(iter(registry.describe_images(repository, None, [dict(image_id)])))
    except JsonRESTError as error:
        raise AwsRefusal(error.error_type, error.message) from error


def _destinations(registry: Json, repository: str) -> list[str]:
    found: list[str] = []
    for rule in registry.replication_config["rules"]:
        filters = rule.get("repositoryFilters") or [{"filter": ""}]
        if any(repository.startswith(prefix["filter"]) for prefix in filters):
            found += [destination["region"] for destination in rule["destinations"]]
    return list(dict.fromkeys(found))
