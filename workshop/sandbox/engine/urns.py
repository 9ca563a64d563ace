"""URNs: urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME."""

from __future__ import annotations

from typing import Final

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"


def create_urn(stack: str, project: str, parent: str, kind: str, name: str) -> str:
    """The URN of a resource; the stack as a parent does not show in it."""
    above = qualified_type(parent) if parent else ""
    qualified = kind if above in ("", STACK_TYPE) else f"{above}${kind}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def qualified_type(urn: str) -> str:
    """The type with those of its parents."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """The resource's own type token."""
    return qualified_type(urn).rpartition("$")[2]


def name_of(urn: str) -> str:
    """The resource's name."""
    return urn.split("::", 3)[3]


def package_of(kind: str) -> str:
    """The provider package of a type or function token; for a provider, the package it serves."""
    return kind.removeprefix(PROVIDER_PREFIX).split(":", 1)[0]


def is_provider(kind: str) -> bool:
    """Whether it is a provider resource."""
    return kind.startswith(PROVIDER_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Whether the engine made this provider because a resource named none."""
    return is_provider(type_of(urn)) and name_of(urn).split("_")[0] == "default"


def reference(urn: str, id: str) -> str:
    """How a resource names its provider."""
    return f"{urn}::{id}"


def urn_of_reference(provider: str) -> str:
    """The provider's URN in a reference."""
    return provider.rpartition("::")[0]
