"""LiteLLM's key management: as little of it as this project needs, by its version 1.72.6."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import httpx
from pydantic import AwareDatetime, BaseModel, ValidationError

from workshop.model.litellm import refuses_key
from workshop.model.names import MARK
from workshop.rotation.failure import RotationFailure, named

TIMEOUT_SECONDS: Final = 30

CLOCK_TOLERANCE: Final = timedelta(minutes=15)
"""LiteLLM counts a key's life on its own clock, which may be ten minutes off."""

_MOST_ALIASES: Final = 20


class _Issued(BaseModel):
    key: str


class KeyInfo(BaseModel):
    """What LiteLLM says of a key. expires: None for one that never does."""

    key_alias: str | None = None
    expires: AwareDatetime | None = None

    def is_ours(self) -> bool:
        """Whether this project issued it."""
        return (self.key_alias or "").startswith(f"{MARK}-")

    def lives_until(self, moment: datetime) -> bool:
        """Whether it does not expire before a moment."""
        return self.expires is None or self.expires >= moment


class _KeyAnswer(BaseModel):
    info: KeyInfo


class _Problem(BaseModel):
    param: str | None = None


class _Refusal(BaseModel):
    error: _Problem


class LiteLLM:
    """One proxy. Every method raises RotationFailure where it gives no answer, or one that can't be read."""

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.Client(timeout=timeout_seconds, transport=httpx.HTTPTransport(retries=2))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._client.close()

    def info(self, key: str) -> KeyInfo | None:
        """What LiteLLM says of a key, asked with that key, so that it works; None for one that it does not accept.

        Where it can't check the key, since its database is away, that is no answer: another key would be one too many.
        The key travels in a header: as a query it would be in access logs.
        """
        response = self._ask("GET", "/key/info", key)
        if not response.is_success and refuses_key(response.content):
            return None
        if response.status_code in (401, 403):
            raise RotationFailure(
                f"LiteLLM at {self._url} could not check the key ({response.status_code}): see "
                "whether its /health/readiness says db: connected, then run up again"
            )
        self._expect_success(response, "GET /key/info")
        with named(f"LiteLLM at {self._url} answered GET /key/info without a key's data", ValidationError):
            return _KeyAnswer.model_validate_json(response.content).info

    def issue(self, master_key: str, alias: str, user: str, life: timedelta, alert_usd: int | None) -> tuple[str, str]:
        """A new key and its alias: the one asked for, numbered where that is taken.

        A key that was issued and never stored keeps its alias until it is revoked or expires; nobody knows it.
        alert_usd: LiteLLM's soft budget, which alerts where it has `alerting`, and refuses nothing; None: none.
        """
        body = {
            "user_id": user,
            "duration": _seconds(life),
            "metadata": {"managed-by": MARK},
            **({} if alert_usd is None else {"soft_budget": alert_usd}),
        }
        for name in _aliases(alias):
            response = self._ask("POST", "/key/generate", master_key, {"key_alias": name, **body})
            if response.status_code == 400 and _complains_about(response, "key_alias"):
                continue
            self._expect_success(response, "POST /key/generate")
            with named(f"LiteLLM at {self._url} answered POST /key/generate without a key", ValueError):
                return _Issued.model_validate_json(response.content).key, name
        raise RotationFailure(
            f"LiteLLM at {self._url} has {_MOST_ALIASES} keys named {alias} already: repeated runs did not store "
            "theirs: delete them in LiteLLM and check why"
        )

    def extend(self, master_key: str, key: str, life: timedelta) -> None:
        """Lets a key live that long from now on."""
        response = self._ask("POST", "/key/update", master_key, {"key": key, "duration": _seconds(life)})
        self._expect_success(response, "POST /key/update")

    def revoke(self, master_key: str, alias: str) -> bool:
        """Deletes the keys of an alias, numbered ones too; whether there were any.

        LiteLLM deletes those that there are, and answers 404 where there is none; its replicas forget a key within a
        minute.
        """
        response = self._ask("POST", "/key/delete", master_key, {"key_aliases": [*_aliases(alias)]})
        if response.status_code == 404 and _refusal(response):
            return False
        self._expect_success(response, "POST /key/delete")
        return True

    def _ask(self, method: str, path: str, key: str, body: dict[str, Any] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        with named(f"LiteLLM at {self._url} did not answer {method} {path}", httpx.HTTPError):
            return self._client.request(method, f"{self._url}{path}", headers=headers, json=body)

    def _expect_success(self, response: httpx.Response, what: str) -> None:
        if response.is_success:
            return
        hint = ""
        if response.status_code in (401, 403):
            hint = ": the master key in the Secret that workshop:rotation names is not LiteLLM's"
        raise RotationFailure(f"LiteLLM at {self._url} answered {response.status_code} to {what}{hint}")


def _aliases(alias: str) -> tuple[str, ...]:
    """What a key may be called for which this alias is asked."""
    return (alias, *(f"{alias}-{number}" for number in range(2, _MOST_ALIASES + 1)))


def life_until(moment: datetime, now: datetime) -> timedelta:
    """How long a key has to live that must not expire before a moment."""
    return moment - now + CLOCK_TOLERANCE


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def _seconds(life: timedelta) -> str:
    return f"{int(life.total_seconds())}s"


def _complains_about(response: httpx.Response, parameter: str) -> bool:
    refusal = _refusal(response)
    return refusal is not None and refusal.error.param == parameter


def _refusal(response: httpx.Response) -> _Refusal | None:
    """An error as LiteLLM words it, which a proxy before it does not."""
    try:
        return _Refusal.model_validate_json(response.content)
    except ValidationError:
        return None
