"""A new image takes no pod away before another is ready."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.model.given import found, in_region, judged, observe, settings
from workshop.model.observations import Found, PatchTarget

PATCH = '{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}}'


def told(replicas: int = 2, *, is_changed: bool = True, scope: str = "all", **strategy: str) -> list[str]:
    """What is refused where the server is replaced like this. is_changed: whether it runs another image."""
    given = settings(
        server={"namespace": "coder", "deployment": "coder", "container": "coder", "replicas": replicas}, scope=scope
    )
    observed: Any = observe(given).regions["us-east-2"].deployments
    server: Found[PatchTarget] = observed["coder/coder"]
    images = {} if is_changed else {"images": {"coder": f"registry/coder-preview@{given.image.digest}"}}
    changed = found(replace(server.value, **images, **strategy))
    here = in_region("us-east-2", deployments={**observed, "coder/coder": changed})
    return [one for one in judged(given, observe(given, here)) if one.startswith("[rollout-strategy]")]


def test_the_defaults_replace_two_pods_one_by_one() -> None:
    assert told() == []


def test_what_takes_a_pod_away_is_refused_with_the_command() -> None:
    assert told(8) == [
        "[rollout-strategy] Deployment coder/coder in us-east-2: of 8 pods it takes 2 away and adds 2 first "
        "(maxUnavailable 25%, maxSurge 25%); 0 and at least 1 are needed; an image that does not start would leave "
        "fewer pods than there are now: kubectl --context coder-ohio -n coder patch deployment coder -p "
        f"'{PATCH}', and set it where the Deployment comes from"
    ]


@pytest.mark.parametrize(
    ("replicas", "strategy", "is_refused"),
    [
        (3, {}, False),
        (4, {}, True),
        (4, {"max_unavailable": "24%"}, False),
        (4, {"max_unavailable": "0"}, False),
        (1, {"max_surge": "1%", "max_unavailable": "99%"}, False),
        (2, {"max_unavailable": "1"}, True),
        (2, {"max_surge": "0", "max_unavailable": "0%"}, True),
        (2, {"max_surge": "0%"}, True),
        (100, {"max_surge": "1", "max_unavailable": "0"}, False),
    ],
)
def test_percentages_round_as_kubernetes_rounds_them(replicas: int, strategy: dict[str, str], is_refused: bool) -> None:
    assert bool(told(replicas, is_changed=True, scope="all", **strategy)) is is_refused


def test_a_strategy_that_ends_all_first_is_refused() -> None:
    (refused,) = told(strategy="Recreate")
    assert "its strategy is Recreate, which ends every pod first; RollingUpdate is needed" in refused


def test_nothing_is_replaced_where_the_image_stays_or_nothing_is_patched() -> None:
    assert told(8, is_changed=False) == []
    assert told(8, scope="registry") == []


def test_proxies_count_too() -> None:
    given = settings()
    observed: Any = observe(given).regions["eu-west-2"].deployments
    proxy: Found[PatchTarget] = observed["coder-proxy/coder"]
    deployments = {**observed, "coder-proxy/coder": found(replace(proxy.value, max_unavailable="1"))}
    (refused,) = judged(given, observe(given, in_region("eu-west-2", deployments=deployments)))
    assert refused.startswith("[rollout-strategy] Deployment coder-proxy/coder in eu-west-2")


def test_what_was_not_found_is_another_rules() -> None:
    given = settings()
    told = judged(given, observe(given, in_region("us-east-2", deployments={})))
    assert not [one for one in told if one.startswith("[rollout-strategy]")]
