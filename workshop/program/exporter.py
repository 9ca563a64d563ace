"""One exporter in each cluster where the autoscaler or Prometheus reads it, with what it has to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from pulumi import Resource, ResourceOptions

from components.exporter import Exporter, ExporterArgs
from components.monitoring.exporter_rights import (
    ExporterRights,
    ExporterRightsArgs,
    ExporterRole,
    ExporterRoleArgs,
)
from workshop.model.exporter import LITELLM_VARIABLE, PORT, TOKEN_VARIABLE, export_request
from workshop.model.names import EXPORTER
from workshop.model.plan.plan import Plan
from workshop.model.plan.scaling import plan_scaling
from workshop.model.plan.workloads import region_workloads
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.observe.providers import Providers

_HTTPS: Final = 443
_PORTS: Final = {"http": 80, "https": _HTTPS}


def declare_exporters(settings: Settings, plan: Plan, providers: Providers) -> Mapping[str, Resource]:
    """By region; none where nothing reads it."""
    scaled = plan_scaling(settings, plan)
    regions = [region for region in settings.regions if region.name in scaled or settings.monitoring]
    if settings.monitoring:
        _declare_rights(settings, providers)
    return {
        region.name: Exporter(
            region.name,
            _args(settings, region, is_scaled=region.name in scaled),
            ResourceOptions(provider=providers.kubernetes[region.name]),
        )
        for region in regions
    }


def _args(settings: Settings, region: Region, *, is_scaled: bool) -> ExporterArgs:
    request, autoscaling, monitoring = export_request(settings, region), settings.autoscaling, settings.monitoring
    coder = urlsplit(request.coder_url)
    is_home = region.role is Role.CONTROL_PLANE
    is_inside = is_home and autoscaling.coder_url is None
    ports: set[int] = set() if is_inside else {coder.port or _PORTS[coder.scheme]}
    if monitoring:
        ports.add(_HTTPS)
        if is_home and settings.litellm_url:
            litellm = urlsplit(settings.litellm_url)
            ports.add(litellm.port or _PORTS[litellm.scheme])
    return ExporterArgs(
        image=given(settings.rotation.image),
        request=request.text(),
        port=PORT,
        token_variable=TOKEN_VARIABLE,
        secret_name=autoscaling.secret_name,
        secret_key=autoscaling.secret_key,
        ports=tuple(sorted(ports)),
        coder_namespace=settings.server.namespace if is_inside else None,
        readers=(
            *((autoscaling.keda_namespace,) if is_scaled else ()),
            *((monitoring.namespace,) if monitoring else ()),
        ),
        watches=monitoring is not None,
        role_arn=f"arn:aws:iam::{settings.account}:role/{EXPORTER}" if monitoring and is_home else None,
        litellm=(LITELLM_VARIABLE, monitoring.litellm_secret_name, monitoring.litellm_secret_key)
        if monitoring and is_home
        else None,
    )


def _declare_rights(settings: Settings, providers: Providers) -> None:
    for region in settings.regions:
        namespaces = tuple(dict.fromkeys(one.namespace for one in region_workloads(settings, region).deployments))
        args = ExporterRightsArgs(namespaces=namespaces)
        ExporterRights(region.name, args, ResourceOptions(provider=providers.kubernetes[region.name]))
        if region.role is Role.CONTROL_PLANE:
            role = ExporterRoleArgs(
                account=given(settings.account),
                oidc_issuer=given(region.cluster.oidc_issuer),
                repositories=settings.repositories,
                permissions_boundary=settings.rotation.permissions_boundary,
            )
            ExporterRole(region.name, role, ResourceOptions(provider=providers.aws[region.name]))
