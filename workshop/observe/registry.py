"""Who we are in AWS, and what a region's image registry holds.

Asked through Pulumi's own functions, but for replication: they have none that reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi_aws as aws
from pulumi import InvokeOptions

from workshop.model.names import MANAGED_BY_TAG, MARK
from workshop.model.observations import Observation
from workshop.model.settings.registry import Image, ReplicationDestination, ReplicationRule
from workshop.model.settings.stack import Settings
from workshop.observe.aws_clients import aws_client
from workshop.observe.look_up import NotFound, look_up

ABSENT = re.compile(
    r"RepositoryNotFoundException|ImageNotFoundException|couldn't find resource|query returned no results"
)
"""How the AWS provider's data sources say that a repository or an image doesn't exist (terraform-provider-aws,
internal/service/ecr: image_data_source.go, repository_data_source.go). All else is a failure to look."""


def observe_account(provider: aws.Provider) -> Observation[str]:
    """The account that the credentials belong to."""
    opts = InvokeOptions(provider=provider)
    return look_up("AWS sts:GetCallerIdentity", lambda: aws.get_caller_identity(opts=opts).account_id)


def observe_image_digest(provider: aws.Provider, region: str, image: Image) -> Observation[str]:
    """The pinned digest, where one region's registry has it under whatever tag; without one, that behind its tag."""
    opts = InvokeOptions(provider=provider)
    digest, tag = image.digest, None if image.digest else image.tag

    def ask() -> str:
        try:
            found = aws.ecr.get_image(repository_name=image.repository, image_digest=digest, image_tag=tag, opts=opts)
        except Exception as error:
            if ABSENT.search(str(error)):
                raise NotFound from error
            raise
        return found.image_digest

    return look_up(f"ECR {region} {image.repository}", ask)


def observe_repositories(provider: aws.Provider, region: str, names: tuple[str, ...]) -> Observation[dict[str, bool]]:
    """Those of the repositories that exist, with whether they carry our mark."""
    opts = InvokeOptions(provider=provider)

    def existing() -> Iterator[tuple[str, bool]]:
        for name in names:
            try:
                tags = aws.ecr.get_repository(name=name, opts=opts).tags
            except Exception as error:
                if ABSENT.search(str(error)):
                    continue
                raise
            yield name, tags.get(MANAGED_BY_TAG) == MARK

    return look_up(f"ECR {region} repositories", lambda: dict(existing()))


def observe_replication(settings: Settings, region: str) -> Observation[tuple[ReplicationRule, ...]]:
    """What a region's registry copies elsewhere."""

    def ask() -> tuple[ReplicationRule, ...]:
        with aws_client(settings, "ecr", region) as ecr:
            rules: list[dict[str, Any]] = ecr.describe_registry()["replicationConfiguration"]["rules"]
        return tuple(_replication_rule(rule) for rule in rules)

    return look_up(f"ECR {region} replication", ask)


def _replication_rule(rule: Mapping[str, Any]) -> ReplicationRule:
    return ReplicationRule(
        destinations=tuple(
            ReplicationDestination(region=one["region"], registry_id=one["registryId"]) for one in rule["destinations"]
        ),
        prefixes=tuple(one["filter"] for one in rule.get("repositoryFilters", ())),
    )
