"""Which stand-in serves which package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from workshop.sandbox.providers.aws.provider import AwsProvider
from workshop.sandbox.providers.cloudflare.provider import CloudflareProvider
from workshop.sandbox.providers.kubernetes.provider import KubernetesProvider
from workshop.sandbox.providers.provider import Properties, Provider

PACKAGES: Final[Mapping[str, Callable[[Properties], Provider]]] = {
    "aws": AwsProvider,
    "cloudflare": CloudflareProvider,
    "kubernetes": KubernetesProvider,
}
"""By package name, from a provider resource's configuration to its stand-in."""
