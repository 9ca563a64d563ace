"""The image that is mirrored, and what registries copy elsewhere."""

from __future__ import annotations

from pydantic import Field

from workshop.model.settings.section import Section
from workshop.model.settings.types import AccountId, AwsRegion, Digest, HttpsUrl, ImageName, Repository, Tag, Text


class Image(Section):
    """The Coder image that server and proxies run."""

    source: ImageName = Field(description="where it is published", examples=["ghcr.io/coder/coder-preview"])
    repository: Repository = Field(description="ECR repository it is mirrored to", examples=["coder-preview"])
    tag: Tag = Field(description="tag that is followed at the source", examples=["latest"])
    digest: Digest | None = Field(default=None, description="digest of the image index at the source")
    signer: Text | None = Field(
        default=None,
        description="who signs it: the identity in the certificates of its attestations",
        examples=["https://github.com/coder/coder/.github/workflows/ci.yaml@refs/heads/main"],
    )
    signer_issuer: HttpsUrl = Field(
        default="https://token.actions.githubusercontent.com",
        description="who vouches for that identity; unset: GitHub's workflows",
    )


class ReplicationDestination(Section):
    """Where an ECR registry copies to."""

    region: AwsRegion = Field(description="region of the destination", examples=["eu-central-1"])
    registry_id: AccountId = Field(description="account of the destination", examples=["123456789012"])


class ReplicationRule(Section):
    """One rule of an ECR registry: what is pushed under a prefix is copied to each destination."""

    destinations: tuple[ReplicationDestination, ...] = Field(min_length=1, description="where it is copied to")
    prefixes: tuple[Text, ...] = Field(default=(), description="beginnings of repository names; none: every repository")
