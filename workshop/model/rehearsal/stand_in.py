"""A real stack's settings on the sandbox's systems: what only exists in the cloud is the sandbox's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workshop.model.settings.commands import PROJECT

_WHOLE: Final = ("account", "kubeconfig", "endpoints", "zones", "image", "database_instance", "adopt", "preflight")
"""Settings that name what is in the cloud, or ask it."""

_PARTS: Final = (("zone", "id"), ("rotation", "image"), ("rotation", "litellm_url"))
_OF_REGION: Final = ("cluster", "load_balancer_host", "node_role", "ami_version")
_WHERE_UNSET: Final = ("zones", "vcpu_quota", "vcpu_in_use")
"""Of a region: what decides whether a plan holds is the stack's own, where it is known."""


class NoSuchRegion(Exception):
    """A region in which the sandbox has no cluster."""


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """config: as Pulumi hands it out, every key of either stack. taken: settings whose values are the sandbox's."""

    config: Mapping[str, str]
    taken: tuple[str, ...]


def on_sandbox(config: Mapping[str, str], sandbox: Mapping[str, str]) -> StandIn:
    """The stack's config with the sandbox's identities. Raises NoSuchRegion."""
    given, own = _read(config), _read(sandbox)
    taken: list[str] = []

    def take(path: str, target: dict[str, Any], source: Mapping[str, Any], key: str) -> None:
        if target.get(key) == source.get(key):
            return
        taken.append(f"{path}{key}")
        if key in source:
            target[key] = source[key]
        else:
            target.pop(key, None)

    for key in _WHOLE:
        take("", given, own, key)
    for section, key in _PARTS:
        take(f"{section}.", given.setdefault(section, {}), own.get(section, {}), key)
    for region, there in _regions(given, own):
        for key in (*_OF_REGION, *(one for one in _WHERE_UNSET if one not in region)):
            take(f"regions[{region['name']}].", region, there, key)
    others = {key: value for key, value in config.items() if not key.startswith(f"{PROJECT}:")}
    unset = {key: "" for key in (*config, *sandbox) if key.startswith(f"{PROJECT}:")}
    written = {f"{PROJECT}:{key}": _written(value) for key, value in given.items()}
    return StandIn(config={**others, **unset, **written}, taken=tuple(taken))


def _regions(given: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    there = {one["name"]: one for one in own["regions"]}
    for region in given["regions"]:
        if region["name"] not in there:
            raise NoSuchRegion(region["name"])
        yield region, there[region["name"]]


def _read(config: Mapping[str, str]) -> dict[str, Any]:
    """What is set, by key."""
    prefix = f"{PROJECT}:"
    return {
        key.removeprefix(prefix): json.loads(value) if value.lstrip().startswith(("{", "[")) else value
        for key, value in config.items()
        if key.startswith(prefix) and value.strip() not in ("", "{}")
    }


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
