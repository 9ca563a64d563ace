"""licence-lasts and api-rate-limit: what Coder itself lets a workshop do, until the window has closed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel

from workshop.checks.check import CheckOutcome, StackCheck, failed, passed, warning
from workshop.checks.coder.api import build_info
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Settings

ANNOUNCED_DAYS: Final = 30
TRIAL_ANNOUNCED_DAYS: Final = 7
"""So many days before its end Coder begins to warn (coder/coder, enterprise/coderd/license/license.go): a licence
without a warning lasts as long at least. The end itself is shown to owners only."""

REQUESTS_PER_USER: Final = 10
"""A minute, to one path: what a dashboard that is open asks, and an agent that connects again. The number is ours."""

LIMITED_BY_USER: Final = (2, 32)
"""The version from which on Coder counts requests by user; before, everybody behind one address shares a limit."""

_EXPIRES: Final = re.compile(r"license expires in (\d+) day")
_LIMIT_HEADER: Final = "X-Ratelimit-Limit"


class _Feature(BaseModel):
    entitlement: str
    enabled: bool = False
    limit: int | None = None
    actual: int | None = None


class _Entitlements(BaseModel):
    features: Mapping[str, _Feature]
    has_license: bool
    trial: bool = False
    errors: list[str] | None = None
    warnings: list[str] | None = None


class LicenceLasts(StackCheck):
    """Organizations, proxies and external provisioners are licensed, and stay so."""

    id = "licence-lasts"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "a licence that outlasts the window"

    def look(self, site: Site) -> CheckOutcome:
        """What Coder says of its licence to any user."""
        wanted = sorted(_features(site.settings))
        response = site.systems.coder.send("GET", "api/v2/entitlements")
        if response.status_code == HTTPStatus.NOT_FOUND:
            if not wanted:
                return passed("an open source build", "no licensed feature")
            return failed(f"no licence: an open source build, without {', '.join(wanted)}", self.needed, _LICENSE)
        entitlements = site.systems.coder.read(site.systems.coder.succeeded(response), _Entitlements)
        lacking = [
            f"{name} is {_state(entitlements.features.get(name))}" for name in wanted if not _is_on(entitlements, name)
        ]
        if lacking or entitlements.errors:
            return failed("; ".join([*lacking, *(entitlements.errors or ())]), self.needed, _LICENSE)
        window, until = site.settings.window, _certain_until(entitlements, site.now)
        found = f"{counted(len(wanted), 'feature')} licensed at least until {until:%Y-%m-%d}"
        if window is None:
            return warning(f"{found}; no window is set", self.needed, "pulumi config set --path workshop:window...")
        needed = f"until {window.closes_at:%Y-%m-%d %H:%M %Z}"
        if until < window.closes_at and any(map(_EXPIRES.search, entitlements.warnings or ())):
            return failed(found, needed, _LICENSE)
        if until < window.closes_at:
            raise Inconclusive(
                f"{found}; Coder does not say how much longer", "as an owner: coder licenses list, and look at its end"
            )
        users = entitlements.features.get("user_limit")
        if users is not None and users.limit is not None and (users.actual or 0) + site.settings.users > users.limit:
            return warning(
                f"{found}; {users.actual or 0} of {users.limit} users are active, {site.settings.users} are expected",
                needed,
                "suspend users who left, unless those expected are among the active ones",
            )
        return passed(found, needed)


class ApiRateLimit(StackCheck):
    """A room shares one address, and Coder limits requests by address."""

    id = "api-rate-limit"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = f"{REQUESTS_PER_USER} requests a minute for each user"

    def look(self, site: Site) -> CheckOutcome:
        """What the header says that each of its answers carries."""
        version = build_info(site.systems.coder).version
        response = site.systems.coder.succeeded(site.systems.coder.send("GET", "api/v2/buildinfo"))
        given = response.headers.get(_LIMIT_HEADER, "")
        if not given.isascii() or not given.isdigit():
            raise Inconclusive(
                f"Coder's answers have no {_LIMIT_HEADER}", "see CODER_API_RATE_LIMIT of the server, and its ingress"
            )
        demand = site.settings.users * REQUESTS_PER_USER
        found, needed = f"{given} requests a minute to a path", f"{demand} for {counted(site.settings.users, 'user')}"
        if _release(version) >= LIMITED_BY_USER:
            return passed(f"{found}, by user", f"{REQUESTS_PER_USER} for each user")
        if int(given) < demand:
            return failed(f"{found}, by address", needed, f"set CODER_API_RATE_LIMIT={demand} for the server")
        return passed(f"{found}, by address", needed)


_LICENSE: Final = "as an owner: coder licenses add"


def _features(settings: Settings) -> Iterator[str]:
    """Names of what this platform uses (coder/coder, codersdk/deployment.go)."""
    if len(settings.organizations) > 1:
        yield "multiple_organizations"
    if any(region.role is Role.PROXY for region in settings.regions):
        yield "workspace_proxy"
    if any(region.hosts_provisioners for region in settings.regions):
        yield "external_provisioner_daemons"


def _is_on(entitlements: _Entitlements, name: str) -> bool:
    feature = entitlements.features.get(name)
    return feature is not None and feature.enabled and feature.entitlement == "entitled"


def _state(feature: _Feature | None) -> str:
    if feature is None:
        return "unknown to this Coder"
    return feature.entitlement if feature.entitlement != "entitled" else "not enabled"


def announced_end(site: Site) -> datetime | None:
    """When the licence ends, where Coder announces it. Raises Inconclusive."""
    response = site.systems.coder.send("GET", "api/v2/entitlements")
    if response.status_code == HTTPStatus.NOT_FOUND:
        return None
    entitlements = site.systems.coder.read(site.systems.coder.succeeded(response), _Entitlements)
    is_announced = any(map(_EXPIRES.search, entitlements.warnings or ()))
    return _certain_until(entitlements, site.now) if is_announced else None


def _certain_until(entitlements: _Entitlements, now: datetime) -> datetime:
    """Until when the licence lasts for certain: Coder rounds days up."""
    ends = [int(match[1]) - 1 for match in map(_EXPIRES.search, entitlements.warnings or ()) if match]
    return now + timedelta(days=min(ends, default=(TRIAL_ANNOUNCED_DAYS if entitlements.trial else ANNOUNCED_DAYS) - 1))


def _release(version: str) -> tuple[int, ...]:
    """Major and minor of v2.25.1+abc; nothing for what is no version."""
    match = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else ()
