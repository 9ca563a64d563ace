"""Whether a region's wildcard is served."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import Answer, results, same, site, token
from workshop.checks.coder.proxies import SubdomainApps

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
DOMAINS = ("ai.coder.com", "oregon-proxy.ai.coder.com", "emea-proxy.ai.coder.com")
JSON = {"content-type": "application/json; charset=utf-8"}
AT_DOORS: Mapping[str, Answer] = {
    "an app's own page": (404, "<html>", {"content-type": "text/html"}),
    "a JSON refusal": (404, {}, JSON),
    "a page": (200, "<html>", {"content-type": "text/html"}),
    "without a type": (200, ""),
    "the dashboard": (200, {}, JSON),
    "broken": (500, ""),
}


@pytest.mark.parametrize("name", AT_DOORS)
def test_of_the_wildcards(name: str, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    monkeypatch.setattr("secrets.token_hex", token())
    path = f"check-1.{DOMAINS[1]}/api/v2/buildinfo"
    same(results(SubdomainApps(), site(hosts={path: AT_DOORS[name]}), OREGON), snapshot)
