"""The exporter beside the sandbox's Coder: what KEDA and Prometheus get, and what they get when Coder is away."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.event.coder.replay import TOKEN, URL
from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.event.coder.client import Coder
from workshop.exporter.__main__ import main
from workshop.exporter.failure import ExporterFailure
from workshop.exporter.jobs import Jobs, JobsCollector, check_token, jobs_of
from workshop.exporter.look import Look
from workshop.exporter.run import run
from workshop.exporter.server import server
from workshop.model.exporter import FRESH_SECONDS, ExportRequest, Queue
from workshop.sandbox.paths import CHECKOUT

NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)
RECORDS = CHECKOUT / "tests" / "sandbox" / "servers" / "coder" / "records"
"""What a real Coder answered, beside what the client is held against."""
ORGANIZATION = "e29f84cd-b298-49ae-88c4-24bd2aa88ee9"
REGIONS = ("us-east-2", "us-west-2")
REQUEST = ExportRequest(coder_url=URL, organization="coder", regions=REGIONS, until=NOW)


def job(number: int, status: str, **tags: str) -> dict[str, object]:
    found: dict[str, object] = {"id": str(number), "created_at": NOW.isoformat(), "status": status}
    return found | {"tags": {"scope": "organization", "owner": ""} | tags}


class Answers:
    """A Coder of one organization. jobs: what it lists, or what happens instead; expires: its token."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, object]] | Exception | int = []
        self.expires = NOW + timedelta(days=30)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/organizations/coder"):
            return httpx.Response(200, json={"id": ORGANIZATION, "name": "coder"})
        if path.endswith("/keys/tokens"):
            mine = {"id": TOKEN.partition("-")[0], "token_name": "mine", "expires_at": self.expires.isoformat()}
            return httpx.Response(200, json=[mine | {"id": "other"}, mine])
        assert dict(request.url.params)["status"] == "pending,running,canceling"
        if isinstance(self.jobs, Exception):
            raise self.jobs
        if isinstance(self.jobs, int):
            return httpx.Response(self.jobs, json={"message": "Resource not found or you do not have access."})
        return httpx.Response(200, json=self.jobs)

    def client(self) -> Coder:
        return Coder(URL, TOKEN, transport=httpx.MockTransport(self), sleep=lambda _: None)


@contextmanager
def exporting(coder: Coder, until: datetime = NOW) -> Generator[str]:
    """The URL of an exporter that runs, once it has looked at Coder."""
    stopped, listening = Event(), server("127.0.0.1", 0)
    request = REQUEST.model_copy(update={"until": until})
    thread = Thread(target=run, args=(request, coder, listening, stopped))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        stopped.set()
        thread.join()


def until_seen(url: str) -> httpx.Response:
    """What KEDA gets for the first region, once there is an answer."""
    while (answer := httpx.get(f"{url}/queue/us-east-2")).status_code == 503:
        pass
    return answer


def samples(text: str) -> dict[tuple[str, str, str], float]:
    """By name, region or look, and status."""
    return {
        (one.name, one.labels.get("region", one.labels.get("look", "")), one.labels.get("status", "")): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_keda_and_prometheus_are_told_of_the_queue() -> None:
    answers = Answers()
    answers.jobs = [job(1, "pending", region="us-east-2"), job(2, "running", region="us-east-2")]
    answers.jobs += [job(3, "canceling", region="us-east-2"), job(4, "pending")]
    with answers.client() as coder, exporting(coder) as url:
        queue = until_seen(url).json()
        assert (queue["pending"], queue["running"], queue["age_seconds"] < FRESH_SECONDS) == (1, 2, True)
        assert httpx.get(f"{url}/queue/us-west-2").json()["pending"] == 0
        assert (httpx.get(f"{url}/healthz").status_code, httpx.get(f"{url}/readyz").status_code) == (200, 200)
        found = samples(httpx.get(f"{url}/metrics").text)
    assert found["workshop_provisioner_jobs", "us-east-2", "pending"] == 1
    assert found["workshop_provisioner_jobs", "us-east-2", "running"] == 2
    assert found["workshop_provisioner_jobs", "", "pending"] == 1
    assert found["workshop_look_success", "coder_jobs", ""] == 1
    assert found["workshop_coder_token_expiry_timestamp_seconds", "", ""] == answers.expires.timestamp()


@pytest.mark.parametrize("path", ["/queue/", "/queue/eu-west-2", "/queue", "/"])
def test_nothing_else_is_there(path: str) -> None:
    with Answers().client() as coder, exporting(coder) as url:
        until_seen(url)
        assert httpx.get(f"{url}{path}").status_code == 404


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (httpx.ConnectError("refused"), "Coder can't be reached: refused"),
        (404, "give the token's user the role organization-template-admin in coder"),
    ],
    ids=["away", "no rights"],
)
def test_without_coder_there_is_no_number_and_which_upstream_fails(failure: Exception | int, said: str) -> None:
    answers = Answers()
    answers.jobs = failure
    with answers.client() as coder, exporting(coder) as url:
        while said not in (health := httpx.get(f"{url}/healthz")).text:
            pass
        assert (health.status_code, httpx.get(f"{url}/readyz").status_code) == (503, 503)
        queue = httpx.get(f"{url}/queue/us-east-2")
        assert (queue.status_code, said in queue.json()["error"]) == (503, True)
        found = samples(httpx.get(f"{url}/metrics").text)
    assert found["workshop_look_success", "coder_jobs", ""] == 0
    assert not any(name == "workshop_provisioner_jobs" for name, _, _ in found)


def test_an_old_number_is_none() -> None:
    clock = [NOW]
    answers = Answers()
    with answers.client() as coder:
        look: Look[Jobs] = Look(
            "coder_jobs", lambda: jobs_of(REQUEST, coder), lambda: clock[0], fresh_seconds=FRESH_SECONDS
        )
        look.once()
        assert look.fresh is not None
        answers.jobs = httpx.ConnectError("refused")
        clock[0] += timedelta(seconds=FRESH_SECONDS)
        look.once()
        assert (look.fresh is not None, look.failure) == (True, "Coder can't be reached: refused")
        clock[0] += timedelta(seconds=1)
        assert look.fresh is None
        assert [family.samples for family in JobsCollector(look, "coder").collect()] == [[], []]


def test_a_failure_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    failures: Iterator[Exception] = iter([ValueError("a"), ValueError("a"), KeyError(), ValueError("a")])

    def ask() -> None:
        raise next(failures)

    look: Look[None] = Look("coder_jobs", ask, lambda: NOW, fresh_seconds=1)
    for _ in range(4):
        look.once()
    assert capsys.readouterr().err == "coder_jobs: a\ncoder_jobs: KeyError\ncoder_jobs: a\n"


def test_a_token_that_ends_before_it_is_needed_is_refused() -> None:
    answers = Answers()
    with answers.client() as coder, pytest.raises(ExporterFailure) as refused:
        run(
            REQUEST.model_copy(update={"until": answers.expires + timedelta(minutes=1)}),
            coder,
            server("127.0.0.1", 0),
            Event(),
        )
    assert str(refused.value).startswith(
        "the exporter's token for Coder expires at 2027-01-02 09:00 UTC, it is needed until 2027-01-02 09:01 UTC"
    )
    check_token(Jobs(queues={}, token_expires_at=None), NOW)
    check_token(Jobs(queues={}, token_expires_at=NOW), NOW)


def test_it_works_on_a_member_with_the_one_role(tmp_path: Path) -> None:
    sandbox = Server(sandbox_paths(tmp_path))
    sandbox.keep(pending={"coder": 3})
    for role, is_enough in (("organization-template-admin", True), ("organization-auditor", False)):
        token = sandbox.user(role.replace("organization-", ""), role)
        with Coder("http://127.0.0.1/coder", token, transport=httpx.WSGITransport(app=sandbox.coder)) as coder:
            if is_enough:
                found = jobs_of(REQUEST, coder)
                assert found.queues[""] == Queue(pending=3)
                assert found.token_expires_at is not None
            else:
                with pytest.raises(ExporterFailure, match="organization-template-admin in coder"):
                    jobs_of(REQUEST, coder)


def test_jobs_of_a_real_coder_are_read() -> None:
    listed = [
        one
        for name in ("601-provisionerjobs-as-owner", "418-jobs-pending-while-building")
        for one in json.loads((RECORDS / f"{name}.json").read_bytes())["response_body"]
    ]
    answers = Answers()
    answers.jobs = listed
    with answers.client() as coder:
        found = jobs_of(REQUEST, coder)
    assert sum(queue.pending + queue.running for queue in found.queues.values()) == len(listed)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "usage: python -m workshop.exporter export REQUEST"),
        (["look", "{}"], "usage: python -m workshop.exporter export REQUEST"),
        (["export", "{}"], "the request can't be read: coder_url, organization, regions:"),
    ],
)
def test_a_wrong_call_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(said)


def test_no_token_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODER_SESSION_TOKEN", raising=False)
    assert main(["export", json.dumps(REQUEST.model_dump(mode="json"))]) == 1
    assert capsys.readouterr().err == "the token for Coder is empty, or has characters that no token has\n"
