"""Overrides of the window: they let through what they name, in the window alone, and are always reported."""

from __future__ import annotations

import pytest

from tests.model.given import found, in_region, judged, observe, regions, settings
from workshop.model.findings import Finding
from workshop.model.names import NODE_POOL, USERS_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.observations import ExistingObject, Observations, PatchTarget
from workshop.model.plan.plan import make_plan
from workshop.model.rules.judgement import judge_observations
from workshop.model.settings.errors import SettingsError
from workshop.model.settings.stack import Settings
from workshop.model.settings.window import Override
from workshop.model.window.overrides import or_take_the_risk
from workshop.model.window.phases import Phase

WINDOW = {"start": "2026-12-01T09:00-08:00", "duration": "4h"}


def stack(*overrides: str, users: int = 20) -> Settings:
    return settings(users=str(users), window={**WINDOW, "overrides": list(overrides)})


def deployed(users: str | None = "10", cpu: str = "80", volume: str = "224Gi") -> Observations:
    """us-east-2's pool and class as they are live."""
    annotations = {} if users is None else {USERS_ANNOTATION: users}
    pool = ExistingObject(is_ours=True, spec={"limits": {"cpu": cpu}}, owner="", annotations=annotations)
    node_class = ExistingObject(
        is_ours=True,
        spec={"blockDeviceMappings": [{"deviceName": "/dev/xvdb", "ebs": {"volumeSize": volume}}]},
        owner="",
    )
    given = stack()
    return observe(given, in_region("us-east-2", node_pool=found(pool), node_class=found(node_class)))


def rules_of(told: list[str]) -> set[str]:
    return {line.split("]")[0].removeprefix("[") for line in told}


def said(given: Settings, observations: Observations, phase: Phase = Phase.RUNNING) -> list[Finding]:
    return list(judge_observations(given, make_plan(given, phase=phase), observations).overridden)


@pytest.mark.parametrize(
    ("override", "rule"),
    [("image-change", "image-change"), ("node-replacement", "live-nodes"), ("fewer-users", "scale-down")],
)
def test_an_override_lifts_what_it_names_and_nothing_else(override: str, rule: str) -> None:
    observations = deployed(users="20")
    refused = rules_of(judged(stack(), observations))
    assert rule in refused
    assert rules_of(judged(stack(override), observations)) == refused - {rule}
    told = said(stack(override), observations)
    assert {finding.rule for finding in told} == {"window-override"}
    assert all(f"{override} lets through what {rule} refuses" in finding.problem for finding in told)


def test_a_refusal_names_the_command_that_takes_the_risk() -> None:
    told = judged(stack("image-change"), deployed(users="20"))
    assert any("pulumi config set --path 'workshop:window.overrides[1]' fewer-users" in line for line in told)


@pytest.mark.parametrize(
    ("given", "place"), [(settings(), 0), (stack(), 0), (stack("image-change", "node-replacement"), 2)]
)
def test_a_risk_is_taken_in_the_next_place(given: Settings, place: int) -> None:
    assert or_take_the_risk(given, Override.FEWER_USERS) == (
        f"or take the risk by name: pulumi config set --path 'workshop:window.overrides[{place}]' fewer-users"
    )


def test_an_override_that_nothing_needs_is_told() -> None:
    (told,) = said(stack("fewer-users"), deployed())
    assert str(told) == (
        "workshop:window.overrides[0]: fewer-users is set, and no rule needs it now; it would let the next such change "
        "through without a refusal: pulumi config rm --path 'workshop:window.overrides[0]'"
    )


@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
def test_outside_the_window_an_override_counts_for_nothing(phase: Phase) -> None:
    given = stack("image-change")
    busy = observe(given, in_region("us-east-2", running_workspaces=found({NODE_POOL: 3})))
    assert "image-change" in rules_of(judged(given, busy, make_plan(given, phase=phase)))
    (told,) = said(given, busy, phase)
    assert f"it counts within the window only (now: {phase})" in told.problem


def test_an_override_is_one_of_those_that_there_are_and_set_once() -> None:
    with pytest.raises(SettingsError, match="must be one of image-change, node-replacement, fewer-users"):
        stack("everything")
    with pytest.raises(SettingsError, match=r"workshop:window.overrides\[1\] is fewer-users: repeats entry 0"):
        stack("fewer-users", "fewer-users")


class TestScaleDown:
    def told(self, given: Settings, observations: Observations, phase: Phase = Phase.RUNNING) -> list[str]:
        plan = make_plan(given, phase=phase)
        return [line for line in judged(given, observations, plan) if line.startswith("[scale-down]")]

    def test_as_many_as_deployed_are_no_fewer(self) -> None:
        assert self.told(stack(), deployed()) == []
        assert self.told(stack(), deployed(users=None)) == []

    def test_2_typed_for_20_is_refused(self) -> None:
        assert self.told(stack(users=2), deployed()) == [
            "[scale-down] workspace nodes in us-east-2: the window is open, and it is deployed for 10 users, there "
            "would be room for 1 here; node limits would drop below what is promised or in use: raise workshop:users "
            "(now 2), or take the risk by name: pulumi config set --path 'workshop:window.overrides[0]' fewer-users"
        ]

    @pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
    def test_outside_the_window_the_platform_may_shrink(self, phase: Phase) -> None:
        assert self.told(stack(users=2), deployed(), phase) == []

    def test_a_smaller_share_of_a_region_is_refused_there(self) -> None:
        shares = regions({0: {"share": 40}, 1: {"share": 40}})
        assert len(self.told(settings(window=WINDOW, regions=shares), deployed())) == 1

    @pytest.mark.parametrize(("cpu", "is_refused"), [("80", False), ("81", True), ("a lot", False)])
    def test_a_pool_that_says_nothing_is_judged_by_its_limit(self, cpu: str, is_refused: bool) -> None:
        assert bool(self.told(stack(), deployed(users=None, cpu=cpu))) is is_refused
        assert bool(self.told(stack(), deployed(users="many", cpu=cpu))) is is_refused

    def test_a_window_is_not_moved_away_under_running_workspaces(self) -> None:
        def told(phase: Phase, window: str, running: int) -> list[str]:
            annotations = {USERS_ANNOTATION: "10", WINDOW_ANNOTATION: window}
            pool = ExistingObject(is_ours=True, spec={}, owner="", annotations=annotations)
            here = in_region("us-east-2", node_pool=found(pool), running_workspaces=found({NODE_POOL: running}))
            return self.told(stack(), observe(stack(), here), phase)

        open_at_noon = "2026-09-30T17:00:00+00:00/2026-10-01T12:01:00+00:00"
        assert told(Phase.BEFORE, open_at_noon, 3) == [
            "[scale-down] workspace nodes in us-east-2: 3 workspaces run in the window that was deployed (until "
            "2026-10-01 12:01 UTC), and the one in the settings has not opened; the event would lose its "
            "capacity while it runs: set workshop:window back, or stop these workspaces first"
        ]
        assert told(Phase.BEFORE, open_at_noon, 0) == []
        assert told(Phase.AFTER, open_at_noon, 3) == []
        assert told(Phase.BEFORE, open_at_noon.replace("12:01", "12:00"), 3) == []
        assert told(Phase.BEFORE, "whenever", 3) == []

    def test_pods_that_somebody_added_are_not_taken_away(self) -> None:
        more = found(PatchTarget(namespace="litellm", name="litellm", containers=("litellm",), images={}, replicas=7))
        assert self.told(stack(), observe(stack(), in_region("us-east-2", deployments={"litellm/litellm": more}))) == [
            "[scale-down] Deployment litellm/litellm in us-east-2: the window is open, and 7 replicas are deployed, 6 "
            "planned for 20 users; pods would be removed while they are needed: raise workshop:users, or its floor "
            "in the settings, or take the risk by name: pulumi config set --path 'workshop:window.overrides[0]' "
            "fewer-users"
        ]
