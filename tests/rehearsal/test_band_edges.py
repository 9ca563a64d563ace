"""At the edges of the guide's bands, and where a node more is due, Karpenter launches what the plan says."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from benchmarks.sweep.cluster import REGIONS, Cluster, clusters_of
from benchmarks.sweep.stacks import of_users, pools_of, random_stacks
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.rehearsal.guard import guarded_folder, sandbox_in

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

OHIO = "us-east-2"


@pytest.fixture(scope="module")
def ohio() -> Generator[Cluster]:
    with (
        guarded_folder() as folder,
        clusters_of(sandbox_in(folder), {OHIO: REGIONS[OHIO]}, lambda _: None) as clusters,
    ):
        yield clusters[OHIO]


@pytest.mark.parametrize("users", [9, 20, 30, 60])
def test_karpenter_launches_what_is_planned(ohio: Cluster, users: int) -> None:
    agree(ohio, of_users(users))


def test_so_it_does_for_other_shapes_volumes_and_instance_types(ohio: Cluster) -> None:
    agree(ohio, next(random_stacks(1)))


def agree(cluster: Cluster, rehearsal: Rehearsal) -> None:
    plan = rehearsal.plan.regions[OHIO].nodes
    launched = cluster.launch(rehearsal, pools_of(rehearsal)[OHIO])
    assert launched.waiting == 0, launched.refused
    assert len(launched.nodes) == plan.nodes
    assert {*launched.nodes.values()} <= {*rehearsal.settings.workspaces.instance_types}
