"""What the entry points ask of the cluster, LiteLLM and Secrets Manager, and what they make of each answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tests.answering import Answer, answering, cron_job, environment, job, secret
from workshop.model.rotation import KeyCopy, StoredKey, Target
from workshop.rotation.cluster import Cluster, ended
from workshop.rotation.failure import RotationFailure
from workshop.rotation.litellm import CLOCK_TOLERANCE, TIMEOUT_SECONDS, KeyInfo, LiteLLM, life_until, utc_now
from workshop.rotation.stored_key import KeyStore

COPY = KeyCopy(namespace="coder-ws", secret_name="litellm", secret_key="token", cron_job="rotate-key")
SECRET = "/api/v1/namespaces/coder-ws/secrets/litellm"
CRON_JOB = "/apis/batch/v1/namespaces/coder-ws/cronjobs/rotate-key"
JOBS = "/apis/batch/v1/namespaces/coder-ws/jobs"
POOL = "/apis/karpenter.sh/v1/nodepools/coder-ws-all"
FORBIDDEN = (403, {"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "sk-shown"})
INVALID = (422, {"kind": "Status", "status": "Failure", "code": 422, "reason": "Invalid", "message": "sk-shown"})
NOON = datetime(2026, 10, 2, 12, tzinfo=UTC)
SUSPENDED = Target(api_version="batch/v1", kind="CronJob", namespace="coder-ws", name="rotate-key", manager="suspend")
CLOSED = Target(api_version="karpenter.sh/v1", kind="NodePool", name="coder-ws-all", manager="limits")
ALL_JOBS: Mapping[str, Any] = {
    "kind": "List",
    "metadata": {},
    "items": [
        job("runs"),
        job("done", "Complete"),
        job("broken", "Failed"),
        job("else", owner="other"),
        job("hand", kind="Job"),
        {**job("alone"), "metadata": {"name": "alone"}},
    ],
}

OF_CLUSTERS: Mapping[str, tuple[Callable[[Cluster], object], Mapping[str, Answer]]] = {
    "a key": (lambda one: one.key(COPY), {f"GET {SECRET}": secret("sk-1")}),
    "a Secret without data": (lambda one: one.key(COPY), {f"GET {SECRET}": secret()}),
    "a Secret without the key": (lambda one: one.key(COPY), {f"GET {SECRET}": secret("sk-1", "other")}),
    "a key that is no base64": (
        lambda one: one.key(COPY),
        {f"GET {SECRET}": (200, {"kind": "Secret", "data": {"token": "c2s!tMQ=="}, "metadata": {"name": "litellm"}})},
    ),
    "no Secret": (lambda one: one.key(COPY), {}),
    "a Secret that may not be read": (lambda one: one.key(COPY), {f"GET {SECRET}": FORBIDDEN}),
    "a key is written": (lambda one: one.write_key(COPY, "sk-2"), {f"PATCH {SECRET}": secret("sk-2")}),
    "a key is written nowhere": (lambda one: one.write_key(COPY, "sk-2"), {}),
    "suspended": (lambda one: one.is_suspended("coder-ws", "rotate-key"), {f"GET {CRON_JOB}": cron_job(suspend=True)}),
    "not suspended": (lambda one: one.is_suspended("coder-ws", "rotate-key"), {f"GET {CRON_JOB}": cron_job()}),
    "no CronJob": (lambda one: one.is_suspended("coder-ws", "rotate-key"), {}),
    "running Jobs": (lambda one: one.running_jobs("coder-ws", "rotate-key"), {f"GET {JOBS}": (200, ALL_JOBS)}),
    "Jobs that may not be listed": (lambda one: one.running_jobs("coder-ws", "rotate-key"), {f"GET {JOBS}": FORBIDDEN}),
    "a Job is started": (
        lambda one: one.start("coder-ws", "rotate-key", "now"),
        {f"GET {CRON_JOB}": cron_job(suspend=False), f"POST {JOBS}": (201, job("now"))},
    ),
    "a Job of no CronJob": (lambda one: one.start("coder-ws", "rotate-key", "now"), {}),
    "a Job that may not be started": (
        lambda one: one.start("coder-ws", "rotate-key", "now"),
        {f"GET {CRON_JOB}": cron_job(), f"POST {JOBS}": FORBIDDEN},
    ),
    "a Job that admission refuses": (
        lambda one: one.start("coder-ws", "rotate-key", "now"),
        {f"GET {CRON_JOB}": cron_job(), f"POST {JOBS}": INVALID},
    ),
    "a Job": (lambda one: one.job("coder-ws", "now"), {f"GET {JOBS}/now": (200, job("now", "Complete"))}),
    "no Job": (lambda one: one.job("coder-ws", "now"), {}),
    "a Job that may not be read": (lambda one: one.job("coder-ws", "now"), {f"GET {JOBS}/now": FORBIDDEN}),
    "released in a namespace": (lambda one: one.release(SUSPENDED), {f"PATCH {CRON_JOB}": cron_job(suspend=False)}),
    "released in the cluster": (
        lambda one: one.release(CLOSED),
        {f"PATCH {POOL}": (200, {"kind": "NodePool", "metadata": {"name": "coder-ws-all"}, "spec": {}})},
    ),
    "released where it is not": (lambda one: one.release(CLOSED), {}),
    "nonsense": (lambda one: one.key(COPY), {f"GET {SECRET}": (200, "<html>sk-shown")}),
}


def outcome(ask: Callable[[], object]) -> object:
    """What it answers, or says."""
    try:
        return ask()
    except RotationFailure as failure:
        return {"fails": str(failure)}


@pytest.mark.parametrize("name", OF_CLUSTERS)
def test_the_cluster(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    ask, answers = OF_CLUSTERS[name]
    with answering(answers) as served:
        environment(monkeypatch, tmp_path, served.url)
        with Cluster() as cluster:
            found = outcome(lambda: ask(cluster))
    assert "sk-shown" not in str(found)
    assert yaml.safe_dump({"answers": found, "asks": served.asked}, width=1000) == snapshot


def test_a_cluster_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering({}) as served:
        environment(monkeypatch, tmp_path, served.url)
    with Cluster() as cluster, pytest.raises(RotationFailure) as failure:
        cluster.key(COPY)
    assert str(failure.value) == "Secret coder-ws/litellm: the API server did not answer: ConnectError"
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(RotationFailure, match=r"^its API: the API server did not answer: ConfigError$"):
        Cluster()


def test_how_a_job_ends() -> None:
    assert ended({}) is None
    assert ended({"status": {"conditions": [{"type": "Failed", "status": "False"}]}}) is None
    assert ended({"status": {"conditions": [{"type": "Suspended", "status": "True"}]}}) is None
    assert ended(job("done", "Complete")) == "Complete"
    assert ended(job("broken", "Failed")) == "Failed"


def info(**content: object) -> Answer:
    return 200, {"info": {"key_alias": "ai-coder-workshop-1", **content}}


TAKEN = (400, {"error": {"message": "sk-shown", "param": "key_alias"}})
ISSUED = (200, {"key": "sk-new"})
LIFE = timedelta(hours=30)


def issue(one: LiteLLM) -> object:
    return one.issue("sk-master", "ai-coder-workshop-1", "robot", LIFE, 780)


def extend(one: LiteLLM) -> object:
    return one.extend("sk-master", "sk-1", LIFE)


def revoke(one: LiteLLM) -> object:
    return one.revoke("sk-master", "ai-coder-workshop-1")


def asks(one: LiteLLM) -> object:
    found = one.info("sk-1")
    return found and found.model_dump(mode="json")


OF_LITELLM: Mapping[str, tuple[Callable[[LiteLLM], object], Mapping[str, Answer | Sequence[Answer]]]] = {
    "a key": (asks, {"GET /llm/key/info": info(expires="2026-10-03T10:00:00Z")}),
    "a key without an end": (asks, {"GET /llm/key/info": info(expires=None)}),
    **{
        f"a key that is answered {status}": (asks, {"GET /llm/key/info": (status, {})})
        for status in (400, 401, 402, 403, 404, 500)
    },
    **{
        f"a key that is refused as {kind}": (asks, {"GET /llm/key/info": (401, {"error": {"type": kind}})})
        for kind in ("token_not_found_in_db", "expired_key", "not_found_error", "auth_error", "no_db_connection")
    },
    "nonsense of a key": (asks, {"GET /llm/key/info": (200, '{"info": "sk-shown"}')}),
    "issued": (issue, {"POST /llm/key/generate": ISSUED}),
    "issued under a further alias": (issue, {"POST /llm/key/generate": [TAKEN, TAKEN, ISSUED]}),
    "all aliases taken": (issue, {"POST /llm/key/generate": TAKEN}),
    "refused for something else": (issue, {"POST /llm/key/generate": (400, {"error": {"param": "duration"}})}),
    "refused without a form": (issue, {"POST /llm/key/generate": (400, "<html>sk-shown")}),
    "refused as somebody else": (issue, {"POST /llm/key/generate": (401, {})}),
    "forbidden": (issue, {"POST /llm/key/generate": (403, {})}),
    "nonsense of a new key": (issue, {"POST /llm/key/generate": (200, '{"key": ["sk-shown"]}')}),
    "extended": (extend, {"POST /llm/key/update": (200, {})}),
    "not extended": (extend, {"POST /llm/key/update": (500, "sk-shown")}),
    "revoked": (revoke, {"POST /llm/key/delete": (200, {"deleted_keys": ["ai-coder-workshop-1"]})}),
    "revoked before": (revoke, {"POST /llm/key/delete": (404, {"error": {"message": "sk-shown", "param": None}})}),
    "revoked nowhere": (revoke, {"POST /llm/key/delete": (404, "<html>sk-shown")}),
    "not revoked": (revoke, {"POST /llm/key/delete": (401, {"error": {"param": "key"}})}),
}


@pytest.mark.parametrize("name", OF_LITELLM)
def test_litellm(name: str, snapshot: SnapshotAssertion) -> None:
    ask, answers = OF_LITELLM[name]
    with answering(answers) as served, LiteLLM(f"{served.url}/llm/") as litellm:
        found = outcome(lambda: ask(litellm))
        text = yaml.safe_dump({"answers": found, "asks": served.asked}, width=1000)
    assert "sk-shown" not in str(found)
    assert text.replace(served.url, "http://litellm") == snapshot


def test_a_litellm_that_is_gone_is_named() -> None:
    with answering({}) as served:
        pass
    with LiteLLM(served.url) as litellm, pytest.raises(RotationFailure) as failure:
        litellm.info("sk-1")
    assert str(failure.value) == f"LiteLLM at {served.url} did not answer GET /key/info: ConnectError"


def test_its_patience_and_its_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    made: list[httpx.Client] = []
    transport, client = httpx.HTTPTransport, httpx.Client

    def with_tries(retries: int) -> httpx.HTTPTransport:
        tries.append(retries)
        return transport(retries=retries)

    monkeypatch.setattr(httpx, "HTTPTransport", with_tries)
    monkeypatch.setattr(httpx, "Client", lambda **options: (made.append(client(**options)), made[-1])[1])  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with LiteLLM("http://litellm"):
        assert tries == [2]
        assert made[0].timeout == httpx.Timeout(30)
    assert made[0].is_closed
    assert TIMEOUT_SECONDS == 30


def test_whose_a_key_is_and_how_long_it_lives() -> None:
    assert KeyInfo(key_alias="ai-coder-workshop-key").is_ours()
    assert not KeyInfo(key_alias="ai-coder-workshop").is_ours()
    assert not KeyInfo(key_alias="litellm-tmp").is_ours()
    assert not KeyInfo().is_ours()
    assert KeyInfo().lives_until(NOON)
    assert KeyInfo(expires=NOON).lives_until(NOON)
    assert not KeyInfo(expires=NOON - timedelta(seconds=1)).lives_until(NOON)


def test_a_life_is_longer_than_clocks_differ() -> None:
    assert timedelta(minutes=15) == CLOCK_TOLERANCE
    assert life_until(NOON + timedelta(hours=30), NOON) == timedelta(hours=30, minutes=15)
    assert utc_now().tzinfo is UTC


def stored(text: str) -> Answer:
    return 200, {"Name": "stored", "SecretString": text}


def missing(kind: str) -> Answer:
    return 400, {"__type": kind, "message": "sk-shown"}


def read(one: KeyStore) -> object:
    return one.read()


def write(one: KeyStore) -> object:
    return one.write("sk-1")


OF_SECRETS_MANAGER: Mapping[str, tuple[Callable[[KeyStore], object], Mapping[str, Answer]]] = {
    "a key": (read, {"POST GetSecretValue": stored('{"LITELLM_MASTER_KEY": "sk-1", "other": 1}')}),
    "no secret": (read, {"POST GetSecretValue": missing("ResourceNotFoundException")}),
    "a secret that may not be read": (read, {"POST GetSecretValue": missing("AccessDeniedException")}),
    "an empty key": (read, {"POST GetSecretValue": stored('{"LITELLM_MASTER_KEY": ""}')}),
    "something else": (read, {"POST GetSecretValue": stored('{"other": "sk-shown"}')}),
    "no text": (read, {"POST GetSecretValue": (200, {"Name": "stored"})}),
    "written": (write, {"POST PutSecretValue": (200, {})}),
    "not written": (write, {"POST PutSecretValue": missing("AccessDeniedException")}),
}


@pytest.mark.parametrize("name", OF_SECRETS_MANAGER)
def test_secrets_manager(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    ask, answers = OF_SECRETS_MANAGER[name]
    with answering(answers) as served:
        environment(monkeypatch, tmp_path, served.url)
        found = outcome(lambda: ask(KeyStore(StoredKey(name="stored", region="us-east-2"))))
    asked: list[dict[str, Any]] = [{key: one[key] for key in ("name", "body")} for one in served.asked]
    for one in asked:
        one["body"].pop("ClientRequestToken", None)
    assert "sk-shown" not in str(found)
    assert yaml.safe_dump({"answers": found, "asks": asked}, width=1000) == snapshot


def test_a_secrets_manager_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering({}) as served:
        environment(monkeypatch, tmp_path, served.url)
    store = KeyStore(StoredKey(name="stored", region="us-east-2"))
    assert str(store) == "AWS Secrets Manager's stored in us-east-2"
    for ask, what in ((store.read, "read"), (lambda: store.write("sk-1"), "written")):
        with pytest.raises(RotationFailure, match=f"^{store} can't be {what}: EndpointConnectionError$"):
            ask()
