"""A harness for policy tests: given these resources, expect exactly these messages.

It builds what Pulumi builds: inputs sent through a protobuf Struct (so numbers become floats), unknown-checking
proxies around them, options, provider and parent, and the policy's configuration with its schema's defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from google.protobuf import json_format, struct_pb2
from pulumi_policy import Policy as CrossGuardPolicy
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.framework.policy import Policy
from policies.pack.crossguard import ReadStack, Session, crossguard
from policies.pack.exemptions import Exemption, Ledger, exemption_policies

UNKNOWN = UNKNOWN_STRING_VALUE
"""Stands for a value that Pulumi does not know yet at preview."""

TODAY = date(2026, 1, 15)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as a program would declare it.

    inputs: with Pulumi's own, camelCase names; outputs: what came out, where that is something else.
    """

    type: str
    name: str = "example"
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outputs: Mapping[str, Any] | None = None
    protect: bool = False
    parent: Resource | None = None
    provider: Resource | None = None

    @property
    def urn(self) -> str:
        """As the engine composes it."""
        parents = f"{self.parent.urn.split('::')[2]}$" if self.parent else ""
        return f"urn:pulumi:stack::project::{parents}{self.type}::{self.name}"

    def with_input(self, path: str, value: object) -> Resource:
        """The same resource with one input set, `spec.limits.cpu`; lists are indexed by number."""
        return replace(self, inputs=_changed(self.inputs, path.split("."), lambda _found: value))

    def without_input(self, path: str) -> Resource:
        """The same resource with one input left out."""
        return replace(self, inputs=_changed(self.inputs, path.split("."), lambda _found: _LEFT_OUT))


def judge(
    policy: Policy,
    *resources: Resource,
    config: Mapping[str, Any] | None = None,
    stack: ReadStack = lambda: None,
    exemptions: Sequence[Exemption] = (),
    today: date = TODAY,
) -> list[str]:
    """What the policy says of these resources, each by itself and then all together, as Pulumi would hear it."""
    session = Session(stack, Ledger(tuple(exemptions), today))
    settings = {**{name: option.default for name, option in policy.options.items()}, **(config or {})}
    return [text for bound in crossguard(policy, session) for text in messages(bound, resources, settings)]


def judge_pack(
    policies: Sequence[Policy],
    *resources: Resource,
    stack: ReadStack = lambda: None,
    exemptions: Sequence[Exemption] = (),
    today: date = TODAY,
) -> list[tuple[str, str]]:
    """What several policies, and the exemptions' own, say in one run: pairs of policy and message."""
    session = Session(stack, Ledger(tuple(exemptions), today))
    judging = (*policies, *exemption_policies(session.ledger, frozenset(policy.id for policy in policies)))
    bound = [(policy, one) for policy in judging for one in crossguard(policy, session)]
    bound.sort(key=lambda pair: isinstance(pair[1], StackValidationPolicy))
    return [
        (policy.id, text)
        for policy, one in bound
        for text in messages(one, resources, {name: option.default for name, option in policy.options.items()})
    ]


def messages(bound: CrossGuardPolicy, resources: Sequence[Resource], config: Mapping[str, Any]) -> list[str]:
    """What one CrossGuard policy reports."""
    heard: list[str] = []

    def report(message: str, _urn: str | None = None) -> None:
        heard.append(message)

    if isinstance(bound, ResourceValidationPolicy):
        for resource in resources:
            bound.validate(resource_args(resource, config), report)  # pyright: ignore[reportUnknownMemberType] SDK
    elif isinstance(bound, StackValidationPolicy):
        bound.validate(stack_args(resources, config), report)  # pyright: ignore[reportUnknownMemberType] SDK
    return heard


def resource_args(resource: Resource, config: Mapping[str, Any]) -> ResourceValidationArgs:
    """The arguments of a policy that judges one resource."""
    return ResourceValidationArgs(
        resource.type,
        as_sent(resource.inputs),
        resource.urn,
        resource.name,
        _options(resource),
        _provider(resource.provider),
        as_sent(config, proxied=False),
    )


def stack_args(resources: Sequence[Resource], config: Mapping[str, Any]) -> StackValidationArgs:
    """The arguments of a policy that judges all resources together, by what came out."""
    by_urn = {
        resource.urn: PolicyResource(
            resource.type,
            as_sent(resource.inputs if resource.outputs is None else resource.outputs),
            resource.urn,
            resource.name,
            _options(resource),
            _provider(resource.provider),
            None,
            [],
            {},
        )
        for resource in resources
    }
    for resource in resources:
        if resource.parent is not None:
            by_urn[resource.urn].parent = by_urn.get(resource.parent.urn)
    return StackValidationArgs(list(by_urn.values()), as_sent(config, proxied=False))


def as_sent(values: Mapping[str, Any], *, proxied: bool = True) -> dict[str, Any]:
    """The values as they arrive in a policy's process: through protobuf, and behind Pulumi's proxies."""
    struct = struct_pb2.Struct()
    struct.update(dict(values))
    received = deserialize_properties(json_format.MessageToDict(struct))
    return unknown_checking_proxy(received) if proxied else received


def _options(resource: Resource) -> PolicyResourceOptions:
    parent = resource.parent.urn if resource.parent else None
    return PolicyResourceOptions(resource.protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], parent)


def _provider(provider: Resource | None) -> PolicyProviderResource | None:
    if provider is None:
        return None
    return PolicyProviderResource(provider.type, as_sent(provider.inputs), provider.urn, provider.name)


_LEFT_OUT = object()


def _changed(found: Any, keys: Sequence[str], change: Callable[[Any], object]) -> Any:  # noqa: ANN401 JSON
    key, *rest = keys
    if isinstance(found, list):
        items = list(cast("list[Any]", found))
        items[int(key)] = _changed(items[int(key)], rest, change) if rest else change(items[int(key)])
        return [item for item in items if item is not _LEFT_OUT]
    entries = dict(cast("Mapping[str, Any]", found))
    entries[key] = _changed(entries.get(key, {}), rest, change) if rest else change(entries.get(key))
    return {name: value for name, value in entries.items() if value is not _LEFT_OUT}
