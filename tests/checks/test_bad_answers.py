"""Systems that are slow, answer nonsense, refuse or fail: preflight inconclusive, and names whom it had asked."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.checks.world import DOMAINS, OHIO, OREGON, World
from workshop.checks import service
from workshop.checks.aws.images import ImageDigests
from workshop.checks.catalog import CHECKS
from workshop.checks.cluster.nodes import DaemonSetOverhead, NodePoolReady
from workshop.checks.coder.provisioners import NoBacklog, ProvisionersIdle
from workshop.checks.coder.proxies import ProxiesHealthy
from workshop.checks.coder.templates import TemplatesLast
from workshop.checks.hosts import HostsResolve
from workshop.checks.litellm import LiteLLMKey, LiteLLMReady
from workshop.checks.monitoring import AlertDelivered, RulesLoaded, TargetsUp
from workshop.model.preflight.record import Result, Verdict
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.seed.systems import IMAGE
from workshop.sandbox.servers.faults import Fault, plant_faults
from workshop.sandbox.servers.registries.publish import publish

pytestmark = pytest.mark.slow

UNKNOWN_KEY = '{"error": {"type": "token_not_found_in_db", "message": "Invalid proxy server token passed"}}'
HTML = "<html><body>Bad gateway</body></html>"


@pytest.fixture
def faulty(world: World) -> Generator[World]:
    yield world
    plant_faults(world.paths, {})


def only(results: tuple[Result, ...]) -> tuple[Verdict, str]:
    """What all of them say."""
    verdicts = {one.verdict for one in results}
    assert len(verdicts) == 1
    return verdicts.pop(), results[0].found


@pytest.mark.parametrize(
    ("check", "path", "name"),
    [
        (ProxiesHealthy, "/coder/api/v2/buildinfo", "Coder"),
        (ProvisionersIdle, "/coder/api/v2/organizations", "Coder"),
        (NoBacklog, "/coder/api/v2/organizations", "Coder"),
        (TemplatesLast, "/coder/api/v2/templates", "Coder"),
        (LiteLLMReady, "/litellm/health/readiness", "LiteLLM"),
        (TargetsUp, "/prometheus/api/v1/targets", "Prometheus"),
        (RulesLoaded, "/prometheus/api/v1/rules", "Prometheus"),
        (DaemonSetOverhead, "/prometheus/api/v1/query", "Prometheus"),
        (AlertDelivered, "/alertmanager/api/v2/alerts", "Alertmanager"),
    ],
)
def test_nonsense_and_failures_are_not_go(
    faulty: World, monkeypatch: pytest.MonkeyPatch, check: type, path: str, name: str
) -> None:
    for fault, said in (
        (Fault(body="{}"), "unexpected response"),
        (Fault(body=HTML), "unexpected response"),
        (Fault(status=500), "answered 500"),
        (Fault(status=401), "answered 401"),
    ):
        plant_faults(faulty.paths, {path: fault})
        verdict, found = only(faulty.look(check))
        assert verdict is Verdict.INCONCLUSIVE, fault
        assert name in found
        assert said in found
    monkeypatch.setattr(service, "TIMEOUT_SECONDS", 0.2)
    plant_faults(faulty.paths, {path: Fault(delay_seconds=1)})
    assert "did not answer within 0.2 s" in only(faulty.look(check))[1]


def test_a_cluster_that_fails_is_named(faulty: World) -> None:
    plant_faults(faulty.paths, {"/clusters/coder-ohio": Fault(status=503)})
    results = {one.region: one for one in faulty.look(NodePoolReady)}
    assert results.pop(OHIO).verdict is Verdict.INCONCLUSIVE
    assert {one.verdict for one in results.values()} == {Verdict.GO}


def test_a_name_that_does_not_exist_is_no_go(faulty: World) -> None:
    host, elsewhere = f"*.{DOMAINS[OREGON]}", f"*.gone.{DOMAINS[OREGON]}"
    faulty.dns_record(host, name=elsewhere)
    try:
        results = {one.region: one for one in faulty.look(HostsResolve)}
    finally:
        faulty.dns_record(elsewhere, name=host)
    assert results[OREGON].verdict is Verdict.NO_GO
    assert f"{host} NXDOMAIN (127.0.0.1:{faulty.paths.port} (authority)," in results[OREGON].found
    assert results[OHIO].verdict is Verdict.GO


def test_a_registry_whose_content_is_not_its_digest_is_not_believed(faulty: World) -> None:
    plant_faults(faulty.paths, {"/v2/ghcr.io/coder/coder-preview/manifests": Fault(body='{"other": "content"}')})
    at_source = faulty.look(ImageDigests)[0]
    assert at_source.verdict is Verdict.NO_GO
    assert "under that digest" in at_source.found


def test_a_tag_that_has_moved_on_at_the_source_is_a_warning(faulty: World) -> None:
    source = faulty.settings.image.source
    publish(faulty.paths, source, "latest", made_image("v2.26.0"))
    try:
        at_source = faulty.look(ImageDigests)[0]
    finally:
        publish(faulty.paths, source, "latest", IMAGE)
    assert at_source.verdict is Verdict.WARNING
    assert "is now" in at_source.found


def test_a_database_that_is_gone_is_no_go_though_readiness_answers_200(faulty: World) -> None:
    plant_faults(
        faulty.paths, {"/litellm/health/readiness": Fault(body='{"status": "healthy", "db": "Not connected"}')}
    )
    verdict, found = only(faulty.look(LiteLLMReady))
    assert (verdict, found) == (Verdict.NO_GO, "db: Not connected, version unknown")


@pytest.mark.parametrize(("days", "said"), [(6, "7 days"), (2, "3 days"), (0, "1 day")])
def test_the_end_of_a_long_key_is_announced(faulty: World, days: int, said: str) -> None:
    expires = faulty.site().now.timestamp() + days * 86400 + 3600
    body = f'{{"info": {{"created_at": 0, "expires": {expires}}}}}'
    plant_faults(faulty.paths, {"/litellm/key/info": Fault(body=body)})
    verdict, found = only(faulty.look(LiteLLMKey))
    assert verdict is Verdict.WARNING
    assert found.endswith(f"in less than {said}")


def test_a_key_that_is_not_taken_is_no_go_without_a_window_that_would_replace_it(faulty: World) -> None:
    plant_faults(faulty.paths, {"/litellm/key/info": Fault(status=401, body=UNKNOWN_KEY)})
    assert only(faulty.look(LiteLLMKey))[0] is Verdict.WARNING
    settings = faulty.settings
    faulty.settings = settings.model_copy(update={"window": None})
    try:
        assert only(faulty.look(LiteLLMKey))[0] is Verdict.NO_GO
    finally:
        faulty.settings = settings


def test_ids_are_kebab_case_and_distinct() -> None:
    ids = [check.id for check in CHECKS]
    assert len(ids) == len(set(ids))
    assert all(one == one.lower() and " " not in one and "_" not in one for one in ids)
