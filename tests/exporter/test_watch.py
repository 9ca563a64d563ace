"""The exporter beside a sandbox after `up`: what it tells Prometheus, and what it tells when nobody answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.event.coder.replay import URL
from tests.exporter.test_exporter import Answers
from tests.model.given import settings
from workshop.checks.service import Service
from workshop.checks.site import Site
from workshop.exporter.run import run
from workshop.exporter.server import server
from workshop.exporter.watch.planned import planned_samples
from workshop.exporter.watch.sample import Samples
from workshop.exporter.watch.site import in_cluster
from workshop.exporter.watch.verdicts import OF_CLUSTER, OF_STACK, Verdicts
from workshop.model.exporter import ExportRequest, Watch, export_request
from workshop.model.monitoring.metrics import METRICS, Source
from workshop.model.plan.plan import plan_of_event

if TYPE_CHECKING:
    from tests.checks.world import World

HOME = "us-east-2"
WINDOW = {"start": "2026-10-02T11:00-07:00", "duration": "4h"}
START = datetime(2026, 10, 2, 18, tzinfo=UTC)
NOT_YET = {
    "workshop_licence_ends_timestamp_seconds",  # Coder announces it in its last 30 days
    "workshop_workspace_start_seconds",  # nobody has started one
    "workshop_litellm_key_budget_usd",  # the key has none
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    from tests.checks.world import EVERYWHERE, World
    from tests.end_to_end.sandbox import workshop
    from tests.sandbox.servers_for_tests import running

    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        assert workshop(paths, "up", "--users", "20").exit_code == 0
        world = World(paths)
        world.cordon_old_nodes(*EVERYWHERE)
        world.hold_other_pools(*EVERYWHERE)
        world.give_key(hours=48)
        yield world


def exported(site: Callable[[], Site], *, until: Callable[[dict[str, float]], bool]) -> tuple[dict[str, float], float]:
    """What /metrics says by name and labels, once it is so, and how long the last answer took."""
    stopped, listening = Event(), server("127.0.0.1", 0)
    given = site().settings
    request = ExportRequest(
        coder_url=URL, organization="coder", regions=(HOME,), watch=Watch(settings=given, region=HOME)
    )
    with Answers().client() as coder:
        thread = Thread(target=run, args=(request, coder, listening, stopped, site))
        thread.start()
        try:
            for _ in range(600):
                began = time.monotonic()
                text = httpx.get(f"http://127.0.0.1:{listening.server_port}/metrics", timeout=10).text
                took = time.monotonic() - began
                found = {
                    one.name + json.dumps(one.labels, sort_keys=True): one.value
                    for family in text_string_to_metric_families(text)
                    for one in family.samples
                }
                if until(found):
                    return found, took
                time.sleep(0.1)
            raise TimeoutError("what was waited for was never exported")
        finally:
            stopped.set()
            thread.join()


def names(found: dict[str, float]) -> set[str]:
    return {one.partition("{")[0] for one in found}


def of_look(look: str) -> str:
    return f'workshop_look_success{{"look": "{look}"}}'


LOOKS = ("checks", f"cluster {HOME}", "litellm key", "coder provisioners", "coder workspaces", "coder licence")


def test_what_alerts_use_is_exported(world: World) -> None:
    found, _ = exported(world.site, until=lambda found: all(found.get(of_look(look)) == 1 for look in LOOKS))
    assert {one.name for one in METRICS if one.source is Source.EXPORTER} - names(found) == NOT_YET
    verdicts = {key: value for key, value in found.items() if key.startswith("workshop_check_verdict")}
    for check in ("litellm-ready", "litellm-key"):
        assert verdicts[f'workshop_check_verdict{{"check": "{check}", "region": ""}}'] == 0
    for check in ("running-digests", "other-pools", "hosts-resolve", "subdomain-apps"):
        assert verdicts[f'workshop_check_verdict{{"check": "{check}", "region": "{HOME}"}}'] == 0
    assert found[f'workshop_places_left{{"region": "{HOME}"}}'] == 12
    assert found[f'workshop_people_to_come{{"region": "{HOME}"}}'] == 10


def test_all_upstreams_away_it_answers_at_once_and_says_which(world: World) -> None:
    nowhere = Service(name="nobody", url="http://127.0.0.1:1")
    before = world.site()
    kubeconfig = before.settings.model_copy(update={"kubeconfig": str(world.paths.folder / "nothing")})
    systems = replace(before.systems, coder=nowhere, litellm=nowhere)

    def site() -> Site:
        return replace(world.site(), settings=kubeconfig, systems=systems)

    failing = [look for look in LOOKS if look != "checks"]
    found, _ = exported(
        site, until=lambda found: all(found.get(of_look(look)) == 0 for look in failing) and of_look("checks") in found
    )
    assert names(found) >= {"workshop_window_open", "workshop_nodes_planned", "workshop_look_success"}


def test_a_verdict_keeps_the_moment_since_which_it_is_so(world: World) -> None:
    here = world.settings.regions[0]
    moments = iter([START, START + timedelta(minutes=1), START + timedelta(minutes=2)])
    verdicts = Verdicts(lambda: replace(world.site(), now=next(moments)), here, ())

    def since(samples: Samples) -> dict[str, float]:
        return {
            one.labels["check"]: one.value
            for one in samples
            if one.name == "workshop_check_since_timestamp_seconds" and one.labels["check"] == "previous-nodes"
        }

    first = since(verdicts.ask())
    assert first == {"previous-nodes": START.timestamp()}
    assert since(verdicts.ask()) == first


def test_each_region_is_looked_at_by_its_own_exporter(world: World) -> None:
    seen = Verdicts(world.site, world.settings.regions[1], ()).ask()
    assert {one.labels["region"] for one in seen} == {"us-west-2"}
    assert {one.labels["check"] for one in seen} == {check.id for check in OF_CLUSTER} - {"litellm-pods"}


def test_no_check_that_is_watched_writes_or_previews() -> None:
    assert {check.stage for check in (*OF_CLUSTER, *OF_STACK)} <= {"before-up", "before-event"}
    previews = {"gate-clean", "no-drift", "stack-in-sync"}
    assert not previews & {check.id for check in (*OF_CLUSTER, *OF_STACK)}


@pytest.mark.parametrize(
    ("hours", "phase", "is_open", "warm"),
    [
        (-48, "before", 0, 0),
        (-1, "preparation", 1, 4),
        (1, "running", 1, 0),
        (5, "cool-down", 1, 0),
        (7, "after", 0, 0),
    ],
)
def test_window_and_plan_follow_the_clock(hours: int, phase: str, is_open: int, warm: int) -> None:
    given = settings(window=WINDOW)
    found = planned_samples(given, plan_of_event(given), HOME, START + timedelta(hours=hours))
    values = {one.name: one.value for one in found}
    assert [one.labels["phase"] for one in found if one.name == "workshop_window_phase"] == [phase]
    assert (values["workshop_window_open"], values["workshop_warm_nodes_planned"]) == (is_open, warm)
    assert values["workshop_window_closes_timestamp_seconds"] == (START + timedelta(hours=6)).timestamp()


def test_without_a_window_it_is_never_open() -> None:
    given = settings()
    found = planned_samples(given, plan_of_event(given), HOME, START)
    assert {one.name: one.value for one in found}["workshop_window_open"] == 0
    assert "workshop_window_phase" not in {one.name for one in found}


def test_settings_travel_in_the_request() -> None:
    given = settings(window=WINDOW, monitoring={"labels": {"release": "prometheus"}})
    request = ExportRequest(
        coder_url=URL, organization="coder", regions=(HOME,), watch=Watch(settings=given, region=HOME)
    )
    read = ExportRequest.model_validate_json(request.text())
    assert read == request
    assert len(request.text()) < 6000


def test_names_of_secrets_do_not_travel() -> None:
    named = {"secret": "theirs", "master_secret": "litellm.theirs", "litellm_url": "https://litellm.example.com"}
    given = settings(
        window=WINDOW,
        monitoring={"namespace": "monitoring"},
        rotation={"image": f"a.example.com/b@sha256:{'0' * 64}", **named},
    )
    text = export_request(given, given.regions[0]).text()
    assert "theirs" not in text
    assert "https://litellm.example.com" in text


def test_a_pod_reaches_its_own_cluster_by_its_account(tmp_path: Path) -> None:
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text("of-the-pod")
    given = in_cluster(settings(window=WINDOW), HOME, tmp_path, account)
    written = json.loads(Path(given.kubeconfig or "").read_text())
    assert written["users"][0]["user"] == {"tokenFile": str(account / "token")}
    assert written["current-context"] == "coder-ohio"
