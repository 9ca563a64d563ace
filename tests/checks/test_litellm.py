"""What LiteLLM says of itself and of the key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import NOW, Answer, Answers, clusters, later, results, same, site
from workshop.checks.check import Check
from workshop.checks.litellm import LiteLLMKey, LiteLLMKeyLasts, LiteLLMKeyLimits, LiteLLMPods, LiteLLMReady

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
    "expired": {KEY_INFO: (400, {"error": {"type": "expired_key"}})},
    "not known": {KEY_INFO: (401, {"error": {"type": "token_not_found_in_db"}})},
    "not answered (400)": {KEY_INFO: (400, {})},
    "not answered (401)": {KEY_INFO: (401, {})},
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


NO_DATABASE = [
    (401, {"error": {"type": "auth_error", "message": "Authentication Error, Can't reach database server"}}),
    (401, {"error": {"type": "no_db_connection", "message": "No DB Connected"}}),
    (400, {"error": {"type": "auth_error", "message": "All connection attempts failed"}}),
    (401, "<html>401 Authorization Required</html>"),
    (500, {"error": {"type": "internal_server_error"}}),
]


@pytest.mark.parametrize("answer", NO_DATABASE, ids=str)
@pytest.mark.parametrize(
    "check", [LiteLLMKey(), LiteLLMKeyLasts(), LiteLLMKeyLimits()], ids=lambda check: getattr(check, "id", "")
)
def test_preflight_2_a_refusal_that_is_not_of_the_key_is_inconclusive(check: Check, answer: Answer) -> None:
    (result,) = results(check, site({KEY_INFO: answer}))
    assert result["verdict"] == "inconclusive"
    assert f"answered {answer[0]}" in result["found"] if isinstance(answer, tuple) else False


LIMITS: Mapping[str, tuple[Mapping[str, object], str, str]] = {
    "none": ({}, "go", "$0.00 spent, all models"),
    "nulls": ({"max_budget": None, "rpm_limit": None, "models": [], "litellm_budget_table": None}, "go", "all models"),
    "spent": ({"max_budget": 100, "spend": 100.5}, "no-go", "$100.50 of $100.00 are spent"),
    "nearly spent": ({"max_budget": 100, "spend": 80.01}, "no-go", "$80.01 of $100.00 are spent"),
    "a fifth is left": ({"max_budget": 100, "spend": 80}, "go", "$80.00 spent"),
    "no budget at all": ({"max_budget": 0}, "no-go", "$0.00 of $0.00 are spent"),
    "one request": ({"rpm_limit": 1}, "no-go", "1 requests a minute, 100 are needed"),
    "enough requests": ({"rpm_limit": 100}, "go", "all models"),
    "no request": ({"rpm_limit": 0}, "no-go", "0 requests a minute"),
    "few tokens": ({"tpm_limit": 399_999}, "no-go", "399999 tokens a minute, 400000 are needed"),
    "one at a time": ({"max_parallel_requests": 19}, "no-go", "19 requests at a time, 20 are needed"),
    "its budget's": ({"litellm_budget_table": {"rpm_limit": 1}}, "no-go", "1 requests a minute"),
    "its budget's, spent": (
        {"spend": 5, "litellm_budget_table": {"max_budget": 5}},
        "no-go",
        "$5.00 of $5.00 are spent",
    ),
    "one model": ({"models": ["gpt-4o-mini"]}, "inconclusive", "limited to gpt-4o-mini"),
    "a team's": ({"team_id": "42"}, "inconclusive", "the key is of team 42"),
    "a team's, and spent": ({"team_id": "42", "max_budget": 1, "spend": 1}, "no-go", "$1.00 of $1.00 are spent"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_preflight_2_a_key_s_limits_have_to_be_enough_for_all(name: str) -> None:
    limits, verdict, words = LIMITS[name]
    (result,) = results(LiteLLMKeyLimits(), site(key(**limits), users=20))
    assert result["verdict"] == verdict
    assert words in result["found"]


def pod(name: str, *, is_ready: bool = True, ended: timedelta | None = None, waiting: str = "") -> dict[str, Any]:
    last = (
        {"lastState": {"terminated": {"exitCode": 1, "finishedAt": f"{NOW - ended:%Y-%m-%dT%H:%M:%SZ}"}}}
        if ended
        else {}
    )
    state = {"state": {"waiting": {"reason": waiting}}} if waiting else {}
    container = {
        "name": "litellm",
        "image": "l:1",
        "imageID": "l",
        "ready": is_ready,
        "restartCount": 0,
        **last,
        **state,
    }
    return {
        "metadata": {"name": name, "namespace": "litellm", "labels": {"app": "litellm"}},
        "spec": {"containers": [{"name": "litellm"}], "nodeName": "a"},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(is_ready)}],
            "containerStatuses": [container],
        },
    }


LOOPS = timedelta(minutes=9)
PODS: Mapping[str, tuple[list[dict[str, Any]], str, str]] = {
    "all": ([pod(f"p{number}") for number in range(6)], "go", "6 of 6 pods Ready"),
    "none": ([], "no-go", "0 of 0 pods Ready"),
    "too few": ([pod(f"p{number}") for number in range(5)], "no-go", "5 of 5 pods Ready"),
    "none is ready": (
        [pod(f"p{number}", is_ready=False, waiting="CrashLoopBackOff") for number in range(6)],
        "no-go",
        "0 of 6 pods Ready: p0 CrashLoopBackOff",
    ),
    "Ready between two crashes": (
        [*(pod(f"p{number}") for number in range(5)), pod("p5", ended=LOOPS)],
        "no-go",
        "5 of 6 pods Ready: p5 Ready, restarted 11:51 UTC",
    ),
    "recovered": ([pod(f"p{number}", ended=timedelta(minutes=11)) for number in range(6)], "go", "6 of 6 pods Ready"),
    "one too many fails": (
        [*(pod(f"p{number}") for number in range(6)), pod("p6", is_ready=False)],
        "go",
        "6 of 7 pods Ready",
    ),
}


@pytest.mark.parametrize("name", PODS)
def test_preflight_2_its_pods_have_to_run_and_go_on_running(name: str, tmp_path: Path) -> None:
    pods, verdict, words = PODS[name]
    selected: dict[str, Any] = {
        "selector": {"matchLabels": {"app": "litellm"}},
        "template": {"spec": {"containers": []}},
    }
    deployment: dict[str, Any] = {"metadata": {"name": "litellm", "namespace": "litellm"}, "spec": selected}
    objects = {
        "/apis/apps/v1/namespaces/litellm/deployments/litellm": deployment,
        **{f"/api/v1/namespaces/litellm/pods/{one['metadata']['name']}": one for one in pods},
    }
    with clusters(tmp_path, objects) as kubeconfig:
        (result,) = results(LiteLLMPods(), site(kubeconfig=kubeconfig, users=20))
    assert (result["verdict"], result["region"]) == (verdict, "us-east-2")
    assert result["found"].startswith(words)


def test_preflight_2_a_deployment_that_is_not_there_is_no_go(tmp_path: Path) -> None:
    with clusters(tmp_path, {"/api/v1/nodes/a": {"metadata": {"name": "a"}}}) as kubeconfig:
        (result,) = results(LiteLLMPods(), site(kubeconfig=kubeconfig))
    assert (result["verdict"], result["found"]) == ("no-go", "Deployment litellm/litellm not found")
