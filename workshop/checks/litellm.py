"""litellm-ready, litellm-key and litellm-key-lasts: models answer, and go on answering until the window has closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from pydantic import AwareDatetime, BaseModel

from workshop.checks.check import CheckOutcome, StackCheck, failed, passed, warning
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage

WARN_DAYS: Final = (1, 3, 7)
"""Before the end of a key that was issued for longer than the last of them."""

_ISSUE: Final = "pulumi up in the window issues a key that outlasts it; docs/rotation.md"


class _Readiness(BaseModel):
    db: str
    status: str = ""
    litellm_version: str = ""


class _Info(BaseModel):
    expires: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    key_alias: str | None = None
    blocked: bool | None = None


class _Key(BaseModel):
    info: _Info


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


class LiteLLMKey(StackCheck):
    """LiteLLM accepts the key that workspaces use; the end of a long-lived one is announced."""

    id = "litellm-key"
    stage = Stage.BEFORE_UP
    asks = "LiteLLM"
    needed = "a key that LiteLLM accepts"

    def look(self, site: Site) -> CheckOutcome:
        """Asks about the key, as itself. With a window, `up` replaces one that is not accepted."""
        info = _info(site)
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
        info, window = _info(site), site.settings.window
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


def _info(site: Site) -> _Info | None:
    """What LiteLLM knows of the key; None where it does not accept it, which it says with 400 or 401."""
    response = site.litellm.send("GET", "key/info")
    if response.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED):
        return None
    return site.litellm.read(site.litellm.succeeded(response), _Key).info


def _summary(info: _Info) -> str:
    until = f"until {_date(info.expires)}" if info.expires else "without an end"
    return f"key {info.key_alias or 'without alias'} {'blocked, ' if info.blocked else ''}{until}"


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
