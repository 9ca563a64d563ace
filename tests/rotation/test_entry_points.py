"""What each entry point does and says, by what it meets: __snapshots__ has every outcome in full.

`pytest --snapshot-update tests/rotation/test_entry_points.py` writes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

import workshop.rotation.__main__ as entry_points
from tests.answering import Answer, Answering, answering, cron_job, environment, job, secret
from workshop.model.rotation import (
    ALERT_VARIABLE,
    MASTER_KEY_VARIABLE,
    CheckRequest,
    CopyRequest,
    CronJobName,
    Document,
    IssueRequest,
    KeyCopy,
    ResumeRequest,
    RevokeRequest,
    StoredKey,
    Target,
)
from workshop.rotation import check, copies

NOW = datetime(2026, 10, 2, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=22)
SPACES = ("coder-ws", "coder-ws-demo")
STORED = StoredKey(name="stored", region="us-east-2")
COPIES = tuple(
    KeyCopy(namespace=space, secret_name="litellm", secret_key="token", cron_job="rotate-key") for space in SPACES
)
URL = "http://litellm"
ISSUE = IssueRequest(litellm_url=URL, alias="ai-coder-workshop-1", user="robot", until=UNTIL, stored=STORED)
REVOKE = RevokeRequest(litellm_url=URL, alias="ai-coder-workshop-1")
COPY = CopyRequest(litellm_url=URL, until=UNTIL, stored=STORED, copies=COPIES)
CHECK = CheckRequest(
    litellm_url=URL,
    run="check-1",
    cron_jobs=tuple(CronJobName(namespace=space, name="rotate-key") for space in SPACES),
    copies=COPIES,
)
RESUME = ResumeRequest(
    after=NOW,
    targets=(
        *(
            Target(api_version="batch/v1", kind="CronJob", namespace=space, name="rotate-key", manager="suspend")
            for space in SPACES
        ),
        Target(api_version="karpenter.sh/v1", kind="NodePool", name="coder-ws-all", manager="limits"),
    ),
)
SECRETS = [f"/api/v1/namespaces/{space}/secrets/litellm" for space in SPACES]
CRON_JOBS = [f"/apis/batch/v1/namespaces/{space}/cronjobs/rotate-key" for space in SPACES]
JOBS = [f"/apis/batch/v1/namespaces/{space}/jobs" for space in SPACES]
POOL = "/apis/karpenter.sh/v1/nodepools/coder-ws-all"
FORBIDDEN = (403, {"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "sk-shown"})

Answers = Mapping[str, Answer | Sequence[Answer]]


def info(alias: str = "ai-coder-workshop-1", expires: datetime = UNTIL) -> Answer:
    return 200, {"info": {"key_alias": alias, "expires": expires.isoformat()}}


def stored(key: str) -> Answer:
    return 200, {"Name": "stored", "SecretString": f'{{"LITELLM_MASTER_KEY": "{key}"}}'}


def listed(*jobs: Mapping[str, Any]) -> Answer:
    return 200, {"kind": "List", "metadata": {}, "items": list(jobs)}


NONE_STORED = (400, {"__type": "ResourceNotFoundException", "message": "none"})
NOT_TAKEN: Answer = (401, {"error": {"type": "token_not_found_in_db", "message": "Invalid proxy server token"}})
NO_DATABASE: Answer = (401, {"error": {"type": "auth_error", "message": "Authentication Error, Can't reach database"}})
POOL_IS_OPEN = (200, {"kind": "NodePool", "metadata": {"name": "coder-ws-all"}, "spec": {}})
KEY = {"POST GetSecretValue": stored("sk-1"), "GET /key/info": info()}
WRITABLE: Answers = {"POST PutSecretValue": (200, {}), "POST /key/generate": (200, {"key": "sk-new"})}
HELD = {f"GET {path}": cron_job(suspend=True) for path in CRON_JOBS}
AT_REST = {f"GET {path}": listed(job("done", "Complete")) for path in JOBS}
SAME = {f"GET {path}": secret("sk-1") for path in SECRETS}
RUNNING = {f"GET {path}": cron_job() for path in CRON_JOBS}
RAN = {f"GET {path}/check-1": (200, job("check-1", "Complete")) for path in JOBS}
ROTATED = {f"GET {path}": secret("sk-rotated") for path in SECRETS}

SCENARIOS: Mapping[str, tuple[str, Document, Answers]] = {
    "issue: none is stored": (
        "issue",
        ISSUE,
        {"POST GetSecretValue": [NONE_STORED, stored("sk-new")], "GET /key/info": info(), **WRITABLE},
    ),
    "issue: it is there": ("issue", ISSUE, KEY),
    "revoke": ("revoke", REVOKE, {"POST /key/delete": (200, {"deleted_keys": []})}),
    "revoke: it is gone": ("revoke", REVOKE, {"POST /key/delete": (404, {"error": {"param": None}})}),
    "revoke: refused": ("revoke", REVOKE, {"POST /key/delete": (401, {})}),
    "issue: it ends too soon": (
        "issue",
        ISSUE,
        {**KEY, "GET /key/info": [info(expires=UNTIL - timedelta(hours=1)), info()], "POST /key/update": (200, {})},
    ),
    "issue: it goes on ending too soon": (
        "issue",
        ISSUE,
        {**KEY, "GET /key/info": info(expires=UNTIL - timedelta(hours=1)), "POST /key/update": (200, {})},
    ),
    "issue: another's is stored": ("issue", ISSUE, {**KEY, "GET /key/info": [info("litellm-tmp"), info()], **WRITABLE}),
    "issue: a dead one is stored": ("issue", ISSUE, {**KEY, "GET /key/info": [NOT_TAKEN, info()], **WRITABLE}),
    "issue: the stored one can't be checked": ("issue", ISSUE, {**KEY, "GET /key/info": NO_DATABASE, **WRITABLE}),
    "issue: it is not confirmed": ("issue", ISSUE, {**KEY, "GET /key/info": NOT_TAKEN, **WRITABLE}),
    "issue: another's is confirmed": ("issue", ISSUE, {**KEY, "GET /key/info": info("litellm-tmp"), **WRITABLE}),
    "copy: one differs": (
        "copy",
        COPY,
        {
            **KEY,
            **SAME,
            f"GET {SECRETS[1]}": [secret("sk-old"), secret("sk-1")],
            f"PATCH {SECRETS[1]}": secret("sk-1"),
        },
    ),
    "copy: all are the same": ("copy", COPY, {**KEY, **SAME}),
    "copy: one stays different": (
        "copy",
        COPY,
        {**KEY, **SAME, f"GET {SECRETS[1]}": secret("sk-old"), f"PATCH {SECRETS[1]}": secret("sk-1")},
    ),
    "copy: none is stored": ("copy", COPY, {"POST GetSecretValue": NONE_STORED}),
    "copy: it ends too soon": ("copy", COPY, {**KEY, "GET /key/info": info(expires=UNTIL - timedelta(seconds=1))}),
    "verify: all are the same": ("verify", COPY, {**KEY, **SAME, **HELD, **AT_REST}),
    "verify: all differ": (
        "verify",
        COPY,
        {**KEY, **HELD, **AT_REST, **{f"GET {path}": secret("sk-old") for path in SECRETS}},
    ),
    "verify: one is not suspended": ("verify", COPY, {**KEY, **SAME, **HELD, f"GET {CRON_JOBS[1]}": cron_job()}),
    "verify: none is stored": ("verify", COPY, {**HELD, **AT_REST, "POST GetSecretValue": NONE_STORED}),
    "resume: all": (
        "resume",
        RESUME,
        {
            f"PATCH {CRON_JOBS[0]}": cron_job(),
            f"PATCH {CRON_JOBS[1]}": cron_job(suspend=True),
            f"PATCH {POOL}": POOL_IS_OPEN,
        },
    ),
    "resume: too soon": ("resume", RESUME.model_copy(update={"after": NOW + timedelta(seconds=1)}), {}),
    "resume: two are not to be had": (
        "resume",
        RESUME,
        {f"PATCH {CRON_JOBS[0]}": FORBIDDEN, f"PATCH {CRON_JOBS[1]}": cron_job()},
    ),
    "check: all have run": ("check", CHECK, {**RUNNING, **RAN, **ROTATED, "GET /key/info": info("litellm-tmp")}),
    "check: the window's key is there still": ("check", CHECK, {**RUNNING, **RAN, **ROTATED, "GET /key/info": info()}),
    "check: a dead key is there": ("check", CHECK, {**RUNNING, **RAN, **ROTATED, "GET /key/info": NOT_TAKEN}),
    "check: no key is there": ("check", CHECK, {**RUNNING, **RAN, "GET /key/info": info("litellm-tmp")}),
    "check: one is suspended": ("check", CHECK, {**RUNNING, f"GET {CRON_JOBS[1]}": cron_job(suspend=True)}),
    "check: one has failed before": (
        "check",
        CHECK,
        {
            **RUNNING,
            **RAN,
            **ROTATED,
            "GET /key/info": info("litellm-tmp"),
            f"GET {JOBS[0]}/check-1": (200, job("check-1", "Failed")),
            f"GET {JOBS[0]}/check-1-2": [(404, {"code": 404}), (200, job("check-1-2", "Complete"))],
            f"POST {JOBS[0]}": (201, job("check-1-2")),
        },
    ),
    "check: all have failed before": (
        "check",
        CHECK,
        {
            **RUNNING,
            **{
                f"GET {JOBS[0]}/check-1{f'-{number}' if number > 1 else ''}": (200, job("x", "Failed"))
                for number in range(1, 21)
            },
        },
    ),
    "check: one fails": (
        "check",
        CHECK,
        {
            **RUNNING,
            **RAN,
            f"GET {JOBS[0]}/check-1": [(404, {"code": 404}), (200, job("check-1", "Failed"))],
            f"POST {JOBS[0]}": (201, job("check-1")),
        },
    ),
}


def run(command: str, text: str, served: Answering, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What a run says and asks, and how it ends."""
    code = entry_points.main([command, text.replace(URL, served.url)])
    said = capsys.readouterr()
    shown = {"code": code, "out": said.out, "err": said.err}
    assert "sk-" not in said.out + said.err
    return {
        key: value.replace(served.url, URL) if isinstance(value, str) else value for key, value in shown.items()
    } | {"asks": served.names}


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_points, "utc_now", lambda: NOW)
    monkeypatch.setenv(MASTER_KEY_VARIABLE, "sk-master")
    for waiting in (check.check, copies.verify):
        monkeypatch.setattr(waiting, "__defaults__", (must_not_wait,))


def must_not_wait(_seconds: float) -> None:
    raise AssertionError("it waits where nothing is to be waited for")


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_outcome(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
) -> None:
    command, request, answers = SCENARIOS[name]
    with answering(answers) as served:
        environment(monkeypatch, tmp_path, served.url)
        found = run(command, request.text(), served, capsys)
    assert yaml.safe_dump(found, width=1000) == snapshot


def test_a_key_is_issued_by_the_master_key_and_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ALERT_VARIABLE, "780")
    with answering(SCENARIOS["issue: none is stored"][2]) as served:
        environment(monkeypatch, tmp_path, served.url)
        run("issue", ISSUE.text(), served, capsys)
    by_name = {one["name"]: one for one in served.asked}
    assert by_name["POST /key/generate"]["credentials"] == "Bearer sk-master"
    assert by_name["POST /key/generate"]["body"]["duration"] == "80100s"
    assert by_name["POST /key/generate"]["body"]["soft_budget"] == 780
    assert by_name["POST PutSecretValue"]["body"]["SecretString"] == '{"LITELLM_MASTER_KEY": "sk-new"}'
    assert by_name["GET /key/info"]["credentials"] == "Bearer sk-new"


def test_without_a_master_key_nothing_is_issued(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(MASTER_KEY_VARIABLE, "")
    assert entry_points.main(["issue", ISSUE.text()]) == 1
    assert capsys.readouterr().err == (
        "LITELLM_MASTER_KEY is empty: the Secret that workshop:rotation names has no such key\n"
    )


@pytest.mark.parametrize("arguments", [[], ["issue"], ["issue", "{}", "more"], ["other", "{}"]])
def test_called_wrongly(arguments: list[str], capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion) -> None:
    assert entry_points.main(arguments) == 2
    assert capsys.readouterr().err == snapshot(name="usage")


@pytest.mark.parametrize("command", ["issue", "copy", "verify", "resume", "check", "revoke"])
def test_a_request_of_another_version_is_not_carried_out(
    command: str, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    assert entry_points.main([command, '{"litellm_url": "sk-shown", "stored": {"name": 1}}']) == 2
    said = capsys.readouterr().err
    assert "sk-shown" not in said
    assert said == snapshot


def test_a_defect_is_named_by_its_type_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(_text: str) -> str:
        raise ZeroDivisionError("sk-shown")

    monkeypatch.setattr(entry_points, "COMMANDS", {"issue": crash})
    assert entry_points.main(["issue", "{}"]) == 1
    assert capsys.readouterr().err == (
        "failed unexpectedly: ZeroDivisionError: run it again, and report it if it fails again\n"
    )
