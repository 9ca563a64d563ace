"""An example, declared by itself under a provider of its own."""

from __future__ import annotations

from collections.abc import Callable

import pulumi_aws as aws
import pulumi_cloudflare as cloudflare
import pulumi_kubernetes as kubernetes
from pulumi import ProviderResource, ResourceOptions

from tests.components.examples import Example
from tests.components.recorded import Recorded, Registration, run

PROVIDERS: dict[str, Callable[[str], ProviderResource]] = {
    "aws": aws.Provider,
    "cloudflare": cloudflare.Provider,
    "kubernetes": kubernetes.Provider,
}


_DECLARED: dict[str, Recorded] = {}


def declared(example: Example) -> Recorded:
    """What an example registers; declared once, whoever looks at it."""

    def program() -> None:
        example.declare(ResourceOptions(provider=PROVIDERS[example.package]("the-provider")))

    if example.id not in _DECLARED:
        _DECLARED[example.id] = run(program)
    return _DECLARED[example.id]


def children_of(recorded: Recorded) -> list[Registration]:
    """What the component declares."""
    return [found for found in recorded.resources if found.is_custom and not found.type.startswith("pulumi:providers:")]
