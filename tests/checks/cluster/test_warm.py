"""warm-nodes: what stands ready before people come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.checks.quick import clusters, site
from tests.model.given import regions
from workshop.checks.cluster.warm import WarmNodes
from workshop.model.preflight.record import Verdict

DIGEST = f"sha256:{'ab' * 32}"
START = datetime(2026, 10, 2, 16, tzinfo=UTC)
OREGON = "us-west-2"  # 6 of 20 users, on 2 nodes


def node(name: str, *images: str, is_ready: bool = True, is_cordoned: bool = False) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": {"karpenter.sh/nodepool": "workshop-workspaces"}},
        "spec": {"unschedulable": True} if is_cordoned else {},
        "status": {
            "conditions": [{"type": "Ready", "status": str(is_ready)}],
            "images": [{"names": [image, "ghcr.io/example/base:1"]} for image in images],
        },
    }


PULLED = f"ghcr.io/example/base@{DIGEST}"


def looked(
    folder: Path, before: timedelta, *nodes: Mapping[str, Any], region: str = OREGON, **values: object
) -> tuple[Verdict, str]:
    elsewhere = {"metadata": {"name": "elsewhere"}}  # without any node the API would not know of nodes
    objects = {f"/api/v1/nodes/{one['metadata']['name']}": one for one in (elsewhere, *nodes)}
    with clusters(folder, objects) as kubeconfig:
        given: dict[str, Any] = {"kubeconfig": kubeconfig, "arrival": {"images": [PULLED]}, **values}
        stack = replace(site(**given), now=START - before)
        found = WarmNodes().look(stack, next(one for one in stack.settings.regions if one.name == region))
    return found.verdict, found.found


@pytest.mark.parametrize(
    ("nodes", "verdict", "found"),
    [
        ((node("a", PULLED), node("b", PULLED)), Verdict.GO, "nodes warm 2 of 2, images pulled 2 of 2"),
        ((node("a", PULLED), node("b")), Verdict.NO_GO, "nodes warm 2 of 2, images pulled 1 of 2"),
        (
            (node("a", PULLED), node("b", PULLED, is_ready=False)),
            Verdict.NO_GO,
            "nodes warm 1 of 2, images pulled 1 of 2",
        ),
        (
            (node("a", PULLED), node("b", PULLED, is_cordoned=True)),
            Verdict.NO_GO,
            "nodes warm 1 of 2, images pulled 1 of 2",
        ),
        ((node("a", "ghcr.io/example/base@sha256:cd"),), Verdict.NO_GO, "nodes warm 1 of 2, images pulled 0 of 2"),
        ((), Verdict.NO_GO, "nodes warm 0 of 2, images pulled 0 of 2"),
    ],
)
def test_nodes_count_that_are_ready_and_have_every_image(
    tmp_path: Path, nodes: tuple[Mapping[str, Any], ...], verdict: Verdict, found: str
) -> None:
    assert looked(tmp_path, timedelta(minutes=45), *nodes) == (verdict, found)


@pytest.mark.parametrize(("gib", "verdict"), [(19, Verdict.GO), (20, Verdict.GO), (21, Verdict.WARNING)])
def test_images_are_compared_with_what_volumes_were_sized_with(tmp_path: Path, gib: int, verdict: Verdict) -> None:
    """Half of it, and half, in two images of the fuller node; 20 GiB are the default."""
    full = node("a", PULLED, "other")
    for image in full["status"]["images"]:
        image["sizeBytes"] = gib << 29
    found = looked(tmp_path, timedelta(minutes=45), full, node("b", PULLED))
    assert found == (verdict, f"nodes warm 2 of 2, images pulled 2 of 2, {gib}.0 GiB packed")


def test_where_no_images_are_named_none_are_looked_for(tmp_path: Path) -> None:
    found = looked(tmp_path, timedelta(minutes=45), node("a"), node("b"), arrival={})
    assert found == (Verdict.GO, "nodes warm 2 of 2")


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [(61, Verdict.GO), (60, Verdict.WARNING), (46, Verdict.WARNING), (45, Verdict.NO_GO), (-14, Verdict.NO_GO)],
)
def test_nodes_that_are_missing_are_late_only_when_they_should_be_there(
    tmp_path: Path, minutes: int, verdict: Verdict
) -> None:
    assert looked(tmp_path, timedelta(minutes=minutes))[0] is verdict


def test_once_people_have_come_nothing_is_asked(tmp_path: Path) -> None:
    assert looked(tmp_path, timedelta(minutes=-15)) == (Verdict.GO, "people have come")


def test_without_a_window_nobody_knows_when(tmp_path: Path) -> None:
    found = looked(tmp_path, timedelta(minutes=30), window=None)
    assert found == (Verdict.GO, "no window is set: nobody knows when")


def test_a_region_without_users_needs_none(tmp_path: Path) -> None:
    shares = regions({0: {"share": 70}, 2: {"share": 0}})
    found = looked(tmp_path, timedelta(minutes=30), region="eu-west-2", regions=shares)
    assert found == (Verdict.GO, "no users are expected here")
