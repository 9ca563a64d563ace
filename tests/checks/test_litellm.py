"""What LiteLLM says of itself and of the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import Answers, later, results, same, site
from workshop.checks.litellm import LiteLLMKey, LiteLLMKeyLasts, LiteLLMReady

READINESS = "LiteLLM GET /health/readiness"
KEY_INFO = "LiteLLM GET /key/info"


def key(**content: object) -> Answers:
    return {KEY_INFO: (200, {"info": {"key_alias": "k", **content}})}


def ends(**left: float) -> Answers:
    """A key that was issued for long."""
    return key(created_at=later(days=-30), expires=later(**left))


LITELLM: Mapping[str, Answers] = {
    "without an end": key(),
    "without an alias": {KEY_INFO: (200, {"info": {}})},
    "not taken (400)": {KEY_INFO: (400, {})},
    "not taken (401)": {KEY_INFO: (401, {})},
    "not answered (403)": {KEY_INFO: (403, {})},
    "blocked": key(blocked=True, expires=later(days=30)),
    "ended just now": key(expires=later(days=0)),
    "ends in a second": key(expires=later(seconds=1)),
    "ends with the window": key(expires="2026-10-02T22:00:00Z"),
    "ends before the window": key(expires="2026-10-02T21:59:59Z"),
    "long, one day left": ends(days=1),
    "long, three days left": ends(days=3),
    "long, seven days left": ends(days=7),
    "long, more than seven days left": ends(days=7, seconds=1),
    "issued for seven days": key(created_at=later(days=-1), expires=later(days=6)),
    "issued for longer": key(created_at=later(days=-1), expires=later(days=6, seconds=1)),
}


@pytest.mark.parametrize("name", LITELLM)
def test_of_litellms_key(name: str, snapshot: SnapshotAssertion) -> None:
    with_window, without = site(LITELLM[name]), site(LITELLM[name], window=None)
    checks = (LiteLLMKey(), LiteLLMKeyLasts())
    same([[check.id, results(check, here)] for check in checks for here in (with_window, without)], snapshot)


@pytest.mark.parametrize(
    "answer",
    [
        {"db": "connected", "litellm_version": "1.72.6", "status": "healthy"},
        {"db": "connected"},
        {"db": "Not connected", "litellm_version": "1.72.6"},
    ],
    ids=str,
)
def test_of_litellms_readiness(answer: Mapping[str, str], snapshot: SnapshotAssertion) -> None:
    here = site({READINESS: (200, answer)})
    same(results(LiteLLMReady(), here), snapshot)
    litellm: Any = here.systems.litellm
    assert "Authorization" not in litellm.sent[0].headers
