"""A stack's settings, read from its Pulumi config by program, policies and commands alike."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from workshop.model.settings.arrival import Arrival
from workshop.model.settings.autoscaling import Autoscaling
from workshop.model.settings.errors import WrongValue, raise_wrong, repeated
from workshop.model.settings.event import Event
from workshop.model.settings.mirror import Mirror
from workshop.model.settings.monitoring import Monitoring
from workshop.model.settings.preflight import Preflight
from workshop.model.settings.regions import Region, check_regions
from workshop.model.settings.registry import Image, ReplicationRule
from workshop.model.settings.rotation import Rotation
from workshop.model.settings.section import Section
from workshop.model.settings.types import (
    AccountId,
    AdmissionAction,
    Count,
    Database,
    Fqdn,
    LoopbackUrl,
    Name,
    Repository,
    Text,
    ZoneId,
)
from workshop.model.settings.window import Window
from workshop.model.settings.workspaces import DaemonSetOverhead, Workspaces


class Scope(StrEnum):
    """Which part of the plan a stack declares (docs/architecture.md)."""

    ALL = "all"
    REGISTRY = "registry"
    DNS = "dns"


class Organization(Section):
    """One Coder organization; its provisioners run in one namespace of every region that hosts them."""

    name: Name = Field(description="the organization's name in Coder", examples=["experiment"])
    namespace: Name = Field(description="where its provisioners run", examples=["coder-ws-experiment"])
    is_default: bool = False
    minimum_provisioners: Count = Field(default=2, description="floor, whatever the table says")


class Workload(Section):
    """A Deployment that Terraform and Helm own and of which a field or two are patched."""

    namespace: Name = Field(description="namespace of the Deployment", examples=["coder"])
    deployment: Name = Field(description="name of the Deployment", examples=["coder"])
    container: Name = Field(description="name of its main container", examples=["coder"])
    replicas: Count = Field(description="pods at least, whatever the table says", examples=[2])


def check_organizations(organizations: tuple[Organization, ...]) -> tuple[Organization, ...]:
    """One organization is the default one, and no name or namespace is used twice."""
    defaults = [index for index, organization in enumerate(organizations) if organization.is_default]
    wrong = [
        WrongValue(path=(index, "is_default"), found="true", needed="only one organization is the default", fix="false")
        for index in defaults[1:]
    ]
    if not defaults:
        wrong.append(
            WrongValue(path=(0, "is_default"), found="false", needed="one organization must be the default", fix="true")
        )
    wrong += repeated([organization.name for organization in organizations], lambda index: (index, "name"))
    wrong += repeated([organization.namespace for organization in organizations], lambda index: (index, "namespace"))
    raise_wrong(wrong)
    return organizations


def check_repositories(repositories: tuple[str, ...]) -> tuple[str, ...]:
    """No repository is named twice."""
    raise_wrong(repeated(repositories, lambda index: (index,)))
    return repositories


def check_domains(zone: str, regions: tuple[Region, ...]) -> None:
    """Every region's domain is the zone's name or under it."""
    raise_wrong(
        [
            WrongValue(
                path=("regions", index, "domain"),
                found=region.domain,
                needed=f"must be {zone} (zone.name) or a name under it",
                fix=f"{region.name}.{zone}",
            )
            for index, region in enumerate(regions)
            if region.domain != zone and not region.domain.endswith(f".{zone}")
        ]
    )


def check_image_repositories(image: Image, mirror: Mirror | None, repositories: tuple[str, ...]) -> None:
    """Each image is mirrored to a repository that this stack declares, and that is no other image's."""
    images = (image, *(mirror.images if mirror else ()))
    paths = [("image", "repository"), *(("mirror", "images", index, "repository") for index in range(len(images) - 1))]
    needed = f"must be one of workshop:repositories ({', '.join(repositories)}), or it is mirrored nowhere"
    wrong = [
        WrongValue(path=path, found=one.repository, needed=needed, fix=repositories[0])
        for path, one in zip(paths, images, strict=True)
        if one.repository not in repositories
    ]
    taken = {image.repository: "image"}
    for index, one in enumerate(images[1:]):
        if one.repository in taken:
            needs = f"is already workshop:{taken[one.repository]}'s; every image needs a repository of its own"
            wrong.append(WrongValue(path=paths[index + 1], found=one.repository, needed=needs, fix="REPOSITORY"))
        taken.setdefault(one.repository, f"mirror.images[{index}]")
    raise_wrong(wrong)


def check_one_budget(event: Event | None, ceiling_usd: int) -> None:
    """With an event its budget is the only one: a ceiling counts every hour of the window, the event its own hours."""
    if event is not None and ceiling_usd:
        needed = "must be unset or 0 with an event, whose budget takes its place (event.budget_usd)"
        raise_wrong([WrongValue(path=("spend_ceiling_usd",), found=str(ceiling_usd), needed=needed, fix="0")])


def check_keys_have_money(event: Event | None) -> None:
    """A seat's own key may spend its share of what is set aside for models."""
    if event is not None and event.ai_parameter is not None and event.ai_usd == 0:
        needed = "must be above 0 with event.ai_parameter: each seat's key may spend its share of it"
        raise_wrong([WrongValue(path=("event", "ai_usd"), found="0", needed=needed, fix="20")])


def check_another_region(survives: str, regions: tuple[Region, ...]) -> None:
    """Who loses the only region has nowhere to go."""
    if survives == "region" and len(regions) == 1:
        needed = "must be node with one region: there is no other for its users to go to"
        raise_wrong([WrongValue(path=("survives",), found=survives, needed=needed, fix="node")])


class DnsZone(Section):
    """The Cloudflare zone that holds the records; only names at or under the regions' domains are touched."""

    id: ZoneId | None = Field(default=None, description="the zone's id at Cloudflare")
    name: Fqdn = Field(description="the zone's name", examples=["coder.com"])
    ttl_seconds: Annotated[int, Field(ge=60, le=86400)] = 300
    stack: Text | None = Field(
        default=None, description="stack of scope dns that declares all records; unset: this one"
    )


class Endpoints(Section):
    """Provider endpoints on loopback: the sandbox's. A real stack has none."""

    aws: LoopbackUrl = Field(description="AWS endpoint", examples=["http://127.0.0.1:47800"])
    cloudflare: LoopbackUrl = Field(description="Cloudflare endpoint", examples=["http://127.0.0.1:47800/client/v4"])
    litellm: LoopbackUrl | None = Field(default=None, description="LiteLLM, instead of rotation.litellm_url")


class Settings(Section):
    """One stack's settings. What no source gives may be unset; rule settings-complete lists it."""

    users: Annotated[int, Field(ge=1, le=100_000)] = Field(description="concurrent participants", examples=[20])
    max_users: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=60, description="more users than this are taken for a typo"
    )
    scope: Scope = Field(default=Scope.ALL, description="what this stack declares: all, registry or dns")
    window: Window | None = Field(default=None, description="the time in which nothing may be disturbed")
    event: Event | None = Field(default=None, description="the people's part of a workshop: seats, time, money")
    arrival: Arrival = Field(
        default=Arrival(), description="how people come, and how long they may wait for their workspaces"
    )
    autoscaling: Autoscaling = Field(
        default=Autoscaling(), description="provisioners of the default organization that follow Coder's queue"
    )
    rotation: Rotation = Field(
        default=Rotation(), description="how LiteLLM's key is rotated, and what holds it while a window is open"
    )
    account: AccountId | None = Field(default=None, description="AWS account that this stack may change")
    zone: DnsZone = Field(description="the Cloudflare zone of the regions' domains")
    zones: Mapping[Fqdn, ZoneId] = Field(default={}, description="further Cloudflare zones: name -> id")
    kubeconfig: Text | None = Field(default=None, description="kubeconfig file; unset: KUBECONFIG or ~/.kube/config")
    endpoints: Endpoints | None = Field(default=None, description="provider endpoints on loopback: the sandbox's")
    regions: Annotated[tuple[Region, ...], AfterValidator(check_regions)] = Field(
        min_length=1, description="one AWS region and EKS cluster each"
    )
    organizations: Annotated[tuple[Organization, ...], AfterValidator(check_organizations)] = Field(
        min_length=1, description="Coder organizations and the namespaces of their provisioners"
    )
    server: Workload = Field(description="the Coder server's Deployment")
    proxy: Workload = Field(description="the workspace proxies' Deployment, in each proxy region")
    litellm: Workload = Field(description="LiteLLM's Deployment, in the control plane's region")
    image: Image = Field(description="the Coder image that server and proxies run")
    database_instance: Database | None = Field(
        default=None,
        description="RDS instance of Coder's database, of which a snapshot is wanted before a migration; "
        "cluster:NAME for Aurora, none where it is elsewhere",
        examples=["coder"],
    )
    mirror: Mirror | None = Field(default=None, description="what mirrors it and other images, and when")
    repositories: Annotated[tuple[Repository, ...], AfterValidator(check_repositories)] = Field(
        min_length=1, description="ECR repositories that workshops pull from"
    )
    replication_rules_of_others: tuple[ReplicationRule, ...] = Field(
        default=(), description="rules of the control plane's registry that others need; declared along with ours"
    )
    workspaces: Workspaces = Field(default=Workspaces(), description="what workspaces ask for and how nodes are packed")
    daemonset_overhead: DaemonSetOverhead = Field(
        default=DaemonSetOverhead(), description="what DaemonSets take of every node, by request"
    )
    survives: Literal["node", "region"] = Field(
        default="node",
        description="what may be lost while people work, so that pools have room for its users: a node, or a region",
    )
    admission: AdmissionAction = Field(default="warn", description="warn or deny; deny stops unprepared templates")
    spend_ceiling_usd: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=0, description="USD that one workshop may cost; 0: no ceiling"
    )
    preflight: Preflight = Field(
        default=Preflight(), description="what preflight asks, and whether up wants its record"
    )
    monitoring: Monitoring | None = Field(
        default=None, description="alert rules, dashboards and the exporter: where they go"
    )
    adopt: Mapping[Text, Text] = Field(default={}, description="resource name -> id of what exists and is adopted")

    @model_validator(mode="after")
    def _names_fit_together(self) -> Settings:
        check_domains(self.zone.name, self.regions)
        check_image_repositories(self.image, self.mirror, self.repositories)
        check_one_budget(self.event, self.spend_ceiling_usd)
        check_keys_have_money(self.event)
        check_another_region(self.survives, self.regions)
        return self

    @property
    def default_organization(self) -> Organization:
        """The one whose provisioners the table is about."""
        return next(organization for organization in self.organizations if organization.is_default)

    @property
    def declares_records(self) -> bool:
        """Whether DNS records are this stack's to declare."""
        return self.scope is Scope.DNS or (self.scope is Scope.ALL and self.zone.stack is None)

    @property
    def litellm_url(self) -> str | None:
        """Where LiteLLM answers, None where it is not set."""
        return (self.endpoints and self.endpoints.litellm) or self.rotation.litellm_url

    def zone_id(self, name: str) -> str | None:
        """The id of a zone at Cloudflare, None where it is not set."""
        return self.zone.id if name == self.zone.name else self.zones.get(name)
