"""What proxies, provisioners, builds and templates come to, as Coder tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import Answers, later, results, same, site
from tests.model.given import regions
from workshop.checks.check import Check
from workshop.checks.coder.provisioners import NoBacklog, ProvisionersIdle
from workshop.checks.coder.proxies import ProxiesHealthy
from workshop.checks.coder.templates import TemplatesLast

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
BUILD = (200, {"version": "v2.25.1", "provisioner_api_version": "1.8"})
VERSION = {"Coder GET /api/v2/buildinfo": BUILD}


def proxy(host: str, **others: object) -> dict[str, Any]:
    return {"name": host, "healthy": True, "path_app_url": f"https://{host}", "version": "v2.25.1", **others}


def idle(count: int, region: str, *statuses: str) -> list[dict[str, Any]]:
    return [daemon(region, status=status) for status in ["idle"] * count + list(statuses)]


def daemon(region: str, **others: object) -> dict[str, Any]:
    tags = {"scope": "organization", "owner": "", "region": region}
    return {"status": "idle", "version": "v2.25.1", "api_version": "1.8", "tags": tags, **others}


ORGANIZATIONS = (200, [{"id": f"id-{name}", "name": name} for name in ("coder", "experiment", "demo")])


def daemons(**by_organization: list[dict[str, Any]]) -> Answers:
    path = "Coder GET /api/v2/organizations/id-{}/provisionerdaemons?limit=1000"
    return {
        **VERSION,
        "Coder GET /api/v2/organizations": ORGANIZATIONS,
        **{path.format(name): (200, by_organization.get(name, [])) for name in ("coder", "experiment", "demo")},
    }


def jobs(**waiting: int) -> Answers:
    path = "Coder GET /api/v2/organizations/id-{}/provisionerjobs?status=pending&limit=1000"
    made = {
        name: [{"id": "1", "status": "pending", "created_at": later(minutes=-12)}] * waiting.get(name, 0)
        for name in ("coder", "experiment", "demo")
    }
    return {
        "Coder GET /api/v2/organizations": ORGANIZATIONS,
        **{path.format(name): (200, found) for name, found in made.items()},
    }


def template(name: str, **times: object) -> dict[str, Any]:
    return {"id": f"id-{name}", "name": name, "organization_name": "coder", **times}


HOUR = 3_600_000
TEMPLATES = "Coder GET /api/v2/templates"
PROXIES = "Coder GET /api/v2/workspaceproxies"
DOMAINS = ("ai.coder.com", "oregon-proxy.ai.coder.com", "emea-proxy.ai.coder.com")


def listed(*found: Mapping[str, Any]) -> Answers:
    return {**VERSION, PROXIES: (200, {"regions": list(found)})}


ENOUGH = [*idle(20, OHIO), *idle(20, OREGON), *idle(20, LONDON)]
OF_CODER: Mapping[str, tuple[Check, Answers]] = {
    "proxies: all well": (ProxiesHealthy(), listed(*map(proxy, DOMAINS))),
    "proxies: with their status": (
        ProxiesHealthy(),
        listed(*(proxy(host, status={"status": "ok"}) for host in DOMAINS)),
    ),
    "proxies: none": (ProxiesHealthy(), listed()),
    "proxies: others": (ProxiesHealthy(), listed(proxy("b.example"), proxy("a.example"))),
    "proxies: unreachable": (
        ProxiesHealthy(),
        listed(*(proxy(host, status={"status": "unreachable"}) for host in DOMAINS)),
    ),
    "proxies: not healthy": (ProxiesHealthy(), listed(*(proxy(host, healthy=False) for host in DOMAINS))),
    "proxies: of other versions": (ProxiesHealthy(), listed(*(proxy(host, version="v2.24.0") for host in DOMAINS))),
    "proxies: without versions": (ProxiesHealthy(), listed(*(proxy(host, version="") for host in DOMAINS))),
    "provisioners: enough": (ProvisionersIdle(), daemons(coder=ENOUGH, experiment=ENOUGH, demo=ENOUGH)),
    "provisioners: busy": (
        ProvisionersIdle(),
        daemons(
            coder=[*idle(11, OHIO, "busy", "offline"), *idle(12, OREGON), *idle(12, LONDON)],
            experiment=ENOUGH,
            demo=ENOUGH,
        ),
    ),
    "provisioners: one offline": (
        ProvisionersIdle(),
        daemons(
            coder=[*idle(11, OHIO, "offline"), *idle(12, OREGON), *idle(12, LONDON)], experiment=ENOUGH, demo=ENOUGH
        ),
    ),
    "provisioners: none": (ProvisionersIdle(), daemons()),
    "provisioners: an organization that is not known": (
        ProvisionersIdle(),
        {**VERSION, "Coder GET /api/v2/organizations": (200, [{"id": "1", "name": "b"}, {"id": "2", "name": "a"}])},
    ),
    "provisioners: no organization": (ProvisionersIdle(), {**VERSION, "Coder GET /api/v2/organizations": (200, [])}),
    "backlog: none": (NoBacklog(), jobs()),
    "backlog: some": (NoBacklog(), jobs(demo=3)),
    "templates: they last": (
        TemplatesLast(),
        {TEMPLATES: (200, [template("a"), template("b", default_ttl_ms=6 * HOUR, time_til_dormant_ms=6 * HOUR)])},
    ),
    "templates: they stop": (
        TemplatesLast(),
        {
            TEMPLATES: (
                200,
                [
                    template("a", default_ttl_ms=6 * HOUR - 1),
                    template("b", time_til_dormant_ms=HOUR),
                    template("c", autostop_requirement={"days_of_week": ["sunday", "saturday", "friday", "thursday"]}),
                    template("d", deprecated=True, default_ttl_ms=HOUR),
                ],
            )
        },
    ),
}


@pytest.mark.parametrize("name", OF_CODER)
def test_of_coder(name: str, snapshot: SnapshotAssertion) -> None:
    check, answers = OF_CODER[name]
    same(results(check, site(answers)), snapshot)


def test_templates_without_a_window(snapshot: SnapshotAssertion) -> None:
    same(results(TemplatesLast(), site({TEMPLATES: (200, [template("a")])}, window=None)), snapshot)


def test_provisioners_are_asked_for_where_they_run() -> None:
    here = site(daemons(), regions=regions({2: {"hosts_provisioners": False}}))
    assert [one["region"] for one in results(ProvisionersIdle(), here)] == [OHIO, OREGON]
