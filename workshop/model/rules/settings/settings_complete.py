"""settings-complete: everything that the stack's scope needs is set; what is missing is reported all at once."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.images.sources import sources
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import SettingPath, key_of, set_command
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "settings-complete"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """One finding for every setting that no default can fill, with the command that looks its value up."""
    if settings.scope in (Scope.ALL, Scope.REGISTRY):
        account = '"$(aws sts get-caller-identity --query Account --output text)"'
        yield from _missing(("account",), settings.account, "changes could reach any AWS account", account)
    if settings.declares_records:
        for zone in plan.dns.zones:
            path = ("zone", "id") if zone == settings.zone.name else ("zones", zone)
            yield from _missing(path, settings.zone_id(zone), "records could land in another zone", "ZONE_ID")
    if settings.scope is Scope.ALL:
        for source in sources(settings):
            image = shlex.quote(f"{source.image.source}:{source.image.tag}")
            path = (*source.setting, "digest")
            yield from _missing(
                path, source.image.digest, "regions could run different images", f'"$(crane digest {image})"'
            )
    if settings.scope is Scope.ALL and settings.window is not None:
        why = "nothing could hold the rotation of LiteLLM's key while the window is open"
        yield from _missing(("rotation", "image"), settings.rotation.image, why, "REPOSITORY@sha256:DIGEST")
        yield from _missing(("rotation", "litellm_url"), settings.litellm_url, why, "https://HOST")
    elif settings.scope is Scope.ALL and (settings.autoscaling.enabled or settings.monitoring):
        why = "the exporter could not be started, whose numbers KEDA and Prometheus read"
        yield from _missing(("rotation", "image"), settings.rotation.image, why, "REPOSITORY@sha256:DIGEST")
    elif settings.scope is Scope.ALL and settings.mirror:
        why = "the CronJob that mirrors images could not be started"
        yield from _missing(("rotation", "image"), settings.rotation.image, why, "REPOSITORY@sha256:DIGEST")
    for index, region in enumerate(settings.regions):
        if settings.declares_records:
            path = ("regions", index, "load_balancer_host")
            yield from _missing(path, region.load_balancer_host, "its host would not resolve", "LOAD_BALANCER_HOST")
        if settings.scope is Scope.ALL:
            yield from _missing_of_cluster(index, region)
            if settings.event is not None and not _asks_for_name(region):
                yield from _missing_name(index, region, "the keeper could not reach it")
            why = _needs_oidc_issuer(settings, region)
            if why:
                path = ("regions", index, "cluster", "oidc_issuer")
                yield from _missing(path, region.cluster.oidc_issuer, why, _oidc_issuer(region))


def _needs_oidc_issuer(settings: Settings, region: Region) -> str:
    """What would not work without a region's issuer; "" where nothing of ours takes on a role there."""
    if settings.window is not None:
        return "the Jobs that hold the rotation could not read the key"
    if region.role is not Role.CONTROL_PLANE:
        return ""
    if settings.monitoring is not None:
        return "the exporter could not see the registries"
    return "images could not be pushed to the registry" if settings.mirror else ""


def _oidc_issuer(region: Region) -> str:
    cluster = shlex.quote(region.cluster.name) if region.cluster.name else "CLUSTER_NAME"
    look_up = f"aws eks describe-cluster --region {region.name} --name {cluster}"
    return f"\"$({look_up} --query cluster.identity.oidc.issuer --output text | sed 's|^https://||')\""


def _missing_of_cluster(index: int, region: Region) -> Iterator[Finding]:
    context = shlex.quote(region.cluster.context) if region.cluster.context else "CONTEXT"
    uid = f"\"$(kubectl --context {context} get namespace kube-system -o 'jsonpath={{.metadata.uid}}')\""
    quota = (
        '"$(aws service-quotas get-service-quota --service-code ec2 --quota-code L-1216C47A '
        f"--region {region.name} --query 'Quota.Value' --output text)\""
    )
    if _asks_for_name(region):
        yield from _missing_name(index, region, "it is the value of Karpenter's selector tags")
    for path, value, why, fix in (
        (("cluster", "context"), region.cluster.context, "any cluster could be changed", "CONTEXT"),
        (("cluster", "uid"), region.cluster.uid, "any cluster could be changed", uid),
        (("vcpu_quota",), region.vcpu_quota, "EC2 could refuse nodes", quota),
        (("vcpu_in_use",), region.vcpu_in_use, "EC2 could refuse nodes", "VCPU"),
        (("node_role",), region.node_role, "nodes could not join", "ROLE_NAME"),
        (("ami_version",), region.ami_version, "nodes would change under workspaces", "VERSION"),
    ):
        yield from _missing(("regions", index, *path), value, why, fix)
    zone = f"{region.name}ZONE_LETTER"
    yield from _missing(("regions", index, "zones", 0), region.zones or None, "nodes could start in any zone", zone)


def _asks_for_name(region: Region) -> bool:
    """Whether the cluster's name is needed for its nodes already."""
    return any(selector.value is None for selector in (region.subnet_selector, region.security_group_selector))


def _missing_name(index: int, region: Region, why: str) -> Iterator[Finding]:
    yield from _missing(("regions", index, "cluster", "name"), region.cluster.name, why, "CLUSTER_NAME")


def _missing(path: SettingPath, value: object, why: str, fix: str) -> Iterator[Finding]:
    if value is None:
        yield Finding(
            rule=NAME,
            resource=key_of(path),
            problem="is not set",
            why=why,
            fix=set_command(path, fix),
            is_judged=False,
        )
