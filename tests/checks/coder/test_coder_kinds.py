"""What Coder answers to those who may not read, what it lets die by itself, and what it limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.checks.coder.test_coder import (
    ENOUGH,
    HOUR,
    LONDON,
    OHIO,
    OREGON,
    ORGANIZATIONS,
    VERSION,
    daemon,
    daemons,
    idle,
    jobs,
)
from tests.checks.quick import Answer, Answers, later, results, site
from workshop.checks.check import Check
from workshop.checks.coder.licence import ApiRateLimit, LicenceLasts
from workshop.checks.coder.provisioners import NoBacklog, ProvisionersIdle
from workshop.checks.coder.proxies import ProxiesHealthy
from workshop.checks.coder.templates import TemplatesLast, WorkspacesLast

NONE: list[dict[str, Any]] = []
HIDDEN = (404, {"message": "Resource not found or you do not have access to this resource"})
ROLE = "give the token's user the role organization-template-admin in"


def said(
    check: Check,
    answers: Answers,
    *regions: str,
    **values: Any,  # noqa: ANN401 - as settings() takes them
) -> tuple[str, str, str]:
    """Verdict, what was found and the fix, of the first part."""
    first = results(check, site(answers, **values), *regions)[0]
    return first["verdict"], first["found"], first.get("fix", "")


class TestWhoMayNotRead:
    """Answers of a real Coder 2.25.1: 404 to a site's template-admin, empty lists to a token of another scope."""

    @pytest.mark.parametrize(
        ("check", "what"), [(ProvisionersIdle(), "provisionerdaemons"), (NoBacklog(), "provisionerjobs")]
    )
    def test_preflight_7_a_404_is_inconclusive_and_names_the_role(self, check: Check, what: str) -> None:
        answers = {**VERSION, **daemons(), **jobs()}
        answers = {key: HIDDEN if what in key else answer for key, answer in answers.items()}
        verdict, found, fix = said(check, answers)
        assert (verdict, found) == ("inconclusive", f"Coder does not let this token read {what} of coder (404)")
        assert fix == f"{ROLE} organization coder"

    @pytest.mark.parametrize(
        ("check", "answers", "what"),
        [
            (ProvisionersIdle(), daemons(), "provisioner of coder"),
            (TemplatesLast(), {"Coder GET /api/v2/templates": (200, NONE)}, "template"),
            (
                ProxiesHealthy(),
                {**VERSION, "Coder GET /api/v2/workspaceproxies": (200, {"regions": NONE})},
                "proxy, not even the server itself",
            ),
        ],
        ids=["provisioners", "templates", "proxies"],
    )
    def test_preflight_7_an_empty_list_is_inconclusive(self, check: Check, answers: Answers, what: str) -> None:
        verdict, found, fix = said(check, answers)
        assert (verdict, found) == (
            "inconclusive",
            f"Coder lists no {what}: there is none, or this token may not read it",
        )
        assert fix == f"{ROLE} each organization"

    def test_preflight_7_workspaces_are_known_only_to_who_may_read_all(self) -> None:
        verdict, found, fix = said(WorkspacesLast(), workspaces(may_read=False))
        assert (verdict, found) == ("inconclusive", "this token may not read all workspaces of coder")
        assert fix == f"{ROLE} organization coder"

    def test_preflight_7_a_list_that_is_cut_off_is_inconclusive(self) -> None:
        answers = {**workspaces(), "Coder GET /api/v2/workspaces": (200, {"workspaces": NONE, "count": 3})}
        assert said(WorkspacesLast(), answers)[:2] == ("inconclusive", "Coder listed 0 of 3 workspaces")


def provisioners(**changed: object) -> Answers:
    """As many as planned, of which one in Ohio is changed."""
    return daemons(
        coder=[*idle(11, OHIO), daemon(OHIO, **changed), *idle(20, OREGON), *idle(20, LONDON)],
        experiment=ENOUGH,
        demo=ENOUGH,
    )


class TestProvisioners:
    @pytest.mark.parametrize(
        "tags",
        [
            {"scope": "organization", "owner": ""},
            {"scope": "organization", "owner": "", "region": OREGON},
            {"scope": "user", "owner": "ada", "region": OHIO},
            {"scope": "organization", "owner": "ada", "region": OHIO},
            {},
        ],
        ids=["no region", "another region", "a user's", "owned", "no tags"],
    )
    def test_preflight_7_only_those_with_matching_tags_count(self, tags: Mapping[str, str]) -> None:
        verdict, found, _ = said(ProvisionersIdle(), provisioners(tags=tags), OHIO)
        assert (verdict, found.split(",")[0]) == ("no-go", "coder 11 of 11 idle")

    def test_preflight_7_more_tags_than_the_region_s_are_fine(self) -> None:
        tags = {"scope": "organization", "owner": "", "region": OHIO, "size": "large"}
        assert said(ProvisionersIdle(), provisioners(tags=tags), OHIO)[0] == "go"

    def test_preflight_7_another_version_is_named(self) -> None:
        verdict, found, fix = said(ProvisionersIdle(), provisioners(version="v2.23.0", api_version="1.6"), OHIO)
        assert (verdict, found.rpartition("; ")[2]) == ("warning", "v2.23.0, the server v2.25.1")
        assert fix == "run provisioners of the server's version: set their chart's coder.image.tag"

    @pytest.mark.parametrize("api", ["1.9", "2.0", "0.9", "", "new"])
    def test_preflight_7_another_protocol_is_no_go(self, api: str) -> None:
        verdict, found, _ = said(ProvisionersIdle(), provisioners(api_version=api), OHIO)
        assert verdict == "no-go"
        assert found.endswith(f"1 provisioner of another protocol (API {api or 'unknown'}, the server's is 1.8)")

    def test_preflight_7_a_server_that_names_no_protocol_is_inconclusive(self) -> None:
        answers = {**provisioners(), "Coder GET /api/v2/buildinfo": (200, {"version": "v2.25.1"})}
        assert said(ProvisionersIdle(), answers, OHIO)[0] == "inconclusive"

    def test_preflight_7_the_age_and_tags_of_waiting_jobs_are_named(self) -> None:
        path = "Coder GET /api/v2/organizations/id-demo/provisionerjobs?status=pending&limit=1000"
        waiting = [
            {"id": "1", "status": "pending", "created_at": later(minutes=-3), "tags": {"region": OHIO}},
            {
                "id": "2",
                "status": "pending",
                "created_at": later(minutes=-41),
                "tags": {"region": "nowhere", "owner": ""},
            },
        ]
        found = "coder 0, experiment 0, demo 2; the oldest for 41 minutes, tagged region=nowhere"
        assert said(NoBacklog(), {**jobs(), path: (200, waiting)})[:2] == ("no-go", found)


def workspace(name: str = "lab", status: str = "running", **others: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    build = {"status": status, "deadline": others.pop("deadline", None), "max_deadline": others.pop("max", None)}
    return {"id": name, "name": name, "owner_name": "ada", "latest_build": build, **others}


def workspaces(*found: Mapping[str, Any], may_read: bool = True) -> Answers:
    return {
        "Coder GET /api/v2/organizations": ORGANIZATIONS,
        "Coder POST /api/v2/authcheck": (200, {"read": may_read}),
        "Coder GET /api/v2/workspaces": (200, {"workspaces": list(found), "count": len(found)}),
    }


# The window is open from 2026-10-01 16:00 to 2026-10-02 22:00 UTC.
INSIDE, AT_ITS_END, BEFORE = "2026-10-02T21:59:00Z", "2026-10-02T22:00:00Z", "2026-10-01T15:59:00Z"
NEVER = "0001-01-01T00:00:00Z"
STOP: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a deadline": (workspace(deadline=INSIDE), "ada/lab stops at 2026-10-02 21:59 UTC"),
    "a deadline while it starts": (workspace(status="starting", deadline=INSIDE), "ada/lab stops at"),
    "a deadline that nobody may move": (workspace(max=INSIDE), "ada/lab has to stop at"),
    "deletion": (workspace(status="stopped", deleting_at=INSIDE), "ada/lab is deleted at"),
    "a time of its own": (workspace(status="stopped", ttl_ms=2 * HOUR), "ada/lab stops 2 h after its start"),
}
LAST: Mapping[str, Mapping[str, Any]] = {
    "no end": workspace(deadline=NEVER, max=NEVER),
    "an end with the window's": workspace(deadline=AT_ITS_END),
    "an end before it": workspace(deadline=BEFORE),
    "stopped, with an old deadline": workspace(status="stopped", deadline=INSIDE),
    "deleted": workspace(status="deleted", deadline=INSIDE, ttl_ms=HOUR),
    "a time of its own that suffices": workspace(status="stopped", ttl_ms=6 * HOUR),
}


class TestWorkspaces:
    @pytest.mark.parametrize("name", STOP)
    def test_preflight_7_a_workspace_that_stops_inside_the_window_is_named(self, name: str) -> None:
        found, expected = STOP[name]
        verdict, words, fix = said(WorkspacesLast(), workspaces(workspace("other"), found))
        assert verdict == "no-go"
        assert words.startswith(expected)
        assert "coder schedule extend" in fix

    @pytest.mark.parametrize("name", LAST)
    def test_preflight_7_one_that_lasts_is_fine(self, name: str) -> None:
        assert said(WorkspacesLast(), workspaces(LAST[name]))[:2] == ("go", "1 workspace checked")

    def test_preflight_7_without_a_window_nothing_can_be_promised(self) -> None:
        assert said(WorkspacesLast(), workspaces(), window=None)[:2] == ("warning", "0 workspaces; no window is set")

    def test_preflight_7_the_first_five_are_named(self) -> None:
        many = [workspace(f"lab-{number}", deadline=INSIDE) for number in range(7)]
        assert said(WorkspacesLast(), workspaces(*many))[1].endswith("; and 2 more")


FEATURES = ("multiple_organizations", "workspace_proxy", "external_provisioner_daemons")
LICENCE = "Coder GET /api/v2/entitlements"


def entitled(*warnings: str, **others: Any) -> Answer:  # noqa: ANN401 - JSON
    features = {name: {"entitlement": "entitled", "enabled": True} for name in FEATURES} | others.pop("features", {})
    return 200, {"features": features, "has_license": True, "errors": [], "warnings": list(warnings), **others}


def near(days: int) -> dict[str, str]:
    """A window that closes six hours after so many days from now."""
    return {"start": later(days=days), "duration": "4h"}


class TestLicence:
    def test_preflight_7_one_that_is_not_about_to_end_is_fine(self) -> None:
        verdict, found, _ = said(LicenceLasts(), {LICENCE: entitled()})
        assert (verdict, found) == ("go", "3 features licensed at least until 2026-10-31")

    def test_preflight_7_an_open_source_build_has_none(self) -> None:
        verdict, found, fix = said(LicenceLasts(), {LICENCE: (404, {"message": "Route not found."})})
        assert (verdict, fix) == ("no-go", "as an owner: coder licenses add")
        assert found.startswith("no licence: an open source build, without external_provisioner_daemons")

    @pytest.mark.parametrize("name", FEATURES)
    @pytest.mark.parametrize(
        ("feature", "state"),
        [
            ({"entitlement": "grace_period", "enabled": True}, "grace_period"),
            ({"entitlement": "not_entitled", "enabled": False}, "not_entitled"),
            ({"entitlement": "entitled", "enabled": False}, "not enabled"),
        ],
        ids=["grace period", "not entitled", "not enabled"],
    )
    def test_preflight_7_each_feature_has_to_be_on(self, name: str, feature: object, state: str) -> None:
        found = said(LicenceLasts(), {LICENCE: entitled(features={name: feature})})
        assert found[:2] == ("no-go", f"{name} is {state}")

    def test_preflight_7_a_feature_that_coder_does_not_list_is_not_on(self) -> None:
        answer = (200, {"features": dict[str, Any](), "has_license": False})
        assert said(LicenceLasts(), {LICENCE: answer})[0] == "no-go"

    def test_preflight_7_errors_of_the_licence_are_named(self) -> None:
        assert said(LicenceLasts(), {LICENCE: entitled(errors=["2 replicas are not licensed"])})[:2] == (
            "no-go",
            "2 replicas are not licensed",
        )

    @pytest.mark.parametrize(("days", "verdict"), [(3, "no-go"), (4, "go")])
    def test_preflight_7_it_has_to_outlast_the_window(self, days: int, verdict: str) -> None:
        answers = {LICENCE: entitled(f"Your license expires in {days} days.")}
        assert said(LicenceLasts(), answers, window=near(2))[0] == verdict

    @pytest.mark.parametrize(("trial", "days"), [(False, 29), (True, 6)])
    def test_preflight_7_what_coder_does_not_say_is_inconclusive(self, trial: bool, days: int) -> None:
        answers = {LICENCE: entitled(trial=trial)}
        assert said(LicenceLasts(), answers, window=near(days))[0] == "inconclusive"
        assert said(LicenceLasts(), answers, window=near(days - 1))[0] == "go"

    @pytest.mark.parametrize(("actual", "verdict"), [(40, "go"), (41, "warning")])
    def test_preflight_7_users_beyond_the_licence_are_a_warning(self, actual: int, verdict: str) -> None:
        limit = {"user_limit": {"entitlement": "entitled", "enabled": True, "limit": 60, "actual": actual}}
        assert said(LicenceLasts(), {LICENCE: entitled(features=limit)})[0] == verdict

    def test_preflight_7_without_a_window_its_end_is_a_warning(self) -> None:
        assert said(LicenceLasts(), {LICENCE: entitled()}, window=None)[0] == "warning"


class TestRateLimit:
    @staticmethod
    def of(limit: str | None, version: str = "v2.25.1+3d7d3b9") -> tuple[str, str, str]:
        headers = {} if limit is None else {"X-Ratelimit-Limit": limit}
        return said(ApiRateLimit(), {"Coder GET /api/v2/buildinfo": (200, {"version": version}, headers)}, users=20)

    @pytest.mark.parametrize(("limit", "verdict"), [("200", "go"), ("199", "no-go"), ("512", "go")])
    def test_preflight_7_a_room_shares_the_limit_of_one_address(self, limit: str, verdict: str) -> None:
        assert self.of(limit)[:2] == (verdict, f"{limit} requests a minute to a path, by address")

    def test_preflight_7_the_fix_is_a_higher_limit(self) -> None:
        assert self.of("100")[2] == "set CODER_API_RATE_LIMIT=200 for the server"

    @pytest.mark.parametrize(("version", "verdict"), [("v2.31.9", "no-go"), ("v2.32.0", "go"), ("dev", "no-go")])
    def test_preflight_7_later_versions_count_by_user(self, version: str, verdict: str) -> None:
        assert self.of("100", version)[0] == verdict

    @pytest.mark.parametrize("limit", [None, "", "many", "-1"])
    def test_preflight_7_an_unknown_limit_is_inconclusive(self, limit: str | None) -> None:
        assert self.of(limit)[0] == "inconclusive"
