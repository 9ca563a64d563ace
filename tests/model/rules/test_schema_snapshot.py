"""Before the database may be migrated there is a snapshot, where the settings name the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.model.given import ABSENT, NO_ANSWER, NOON, found, in_region, judged, observe, settings
from workshop.model.observations import Found, Observation, PatchTarget, Pinned
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.observations import schema_snapshot

FRESH = found(NOON - timedelta(hours=1))


def told(
    snapshot: Observation[datetime] | None = FRESH,
    pinned: Observation[Pinned] | None = None,
    *,
    is_running: bool = False,
    instance: str | None = "coder",
    scope: str = "all",
) -> list[str]:
    """What is refused. pinned: how the image came to be, unset: by a new schema. is_running: on the server."""
    given = settings(database_instance=instance, scope=scope)
    here = observe(given)
    if is_running:
        deployments: Any = here.regions["us-east-2"].deployments
        server: Found[PatchTarget] = deployments["coder/coder"]
        images = {"coder": f"registry/coder-preview@{given.image.digest}"}
        server = found(replace(server.value, images=images))
        here = observe(given, in_region("us-east-2", deployments={**deployments, "coder/coder": server}))
    pinned = pinned or found(Pinned(may_change_schema=True, is_rollback=False))
    observed = replace(here, snapshot=snapshot, pinned=pinned)
    return [one for one in judged(given, observed) if one.startswith("[schema-snapshot")]


def test_a_fresh_snapshot_is_enough() -> None:
    assert told() == []
    assert told(found(NOON - timedelta(hours=2))) == []


def test_an_old_one_is_not() -> None:
    digest = settings().image.digest or ""
    assert told(found(NOON - timedelta(hours=2, seconds=60))) == [
        "[schema-snapshot] database coder in us-east-2: the image that is pinned may migrate it, and the newest "
        "snapshot is 2 h 1 min old, at most 2 h 0 min are needed; an older server refuses a newer schema, so that "
        "going back takes the snapshot: aws rds create-db-snapshot --region us-east-2 --db-instance-identifier coder "
        f"--db-snapshot-identifier before-{digest[7:19]}"
    ]


def test_none_at_all_is_refused() -> None:
    (refused,) = told(ABSENT)
    assert "it has no snapshot that can be restored" in refused


@pytest.mark.parametrize(("snapshot", "pinned"), [(NO_ANSWER, None), (FRESH, NO_ANSWER), (ABSENT, NO_ANSWER)])
def test_what_is_not_known_is_not_judged_and_not_let_through(snapshot: Any, pinned: Any) -> None:  # noqa: ANN401
    given = settings(database_instance="coder")
    pinned = pinned or found(Pinned(may_change_schema=True, is_rollback=False))
    (refused,) = schema_snapshot.check(
        given, plan_of_event(given), replace(observe(given), snapshot=snapshot, pinned=pinned)
    )
    assert not refused.is_judged
    assert "lookup failed: the system: no answer: timed out" in refused.problem


@pytest.mark.parametrize(
    "pinned",
    [
        found(Pinned(may_change_schema=False, is_rollback=False)),
        found(Pinned(may_change_schema=True, is_rollback=True)),
        ABSENT,
    ],
    ids=["the same schema", "the way back", "nobody promoted it"],
)
def test_nothing_is_wanted_where_nothing_is_migrated(pinned: Observation[Pinned]) -> None:
    assert told(ABSENT, pinned) == []


def test_nothing_is_wanted_once_the_server_runs_it() -> None:
    assert told(ABSENT, is_running=True) == []


def test_nothing_is_wanted_of_a_database_that_no_setting_names() -> None:
    assert told(ABSENT, instance=None) == []
    assert told(None) == []
    assert told(ABSENT, scope="registry") == []
