"""The providers through which Pulumi's functions look things up: one for each region and package, one for DNS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Three SDKs, which take seconds to import; what only asks through them needs none of their names.
    from pulumi_aws import Provider as AwsProvider
    from pulumi_cloudflare import Provider as CloudflareProvider
    from pulumi_kubernetes import Provider as KubernetesProvider


@dataclass(frozen=True, kw_only=True)
class Providers:
    """aws and kubernetes: by region name. Only what the stack's scope declares has one."""

    aws: Mapping[str, AwsProvider] = field(default_factory=dict[str, "AwsProvider"])
    kubernetes: Mapping[str, KubernetesProvider] = field(default_factory=dict[str, "KubernetesProvider"])
    cloudflare: CloudflareProvider | None = None
