"""A zone file: the names that are ours in one DNS zone, and where they point.

Program, policies and commands read the same files; the hosts of the regions come from the stack's settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from workshop.model.settings.commands import SettingPath
from workshop.model.settings.types import AwsRegion
from workshop.model.zones.types import Comment, Destination, Domain, Host, Target, Ttl


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ZoneRecord(_Model):
    """One name and where it points: to a region's load balancer, or to a target of its own."""

    host: Host
    """whole name, or its wildcard: demo.coderdemo.io, *.demo.coderdemo.io"""
    region: AwsRegion | None = None
    """AWS region to whose load balancer it points; or give a target"""
    target: Target | None = None
    """name (a CNAME) or address (A, AAAA) to which it points; or give a region"""
    ttl: Ttl = 300
    """seconds that resolvers keep it"""
    proxied: StrictBool = False
    """whether Cloudflare serves it itself; its ttl is Cloudflare's then"""
    comment: Comment | None = None
    """who needs it and why"""
    retiring: StrictBool = False
    """no longer protected: once this is applied, a later change may remove the entry"""


class ZoneLimits(_Model):
    """How much one change may change; more takes several, each looked at."""

    changed_targets: Annotated[int, Field(strict=True, ge=0, le=1000)] = 2
    """records that get another target"""
    deletions: Annotated[int, Field(strict=True, ge=0, le=1000)] = 1
    """records that are deleted"""


class Zone(_Model):
    """One DNS zone at Cloudflare. It may hold others' records: only names at or under the domains are touched."""

    zone: Domain
    """name of the zone, which is also the file's"""
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    """names at or under these are read and managed, no others"""
    destinations: tuple[Destination, ...] = ()
    """domains and networks, beside the regions' load balancers, to which records may point"""
    must_exist: tuple[Host, ...] = ()
    """hosts without which nothing is applied"""
    limits: ZoneLimits = ZoneLimits()
    """how much one change may change"""
    records: tuple[ZoneRecord, ...] = ()
    """the names"""


@dataclass(frozen=True, kw_only=True)
class ZoneFile:
    """A zone with where it was read. path: as people open it; lines: by place in the file; checksum: of what it says.

    reviewed: the checksum in the lock, None where the lock has none.
    """

    path: str
    zone: Zone
    checksum: str
    reviewed: str | None
    lines: Mapping[SettingPath, int]

    def place(self, *path: str | int) -> str:
        """File and line of a value, or of the nearest thing around it."""
        return place_in(self.path, self.lines, path)


def place_in(file: str, lines: Mapping[SettingPath, int], path: SettingPath) -> str:
    """File and line of a value, or of the nearest thing around it that is there."""
    while path and path not in lines:
        path = path[:-1]
    return f"{file}:{lines.get(path, 1)}"


def is_under(name: str, domain: str) -> bool:
    """Whether a name is this domain or below it."""
    return name == domain or name.endswith(f".{domain}")
