"""The SDK of the provider double, for scenario programs on either engine."""

from __future__ import annotations

from typing import Any

import pulumi


class Provider(pulumi.ProviderResource):
    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **inputs: object) -> None:
        super().__init__("double", resource_name, inputs, opts)


class Thing(pulumi.CustomResource):
    address: pulumi.Output[str]
    echo: pulumi.Output[Any]
    name: pulumi.Output[str]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **inputs: object) -> None:
        super().__init__(
            "double:index:Thing", resource_name, {"address": None, "echo": None, "name": None, **inputs}, opts
        )


class Group(pulumi.ComponentResource):
    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **inputs: object) -> None:
        super().__init__("double:index:Group", resource_name, inputs, opts)


def lookup(name: str, opts: pulumi.InvokeOptions | None = None) -> str:
    return pulumi.runtime.invoke("double:index:lookup", {"name": name}, opts).value["found"]


def lookup_output(name: pulumi.Input[str], opts: pulumi.InvokeOutputOptions | None = None) -> pulumi.Output[str]:
    return pulumi.runtime.invoke_output("double:index:lookup", {"name": name}, opts).apply(
        lambda found: found.get("found")
    )
