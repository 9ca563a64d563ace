"""One region's image registry: the repositories that workshops pull from, and how they reach other regions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ResourceOptions

from components.component import Component
from workshop.model.images.sources import MOVABLE_TAGS
from workshop.model.names import MANAGED_BY_TAG, MARK

UNTAGGED_DAYS = 30
"""Days after which images without any tag expire: longer than a monthly workshop's preparation."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Another region's or account's registry."""

    region: str
    registry_id: str


@dataclass(frozen=True, kw_only=True)
class Replication:
    """What is pushed under one of the prefixes, or everything if there are none, is copied to the destinations."""

    destinations: tuple[Destination, ...]
    prefixes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ImageRegistryArgs:
    """repositories: their names; pinned_repository: the one that a digest is pinned in.

    replications: all rules of this registry, none for a destination. adopt: by resource name, the id of what exists
    already and is taken over.
    """

    repositories: tuple[str, ...]
    pinned_repository: str
    replications: tuple[Replication, ...]
    adopt: Mapping[str, str]


class ImageRegistry(Component):
    """Declares a region's repositories: tags that don't move (but MOVABLE_TAGS), scanned on push, protected.

    Destinations of replication inherit no settings, so every region declares its own.

    Outputs: repositories (their names), replicates_to (regions).
    """

    def __init__(self, name: str, args: ImageRegistryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for repository in args.repositories:
            declared = self._repository(repository, args.adopt)
            if repository != args.pinned_repository:
                self._lifecycle_policy(repository, declared)
        if args.replications:
            self._replication(args)
        destinations = [one.region for rule in args.replications for one in rule.destinations]
        self.register_outputs({"repositories": list(args.repositories), "replicates_to": destinations})

    def _repository(self, repository: str, adopt: Mapping[str, str]) -> aws.ecr.Repository:
        name = self.child_name(repository)
        return aws.ecr.Repository(
            name,
            name=repository,
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",
            image_tag_mutability_exclusion_filters=[
                {"filter": movable, "filter_type": "WILDCARD"} for movable in MOVABLE_TAGS
            ],
            image_scanning_configuration={"scan_on_push": True},
            tags={MANAGED_BY_TAG: MARK},
            opts=self.child_options(protect=True, import_=adopt.get(name)),
        )

    def _lifecycle_policy(self, repository: str, declared: aws.ecr.Repository) -> None:
        """Expires old untagged images. The pinned repository has none: once `latest` moves, its digest is untagged."""
        rule = {
            "rulePriority": 1,
            "description": f"untagged for {UNTAGGED_DAYS} days",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": UNTAGGED_DAYS,
            },
            "action": {"type": "expire"},
        }
        aws.ecr.LifecyclePolicy(
            self.child_name(f"{repository}-lifecycle"),
            repository=repository,
            policy=json.dumps({"rules": [rule]}),
            opts=self.child_options(protect=True, depends_on=[declared]),
        )

    def _replication(self, args: ImageRegistryArgs) -> None:
        name = self.child_name("replication")
        aws.ecr.ReplicationConfiguration(
            name,
            replication_configuration={
                "rules": [
                    {
                        "destinations": [
                            {"region": one.region, "registry_id": one.registry_id} for one in rule.destinations
                        ],
                        "repository_filters": [
                            {"filter": prefix, "filter_type": "PREFIX_MATCH"} for prefix in rule.prefixes
                        ],
                    }
                    for rule in args.replications
                ]
            },
            opts=self.child_options(protect=True, import_=args.adopt.get(name)),
        )
