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
OTHER, PINNED, FROM_HELM = (
    f"registry/coder-preview{version}" for version in (f"@sha256:{'0' * 64}", f"@{settings().image.digest}", ":latest")
)
SAME_SCHEMA, BACK = (found(Pinned(may_change_schema=is_back, is_rollback=is_back)) for is_back in (False, True))


def told(
    snapshot: Observation[datetime] | None = FRESH,
    pinned: Observation[Pinned] | None = None,
    *,
    running: str = OTHER,
    instance: str | None = "coder",
    scope: str = "all",
) -> list[str]:
    """What is refused. pinned: how the image came to be, unset: by a new schema. running: image on the server."""
    given = settings(database_instance=instance, scope=scope)
    here = observe(given)
    if running:
        deployments: Any = here.regions["us-east-2"].deployments
        server: Found[PatchTarget] = deployments["coder/coder"]
        images = {"coder": running}
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


def test_a_history_that_can_not_be_read_asks_for_the_database_too() -> None:
    given = settings(database_instance=None)
    observed = replace(observe(given), pinned=NO_ANSWER)
    (refused,) = schema_snapshot.check(given, plan_of_event(given), observed)
    assert not refused.is_judged
    assert "workshop:database_instance is not set" in refused.problem


@pytest.mark.parametrize(("snapshot", "pinned"), [(NO_ANSWER, None), (FRESH, NO_ANSWER), (ABSENT, NO_ANSWER)])
def test_what_is_not_known_is_not_judged_and_not_let_through(snapshot: Any, pinned: Any) -> None:  # noqa: ANN401
    given = settings(database_instance="coder")
    pinned = pinned or found(Pinned(may_change_schema=True, is_rollback=False))
    (refused,) = schema_snapshot.check(
        given, plan_of_event(given), replace(observe(given), snapshot=snapshot, pinned=pinned)
    )
    assert not refused.is_judged
    assert "lookup failed: the system: no answer: timed out" in refused.problem


@pytest.mark.parametrize("instance", ["coder", None])
@pytest.mark.parametrize("pinned", [SAME_SCHEMA, BACK], ids=["the same schema", "the way back"])
def test_nothing_is_wanted_where_nothing_is_migrated(pinned: Observation[Pinned], instance: str | None) -> None:
    assert told(ABSENT, pinned, instance=instance) == []


@pytest.mark.parametrize("instance", ["coder", None])
def test_what_nobody_promoted_may_migrate_it_unless_it_is_the_first(instance: str | None) -> None:
    """The first takes Helm's image over, of which nothing is known, and there is no way back to it."""
    assert told(ABSENT, ABSENT, instance=instance) != []
    assert told(ABSENT, ABSENT, instance=instance, running=FROM_HELM) == []


@pytest.mark.parametrize("instance", ["coder", None])
def test_nothing_is_wanted_once_the_server_runs_it(instance: str | None) -> None:
    assert told(ABSENT, running=PINNED, instance=instance) == []


def test_a_database_that_nobody_named_is_asked_for() -> None:
    assert told(None, instance=None) == [
        "[schema-snapshot] Coder's database: the image that is pinned may migrate it, and workshop:database_instance "
        "is not set, so that nobody sees a snapshot; an older server refuses a newer schema, so that going back takes "
        "the snapshot: pulumi config set workshop:database_instance INSTANCE (cluster:NAME for Aurora; none where it "
        "is elsewhere, once you have a snapshot)"
    ]


def test_of_a_cluster_the_command_is_another() -> None:
    (refused,) = told(ABSENT, instance="cluster:coder")
    assert "database coder in us-east-2" in refused
    assert "aws rds create-db-cluster-snapshot --region us-east-2 --db-cluster-identifier coder" in refused
    assert "--db-cluster-snapshot-identifier before-" in refused


def test_of_a_database_elsewhere_nothing_is_wanted() -> None:
    assert told(None, instance="none") == []
    assert told(ABSENT, scope="registry") == []
    assert told(ABSENT, instance=None, scope="registry") == []
