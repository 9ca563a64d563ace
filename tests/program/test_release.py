"""While another image is rolled out, the next proxy is changed only once what was changed before it works."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pulumi import ResourceHook, ResourceHookArgs

from tests.checks.quick import Answer, Answers, Clock, QuickSite, site
from tests.components.recorded import run
from tests.model.given import settings
from tests.program.declaring import declared
from workshop.checks.check import CheckOutcome, failed, passed
from workshop.checks.coder.smoke_workspace import SmokeWorkspace
from workshop.checks.service import Inconclusive
from workshop.program import release
from workshop.program.release import NotWorking, changes_image, find_broken, refuse_broken, refuse_unseen

PROXY = {"name": "oregon", "path_app_url": "https://oregon-proxy.ai.coder.com", "version": "v2.27.1"}
HEALTHY = {**PROXY, "healthy": True, "status": {"status": "ok"}}
IN_LONDON = {**HEALTHY, "name": "london", "path_app_url": "https://emea-proxy.ai.coder.com"}
VERSION = {"version": "v2.27.1"}
HOSTS: Mapping[str, Answer] = {
    "ai.coder.com/healthz": (200, "OK"),
    "/ai.coder.com/api/v2/buildinfo": (200, VERSION),
    "/oregon-proxy.ai.coder.com/api/v2/buildinfo": (200, VERSION),
    "/emea-proxy.ai.coder.com/api/v2/buildinfo": (200, VERSION),
    ".ai.coder.com/api/v2/buildinfo": (404, "no such app"),  # under a wildcard
}
ANSWERS: Answers = {
    "Coder GET /api/v2/buildinfo": (200, VERSION),
    "Coder GET /api/v2/workspaceproxies": (200, {"regions": [HEALTHY, IN_LONDON]}),
}


class Hosts(QuickSite):
    """Regions' own hosts answer as the server, names under them as apps do."""

    def knock(self, host: str, path: str, *, with_session: bool = False) -> Any:  # noqa: ANN401 - a response
        own = {region.domain for region in self.settings.regions}
        return super().knock(f"/{host}" if host in own and path != "healthz" else host, path, with_session=with_session)


def patch(image: str | None) -> dict[str, Any]:
    containers = [{"name": "coder", "image": image}] if image else []
    return {"spec": {"replicas": 2, "template": {"spec": {"containers": containers}}}}


def change(before: str | None = "a", after: str | None = "b") -> ResourceHookArgs:
    return ResourceHookArgs(urn="u", id="i", name="n", type="t", old_inputs=patch(before), new_inputs=patch(after))


def call(hook: Callable[[], Any], args: ResourceHookArgs) -> None:
    """As the engine does before it changes a Deployment."""
    made: list[Any] = []
    run(lambda: made.append(hook()))
    outcome = made[0].callback(args)
    if outcome is not None:
        asyncio.run(outcome)


@pytest.mark.parametrize(
    ("args", "changes"),
    [(change(), True), (change("a", "a"), False), (change(None), True), (change(None, None), True)],
)
def test_what_can_not_be_read_counts_as_another_image(args: ResourceHookArgs, changes: bool) -> None:
    assert changes_image(args) is changes


class TestBeforeTheServer:
    def test_it_stays_where_nobody_could_try_a_workspace_afterwards(self) -> None:
        given = settings(preflight={})
        with pytest.raises(NotWorking, match=r"workshop:preflight\.smoke_templates\.us-east-2 is not set"):
            call(lambda: refuse_unseen(given, given.regions[0]), change())

    @pytest.mark.parametrize("token", [None, "", "t"])
    def test_a_real_one_takes_a_token(self, token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
        given = settings(endpoints=None)
        monkeypatch.delenv("CODER_SESSION_TOKEN", raising=False)
        if token is not None:
            monkeypatch.setenv("CODER_SESSION_TOKEN", token)
        if token:
            call(lambda: refuse_unseen(given, given.regions[0]), change())
        else:
            with pytest.raises(NotWorking, match="export that of a user who may make workspaces"):
                call(lambda: refuse_unseen(given, given.regions[0]), change())

    def test_the_sandbox_has_its_own(self) -> None:
        call(lambda: refuse_unseen(settings(), settings().regions[0]), change())

    def test_more_pods_of_the_same_image_need_nothing(self) -> None:
        given = settings(preflight={}, endpoints=None)
        call(lambda: refuse_unseen(given, given.regions[0]), change("a", "a"))


class TestBeforeAProxy:
    @pytest.fixture(autouse=True)
    def _clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Clock(monkeypatch, release)

    def look(
        self,
        monkeypatch: pytest.MonkeyPatch,
        answers: Answers = ANSWERS,
        hosts: Mapping[str, Answer] = HOSTS,
        smoke: CheckOutcome | Inconclusive | None = None,
        *,
        changed: int = 2,
        is_rollback: bool = False,
        args: ResourceHookArgs | None = None,
    ) -> int:
        """Runs the last region's hook, with so many regions changed; how many workspaces were tried."""
        quick = site(answers, hosts=hosts)
        here = Hosts(**{name: getattr(quick, name) for name in quick.__dataclass_fields__ if name[0] != "_"})
        tried: list[bool] = []

        def try_one(check: SmokeWorkspace, *_: object) -> CheckOutcome:
            tried.append(check.is_on_our_nodes)
            if isinstance(smoke, Inconclusive):
                raise smoke
            return smoke or passed("opened", "it")

        def site_of(*_: object) -> Hosts:
            return here

        monkeypatch.setattr(release, "_site", site_of)
        monkeypatch.setattr(SmokeWorkspace, "look", try_one)
        given, plan = here.settings, here.plan
        last, before = given.regions[2], given.regions[:changed]

        def hook() -> ResourceHook:
            if changed == len(given.regions):
                return find_broken(given, plan, before, is_rollback=is_rollback)
            return refuse_broken(given, plan, last, before, is_rollback=is_rollback)

        call(hook, args or change())
        assert not any(tried)  # wherever it runs
        return len(tried)

    def refused(self, monkeypatch: pytest.MonkeyPatch, *arguments: Any, **options: Any) -> str:  # noqa: ANN401 - as look
        with pytest.raises(NotWorking) as refusal:
            self.look(monkeypatch, *arguments, **options)
        return str(refusal.value)

    def test_it_is_changed_once_all_works(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.look(monkeypatch) == 1

    def test_a_server_that_does_not_work_stops_it_with_the_way_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = self.refused(monkeypatch, hosts={**HOSTS, "ai.coder.com/healthz": (503, "")})
        digest = settings().image.digest or ""
        assert told == (
            f"Coder does not work with image {digest[7:19]} in us-east-2, us-west-2: ai.coder.com/healthz answers 503; "
            "eu-west-2 was left as it is: scripts/workshop images rollback"
        )

    def test_a_server_that_takes_a_while_is_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        late = {**ANSWERS, "Coder GET /api/v2/workspaceproxies": [(503, ""), (200, {"regions": [HEALTHY]})]}
        assert self.look(monkeypatch, late) == 1

    @pytest.mark.parametrize(
        ("hosts", "why"),
        [
            ({"/ai.coder.com/api/v2/buildinfo": (200, "Coder")}, "buildinfo answers 200 without a version"),
            (
                {".ai.coder.com/api/v2/buildinfo": (200, VERSION, {"content-type": "application/json"})},
                "subdomain-apps",
            ),
            ({".ai.coder.com/api/v2/buildinfo": (502, "")}, "subdomain-apps in us-east-2"),
        ],
    )
    def test_each_part_counts(self, monkeypatch: pytest.MonkeyPatch, hosts: Mapping[str, Answer], why: str) -> None:
        assert why in self.refused(monkeypatch, hosts={**HOSTS, **hosts})

    @pytest.mark.parametrize(
        "proxy",
        [{**HEALTHY, "healthy": False}, {**HEALTHY, "version": "v2.26.0"}, {**HEALTHY, "path_app_url": "https://x"}],
    )
    def test_a_proxy_that_was_changed_counts_too(self, monkeypatch: pytest.MonkeyPatch, proxy: Any) -> None:  # noqa: ANN401
        answers = {**ANSWERS, "Coder GET /api/v2/workspaceproxies": (200, {"regions": [proxy]})}
        assert "proxies-healthy in us-west-2" in self.refused(monkeypatch, answers)
        assert self.look(monkeypatch, answers, changed=1) == 1

    def test_a_workspace_that_does_not_start_stops_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = self.refused(monkeypatch, smoke=failed("workspace is failed", "it", "logs"))
        assert "a workspace was tried: workspace is failed" in told

    def test_what_could_not_be_tried_is_no_pass(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = self.refused(monkeypatch, smoke=Inconclusive("no token for Coder", "export it"))
        assert "a workspace could not be tried: no token for Coder: export it" in told

    def test_the_way_back_waits_for_no_workspace(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.look(monkeypatch, is_rollback=True, smoke=failed("no", "it", "logs")) == 0
        assert "healthz" in self.refused(
            monkeypatch, is_rollback=True, hosts={**HOSTS, "ai.coder.com/healthz": (503, "")}
        )

    def test_the_last_is_looked_at_once_it_is_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.look(monkeypatch, changed=3) == 1
        assert self.look(monkeypatch, {}, {}, changed=3, args=change("a", "a")) == 0
        sick = {"regions": [HEALTHY, {**IN_LONDON, "healthy": False}]}
        told = self.refused(monkeypatch, {**ANSWERS, "Coder GET /api/v2/workspaceproxies": (200, sick)}, changed=3)
        assert "in us-east-2, us-west-2, eu-west-2: proxies-healthy in eu-west-2: not healthy" in told
        assert told.endswith("none is left to change, so `up` does not look again: scripts/workshop images rollback")
        assert self.look(monkeypatch, changed=3, is_rollback=True, smoke=failed("no", "it", "logs")) == 0

    def test_the_same_image_is_looked_at_by_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.look(monkeypatch, {}, {}, args=change("a", "a")) == 0


def test_proxies_are_changed_one_after_the_other_and_after_the_server() -> None:
    stack = declared(None)
    server = stack.component("CoderServer", "us-east-2")
    first, second = (stack.component("CoderProxy", name) for name in ("us-west-2", "eu-west-2"))
    assert stack.comes_before(server, first)
    assert stack.comes_before(first, second)


@pytest.mark.parametrize("regions", [3, 1])
def test_only_the_last_is_looked_at_afterwards(regions: int) -> None:
    given = [dict(one) for one in settings().model_dump(mode="json")["regions"][:regions]]
    given[0]["share"] = 100 - sum(one["share"] for one in given[1:])
    looked_at = {one.name: one.after_update for one in declared(None, regions=given).recorded.resources}
    last = f"{given[-1]['name']}-{'proxy' if regions > 1 else 'server'}"
    assert {name: hooks for name, hooks in looked_at.items() if hooks} == {
        last: (f"{given[-1]['name']}-release-works-after",)
    }
