"""LiteLLM itself, its pods and the key that workspaces use: models answer, and go on until the window has closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from pydantic import AwareDatetime, BaseModel

from workshop.checks.check import CheckOutcome, RegionCheck, StackCheck, failed, passed, warning
from workshop.checks.clients import steady_pods
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.litellm import error_message, refuses_key
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region, Role

WARN_DAYS: Final = (1, 3, 7)
"""Before the end of a key that was issued for longer than the last of them."""

REQUESTS_PER_USER: Final = 5
TOKENS_PER_USER: Final = 20_000
"""A minute, of the key that all workspaces share: an assistant that works on its own. The numbers are ours."""

BUDGET_LEFT_PERCENT: Final = 20
"""A key with less of its budget left should have got more before an event; the limit is ours."""

_SHOWN: Final = 120
_ISSUE: Final = "pulumi up in the window issues a key that outlasts it; docs/rotation.md"


class _Readiness(BaseModel):
    db: str
    status: str = ""
    litellm_version: str = ""


class _Limits(BaseModel):
    """None: no limit. USD, and by the minute."""

    max_budget: float | None = None
    rpm_limit: int | None = None
    tpm_limit: int | None = None
    max_parallel_requests: int | None = None


class KeyInfo(_Limits):
    """What LiteLLM knows of a key."""

    expires: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    key_alias: str | None = None
    blocked: bool | None = None
    spend: float = 0
    models: list[str] | None = None
    team_id: str | None = None
    litellm_budget_table: _Limits | None = None


class _Key(BaseModel):
    info: KeyInfo


class LiteLLMReady(StackCheck):
    """Readiness is 200 whatever happens, so it is the database that is asked about."""

    id = "litellm-ready"
    stage = Stage.BEFORE_UP
    asks = "LiteLLM"
    needed = "db: connected"

    def look(self, site: Site) -> CheckOutcome:
        """Asks as anybody may."""
        answer = site.litellm.without_token.get("health/readiness", _Readiness)
        found = f"db: {answer.db}, version {answer.litellm_version or 'unknown'}"
        if answer.db == "connected":
            return passed(found, self.needed)
        return failed(found, self.needed, f"kubectl logs -n {site.settings.litellm.namespace} deployment/litellm")


class LiteLLMPods(RegionCheck):
    """As many of its pods as planned run, and go on running."""

    id = "litellm-pods"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "as many pods as planned, Ready and not restarting"

    def concerns(self, region: Region) -> bool:
        """It runs beside the server."""
        return region.role is Role.CONTROL_PLANE

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Its Deployment has no probes, so a pod that crashes and restarts is Ready between."""
        return steady_pods(site, region, site.settings.litellm, site.plan.litellm)


class LiteLLMKey(StackCheck):
    """LiteLLM accepts the key that workspaces use; the end of a long-lived one is announced."""

    id = "litellm-key"
    stage = Stage.BEFORE_UP
    asks = "LiteLLM"
    needed = "a key that LiteLLM accepts"

    def look(self, site: Site) -> CheckOutcome:
        """Asks about the key, as itself. With a window, `up` replaces one that is not accepted."""
        info = key_info(site)
        if info is None:
            judge = failed if site.settings.window is None else warning
            return judge("LiteLLM does not accept the key", self.needed, _ISSUE)
        if info.blocked or (info.expires and info.expires <= site.now):
            return failed(_summary(info), self.needed, _ISSUE)
        if info.expires and info.created_at and info.expires - info.created_at > timedelta(days=WARN_DAYS[-1]):
            left = info.expires - site.now
            for days in WARN_DAYS:
                if left <= timedelta(days=days):
                    return warning(f"{_summary(info)}: in less than {counted(days, 'day')}", self.needed, _ISSUE)
        return passed(_summary(info), self.needed)


class LiteLLMKeyLasts(StackCheck):
    """The key outlasts the window."""

    id = "litellm-key-lasts"
    stage = Stage.BEFORE_EVENT
    asks = "LiteLLM"
    needed = "a key that outlasts the window"

    def look(self, site: Site) -> CheckOutcome:
        """Compares its end with the window's."""
        info, window = key_info(site), site.settings.window
        if info is None:
            return failed("LiteLLM does not accept the key", self.needed, _ISSUE)
        if window is None:
            return warning(
                f"{_summary(info)}; no window is set", self.needed, "pulumi config set --path workshop:window..."
            )
        needed = f"until {_date(window.closes_at)}"
        if info.expires is None or info.expires >= window.closes_at:
            return passed(_summary(info), needed)
        return failed(_summary(info), needed, _ISSUE)


class LiteLLMKeyLimits(StackCheck):
    """What the key itself is limited to, in money, requests and models, is enough for everybody: they share it."""

    id = "litellm-key-limits"
    stage = Stage.BEFORE_EVENT
    asks = "LiteLLM"
    needed = "limits of the key that are enough for all users"

    def look(self, site: Site) -> CheckOutcome:
        """Of the key and of its budget; those of a team it can't see."""
        info, users = key_info(site), site.settings.users
        needed = (
            f"{users * REQUESTS_PER_USER} requests and {users * TOKENS_PER_USER} tokens a minute "
            f"for {counted(users, 'user')}"
        )
        if info is None:
            return failed("LiteLLM does not accept the key", needed, _ISSUE)
        limits = [one for one in (info, info.litellm_budget_table) if one is not None]
        short = [words for one in limits for words in _short(one, info.spend, users)]
        if short:
            fix = "with LiteLLM's master key: POST /key/update, with a null or higher limit"
            return failed("; ".join(dict.fromkeys(short)), needed, fix)
        if info.team_id:
            raise Inconclusive(
                f"the key is of team {info.team_id}, whose limits it may not read",
                "with LiteLLM's master key: GET /team/info, and look at its budget, limits and models",
            )
        if info.models:
            raise Inconclusive(
                f"the key is limited to {', '.join(info.models)}; whether templates use other models is not known",
                "compare with the templates, or give the key all models",
            )
        return passed(f"{_summary(info)}: ${info.spend:.2f} spent, all models", needed)


def _short(limits: _Limits, spend: float, users: int) -> Iterator[str]:
    budget = limits.max_budget
    if budget is not None and (budget - spend) * 100 < max(budget, 1) * BUDGET_LEFT_PERCENT:
        yield f"${spend:.2f} of ${budget:.2f} are spent"
    for what, limit, least in (
        ("requests a minute", limits.rpm_limit, users * REQUESTS_PER_USER),
        ("tokens a minute", limits.tpm_limit, users * TOKENS_PER_USER),
        ("requests at a time", limits.max_parallel_requests, users),
    ):
        if limit is not None and limit < least:
            yield f"{limit} {what}, {least} are needed"


def key_info(site: Site) -> KeyInfo | None:
    """What LiteLLM knows of the key; None where it says that the key is no good.

    Raises Inconclusive for any other refusal: it refuses every key where its database is away.
    """
    response = site.litellm.send("GET", "key/info")
    if not response.is_success and refuses_key(response.content):
        return None
    if response.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED):
        why = error_message(response.content)[:_SHOWN] or "without a reason"
        raise Inconclusive(
            f"LiteLLM ({response.url}) answered {response.status_code} and could not check the key: {why}",
            f"see litellm-ready, and kubectl logs -n {site.settings.litellm.namespace} deployment/litellm",
        )
    return site.litellm.read(site.litellm.succeeded(response), _Key).info


def _summary(info: KeyInfo) -> str:
    until = f"until {_date(info.expires)}" if info.expires else "without an end"
    return f"key {info.key_alias or 'without alias'} {'blocked, ' if info.blocked else ''}{until}"


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
