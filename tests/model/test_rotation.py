"""What holds the rotation through a window: who rotates, names and moments, orders, and what must be set and exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.model.given import ABSENT, NO_ANSWER, config, in_region, observe, settings, structure
from workshop.model.findings import Finding
from workshop.model.observations import Absent, Observation
from workshop.model.plan.plan import make_plan
from workshop.model.rotation import (
    ALERT_MARGIN,
    KEY_ALIAS,
    KEY_MARGIN,
    MASTER_KEY_VARIABLE,
    NAMESPACE,
    STORED_FIELD,
    SWITCH_GRACE,
    SWITCH_SCHEDULE,
    USD_PER_USER_AND_DAY,
    alert_usd,
    check_requests,
    copy_request,
    holds_rotation,
    issue_request,
    key_expires_at,
    region_rotation,
    resume_request,
    revoke_request,
    switch_fires_after,
    window_id,
)
from workshop.model.rules.judgement import judge_settings
from workshop.model.rules.observations import rotation_targets
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.window import Window
from workshop.model.window.phases import Phase, meaning

WINDOW = {"start": "2026-10-02T09:00-07:00", "duration": "4h", "cool_down": "2h"}
CLOSES = datetime(2026, 10, 2, 22, tzinfo=UTC)


def window() -> Window:
    found = settings(window=WINDOW).window
    assert found is not None
    return found


def found_missing(
    region: str, key: str, answer: Observation[Mapping[str, Any]], phase: Phase = Phase.RUNNING
) -> list[Finding]:
    """What the rule says where this is the answer about one CronJob."""
    given = settings(window=WINDOW)
    observations = observe(given, in_region(region, cron_jobs={**_all(region), key: answer}))
    return list(rotation_targets.check(given, make_plan(given, phase=phase), observations))


def _all(region: str) -> dict[str, Observation[Mapping[str, Any]]]:
    given = settings(window=WINDOW)
    return dict(observe(given).regions[region].cron_jobs)


def test_one_generator_and_nine_swappers_rotate_the_key() -> None:
    given = settings()
    rotations = {region.name: region_rotation(given, region) for region in given.regions}

    assert [one.key for one in rotations["us-east-2"].generators] == ["litellm/rotate-key"]
    assert not rotations["us-west-2"].generators
    assert sum(len(rotation.swappers) for rotation in rotations.values()) == 9
    assert sum(len(rotation.cron_jobs) for rotation in rotations.values()) == 10


def test_a_region_without_provisioners_has_no_swappers() -> None:
    regions = structure("regions")
    regions[2]["hosts_provisioners"] = False
    given = settings(regions=regions)

    assert region_rotation(given, given.regions[2]).cron_jobs == ()


def test_names_follow_the_close_in_utc_and_the_key_outlives_the_switch_and_a_rotation() -> None:
    assert window_id(window()) == "20261002t2200"
    assert KEY_ALIAS == "ai-coder-workshop-key"
    assert key_expires_at(window()) == CLOSES + KEY_MARGIN
    assert switch_fires_after(window()) == CLOSES + SWITCH_GRACE
    assert SWITCH_GRACE + timedelta(hours=1) + timedelta(hours=4) + 2 * timedelta(minutes=10) < KEY_MARGIN
    assert 2 * timedelta(minutes=10) < SWITCH_GRACE


def test_orders_say_where_and_until_when_and_hold_no_key() -> None:
    given = settings(window=WINDOW)
    ohio, oregon, _ = given.regions

    issue = issue_request(given)
    assert issue.litellm_url == "http://127.0.0.1:47800/litellm"
    assert (issue.alias, issue.until) == (KEY_ALIAS, CLOSES + KEY_MARGIN)
    assert issue.stored.region == "us-east-2"
    assert type(issue).model_validate_json(issue.text()) == issue
    assert [copy.namespace for copy in copy_request(given, oregon).copies] == [
        "coder-ws",
        "coder-ws-experiment",
        "coder-ws-demo",
    ]
    resume = resume_request(given, ohio)
    assert [target.namespace or target.name for target in resume.targets] == [
        "coder-ws",
        "coder-ws-experiment",
        "coder-ws-demo",
        "litellm",
        "coder-ws-all",
    ]
    assert resume.after == CLOSES + SWITCH_GRACE


def test_every_order_in_full(snapshot: SnapshotAssertion) -> None:
    """As the Jobs get them: a Job of an older version reads them as well."""
    given = settings(window=WINDOW)

    assert {
        "issue": issue_request(given).text(),
        "revoke": revoke_request(given).text(),
        **{
            f"{name} {region.name}": order.text()
            for region in given.regions[:2]
            for name, order in (
                ("copy", copy_request(given, region)),
                ("resume", resume_request(given, region)),
                *zip(("check generators", "check swappers"), check_requests(given, region), strict=True),
            )
        },
    } == snapshot
    assert (NAMESPACE, STORED_FIELD, MASTER_KEY_VARIABLE, SWITCH_SCHEDULE) == (
        "ai-coder-workshop",
        "LITELLM_MASTER_KEY",
        "LITELLM_MASTER_KEY",
        "10-40/10 * * * *",
    )
    assert (timedelta(hours=1), timedelta(hours=12)) == (SWITCH_GRACE, KEY_MARGIN)


@pytest.mark.parametrize(("users", "duration", "usd"), [(1, "1h", 39), (20, "24h", 780), (20, "25h", 1560)])
def test_an_alert_is_due_at_three_times_what_users_spend(users: int, duration: str, usd: int) -> None:
    given = settings(users=str(users), window={**WINDOW, "duration": duration})
    assert alert_usd(given) == usd
    assert (USD_PER_USER_AND_DAY, ALERT_MARGIN) == (13, 3)


def test_orders_need_a_window() -> None:
    needed = "^a setting is not set although the rule settings-complete has passed$"
    with pytest.raises(ValueError, match=needed):
        issue_request(settings())


@pytest.mark.parametrize(
    ("phase", "is_held"),
    [
        (None, False),
        (Phase.BEFORE, False),
        (Phase.PREPARATION, True),
        (Phase.RUNNING, True),
        (Phase.COOL_DOWN, True),
        (Phase.AFTER, False),
    ],
)
def test_rotation_is_held_in_the_window_only(phase: Phase | None, is_held: bool) -> None:
    assert holds_rotation(phase) is is_held


def test_every_report_says_whether_rotation_is_held() -> None:
    told = {phase: meaning(phase, window(), 20) for phase in Phase}

    assert "key rotation goes on" in meaning(None, None, 20)
    assert "LiteLLM's key are held" in told[Phase.RUNNING]
    assert "rotates LiteLLM's key once to check that, which restarts workspaces" in told[Phase.AFTER]


def test_with_a_window_image_url_and_issuers_must_be_set() -> None:
    regions = structure("regions")
    for region in regions:
        del region["cluster"]["oidc_issuer"]
    endpoints = structure("endpoints")
    del endpoints["litellm"]
    bare = config(window=WINDOW, regions=regions, rotation={"cron_job": "rotate-key"}, endpoints=endpoints)
    given = settings_from_config(bare)
    told = judge_settings(given, make_plan(given, phase=Phase.BEFORE))

    assert [finding.resource for finding in told] == [
        "workshop:rotation.image",
        "workshop:rotation.litellm_url",
        *(f"workshop:regions[{index}].cluster.oidc_issuer" for index in range(3)),
    ]
    assert "aws eks describe-cluster --region us-east-2 --name coder-ohio" in told[2].fix
    without = settings_from_config({key: value for key, value in bare.items() if key != "workshop:window"})
    assert judge_settings(without, make_plan(without)) == ()


def test_a_cron_job_that_does_not_exist_is_refused_with_those_that_do() -> None:
    absent = replace(ABSENT, known=("rotate-keys",))
    (found,) = found_missing("us-west-2", "coder-ws-demo/rotate-key", absent)

    assert isinstance(absent, Absent)
    assert str(found) == (
        "CronJob coder-ws-demo/rotate-key in us-west-2: not found; coder-ws-demo has rotate-keys; a "
        "forced patch would create another CronJob, and the real one would keep rotating: name what exists: "
        "workshop:rotation.cron_job, workshop:litellm.namespace and workshop:organizations (namespace)"
    )


def test_one_that_was_not_looked_up_is_refused_unjudged() -> None:
    (found,) = found_missing("us-east-2", "litellm/rotate-key", NO_ANSWER)

    assert not found.is_judged
    assert "lookup failed: no answer: timed out" in found.problem


def test_before_the_window_nothing_has_to_exist() -> None:
    assert found_missing("us-east-2", "litellm/rotate-key", ABSENT, Phase.BEFORE) == []
    assert len(found_missing("us-east-2", "litellm/rotate-key", ABSENT, Phase.AFTER)) == 1
