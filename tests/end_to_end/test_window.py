"""A window from before it opens until it has closed, at the actual time: one sandbox, one chapter after another."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.end_to_end.conftest import Chapter
from tests.end_to_end.sandbox import REGIONS, Ran, workshop
from tests.end_to_end.world import World, look
from tests.sandbox.servers_for_tests import running
from workshop.model.names import NODE_POOL, PHASE_ANNOTATION, USERS_ANNOTATION, WARM_NODES
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.slow

WARM = f"{WARM_NODES}/{WARM_NODES}"
OLD_POOL = "coder-ws-all"
BASELINE = {
    "coder-ws/coder-provisioner": [6, 6, 6],
    "coder-ws-demo/coder-provisioner": [2, 2, 2],
    "litellm/litellm": [4],
}
FOR_20 = {**BASELINE, "coder-ws/coder-provisioner": [12, 12, 12], "litellm/litellm": [6]}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The sandbox, and a window that starts so many hours from now."""

    paths: SandboxPaths
    born: datetime

    def up(self, starts_in_hours: int, *arguments: str, overrides: tuple[str, ...] = ()) -> Chapter:
        ran = self.run(starts_in_hours, "up", *arguments, overrides=overrides)
        return Chapter(ran=ran, world=look(self.paths))

    def run(self, starts_in_hours: int, *arguments: str, overrides: tuple[str, ...] = ()) -> Ran:
        start = (self.born + timedelta(hours=starts_in_hours)).isoformat()
        window = {"start": start, "duration": "4h", "preparation": "24h", "cool_down": "2h", "overrides": overrides}
        kept = {"sandbox": {"workshop:users": "20", "workshop:window": json.dumps(window)}}
        self.paths.overrides.write_text(json.dumps(kept), encoding="utf-8")
        return workshop(self.paths, *arguments)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    with running(tmp_path_factory.mktemp("window")) as paths:
        yield Stage(paths=paths, born=datetime.now(UTC))


@pytest.fixture(scope="module")
def before(stage: Stage) -> Chapter:
    return stage.up(48)


@pytest.fixture(scope="module")
def during(stage: Stage, before: Chapter) -> Chapter:
    return stage.up(-1)


@pytest.fixture(scope="module")
def again(stage: Stage, during: Chapter) -> Chapter:
    return stage.up(-1)


@pytest.fixture(scope="module")
def while_warm(stage: Stage, again: Chapter) -> Generator[Chapter]:
    """Nodes are being made ready in one region: the CronJob has scaled what starts them."""
    store = ManifestStore(stage.paths.clusters / REGIONS["us-east-2"])
    scale(store, 4)
    yield stage.up(-1)
    scale(store, 0)


def scale(store: ManifestStore, replicas: int) -> None:
    metadata = {"name": WARM_NODES, "namespace": WARM_NODES}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": replicas}}
    store.apply(deployment, "ai-coder-workshop-warm", force=True)


@pytest.fixture(scope="module")
def refused(stage: Stage, again: Chapter, while_warm: Chapter) -> Chapter:
    return stage.up(-1, "--users", "2")


@pytest.fixture(scope="module")
def overridden(stage: Stage, refused: Chapter) -> Chapter:
    return stage.up(-1, "--users", "2", overrides=("fewer-users", "image-change"))


@pytest.fixture(scope="module")
def after(stage: Stage, overridden: Chapter) -> Chapter:
    return stage.up(-30)


def pods(world: World) -> Mapping[str, list[int]]:
    return {
        key: [cluster.deployments[key][0] for cluster in world.clusters.values() if key in cluster.deployments]
        for key in BASELINE
    }


def limits(world: World, pool: str) -> list[str | None]:
    return [world.clusters[name].pools[pool]["spec"].get("limits", {}).get("cpu") for name in REGIONS.values()]


def budgets(world: World) -> list[list[str]]:
    pools = (world.clusters[name].pools[NODE_POOL]["spec"]["disruption"] for name in REGIONS.values())
    return [[budget["nodes"] for budget in pool.get("budgets", [])] for pool in pools]


def told(world: World, annotation: str) -> list[str]:
    return [world.clusters[name].pools[NODE_POOL]["metadata"]["annotations"][annotation] for name in REGIONS.values()]


def test_before_the_window_the_baseline_is_declared_and_said_to_be(before: Chapter) -> None:
    assert before.ran.exit_code == 0, before.ran.document["error"]
    assert before.ran.document["phase"] == "before"
    assert "the baseline is declared, without room for the event's 20 users" in before.ran.document["phase_means"]
    assert before.ran.document["outputs"]["phase"] == "before"
    assert pods(before.world) == BASELINE
    assert limits(before.world, NODE_POOL) == ["16", "16", "16"]
    assert limits(before.world, OLD_POOL) == [None, None, None]
    assert told(before.world, PHASE_ANNOTATION) == ["before"] * 3


def test_in_the_window_there_is_room_and_nodes_are_held(during: Chapter) -> None:
    assert during.ran.exit_code == 0, during.ran.document["error"]
    assert pods(during.world) == FOR_20
    assert limits(during.world, NODE_POOL) == ["80", "48", "48"]
    assert limits(during.world, OLD_POOL) == ["0", "0", "0"]
    assert budgets(during.world) == [["10%", "0"]] * 3
    assert told(during.world, USERS_ANNOTATION) == ["10", "6", "4"]


def test_the_classes_of_nodes_never_change(before: Chapter, during: Chapter, after: Chapter) -> None:
    classes = [[cluster.classes for cluster in chapter.world.clusters.values()] for chapter in (before, during, after)]
    assert classes[0] == classes[1] == classes[2]


def test_a_second_up_in_the_same_phase_changes_nothing(during: Chapter, again: Chapter) -> None:
    assert again.ran.document["steps"] == []
    assert again.world == during.world


def test_what_makes_nodes_ready_is_declared_in_the_window_alone(
    before: Chapter, during: Chapter, after: Chapter
) -> None:
    declared = [
        [cluster.deployments.get(WARM, (None,))[0] for cluster in chapter.world.clusters.values()]
        for chapter in (before, during, after)
    ]
    assert declared == [[None] * 3, [0] * 3, [None] * 3]


def test_an_up_leaves_nodes_that_are_being_made_ready_alone(while_warm: Chapter) -> None:
    assert while_warm.ran.exit_code == 0, while_warm.ran.document["error"]
    assert while_warm.ran.document["steps"] == []
    assert while_warm.world.clusters[REGIONS["us-east-2"]].deployments[WARM][0] == 4


def test_fewer_users_are_refused_in_the_window(while_warm: Chapter, refused: Chapter) -> None:
    assert refused.ran.exit_code == 1
    assert {found["policy"] for found in refused.ran.document["violations"]} == {"rules/scale-down"}
    assert refused.world == while_warm.world


def test_an_override_by_name_lets_them_pass_and_is_reported(overridden: Chapter) -> None:
    assert overridden.ran.exit_code == 0, overridden.ran.document["error"]
    assert pods(overridden.world) == BASELINE
    advice = [
        one["message"] for one in overridden.ran.document["violations"] if one["policy"] == "rules/window-override"
    ]
    assert any("fewer-users lets through what scale-down refuses" in message for message in advice)
    assert any("image-change is set, and no rule needs it now" in message for message in advice)


def test_after_the_window_nothing_is_left_behind(before: Chapter, after: Chapter) -> None:
    assert after.ran.exit_code == 0, after.ran.document["error"]
    assert pods(after.world) == BASELINE
    assert limits(after.world, NODE_POOL) == ["16", "16", "16"]
    for context in REGIONS.values():
        first, last = before.world.clusters[context], after.world.clusters[context]
        assert last.deployments == first.deployments
        assert last.pools[OLD_POOL]["spec"] == first.pools[OLD_POOL]["spec"]
        assert {entry["manager"] for entry in last.pools[OLD_POOL]["metadata"]["managedFields"]} == {"Terraform"}
        assert last.pools[NODE_POOL]["spec"] == first.pools[NODE_POOL]["spec"]
    assert told(after.world, PHASE_ANNOTATION) == ["after"] * 3


def test_plan_shows_what_the_event_needs_whatever_the_time_is(stage: Stage, after: Chapter) -> None:
    document = stage.run(48, "plan").document
    assert (document["phase"], document["plan"]["phase"], document["plan"]["users"]) == ("before", "running", 20)
