"""Records between Cloudflare's API and Pulumi's SDK: fields are called otherwise there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from workshop.sandbox.json_values import Json, is_mapping
from workshop.sandbox.providers.provider import Properties

_WRITABLE: Final = ("comment", "content", "data", "name", "priority", "proxied", "settings", "tags", "ttl", "type")


def body(inputs: Properties) -> dict[str, Json]:
    """What is sent of a record's inputs."""
    sent = {key: inputs[key] for key in _WRITABLE if inputs.get(key) is not None}
    sent["ttl"] = int(sent["ttl"])
    if "settings" in sent:
        sent["settings"] = {_snake(key): value for key, value in sent["settings"].items() if value is not None}
    return sent


def is_same_content(old: Properties, new: Properties) -> bool:
    """Whether contents are names that differ in case or their last dot at most, as Cloudflare answers them."""
    contents = [one.get("content") for one in (old, new)]
    if new.get("type") not in ("CNAME", "MX", "NS", "PTR") or not all(isinstance(one, str) for one in contents):
        return False
    was, now = (str(one).rstrip(".").lower() for one in contents)
    return was == now


def record(result: Mapping[str, Json]) -> dict[str, Json]:
    """A record with the SDK's names; meta is text there."""
    named = {camel(key): value for key, value in result.items()}
    settings = {camel(key): value for key, value in mapping(result.get("settings")).items()}
    return {**named, "settings": settings, "meta": json.dumps(result.get("meta") or {})}


def outputs(result: Mapping[str, Json], zone_id: str) -> dict[str, Json]:
    """A record as the SDK has it."""
    return {"comment": None, **record(result), "zoneId": zone_id}


def mapping(value: Json) -> Mapping[str, Json]:
    """A mapping; empty where it is none."""
    return value if is_mapping(value) else {}


def camel(name: str) -> str:
    """A field's name as the SDK has it."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
