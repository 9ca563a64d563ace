"""issue: a key of LiteLLM that outlives the window, in AWS Secrets Manager."""

from __future__ import annotations

from datetime import datetime

from workshop.model.rotation import IssueRequest
from workshop.rotation.failure import RotationFailure
from workshop.rotation.litellm import KeyInfo, LiteLLM, life_until
from workshop.rotation.stored_key import KeyStore


def issue(
    request: IssueRequest,
    litellm: LiteLLM,
    store: KeyStore,
    master_key: str,
    now: datetime,
    alert_usd: int | None = None,
) -> str:
    """Finds the stored key alive, extends its life, or issues one; answers what it did. Raises RotationFailure.

    alert_usd: what a new key may spend before it is worth an alert; None where the program names no such level.

    A run that was interrupted before its key was stored leaves a key that nobody knows, and the next run issues one.
    """
    key = store.read()
    found = litellm.info(key) if key else None
    life = life_until(request.until, now)
    if key is None or found is None or not found.is_ours():
        key, _ = litellm.issue(master_key, request.alias, request.user, life, alert_usd)
        store.write(key)
        done = "issued and stored"
    elif not found.lives_until(request.until):
        litellm.extend(master_key, key, life)
        done = "existed and was extended"
    else:
        done = "existed"
    confirmed = confirm(litellm, store.read(), request.until)
    return f"key {confirmed.key_alias} {done}; LiteLLM accepts it until {confirmed.expires}"


def confirm(litellm: LiteLLM, key: str | None, until: datetime) -> KeyInfo:
    """What LiteLLM says of the stored key. Raises RotationFailure unless it is ours and lives until then."""
    info = litellm.info(key) if key else None
    if info is None or not info.is_ours():
        raise RotationFailure("LiteLLM does not know the stored key as one of this project's: run up again")
    if not info.lives_until(until):
        raise RotationFailure(f"key {info.key_alias} expires at {info.expires}, must live until {until}: run up again")
    return info
