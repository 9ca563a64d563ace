"""Room for everybody, beside what runs already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.checks.cluster.test_nodes import OLD, OURS, node
from tests.checks.coder.test_coder_kinds import workspace, workspaces
from tests.checks.quick import clusters, results, site
from workshop.checks.cluster.places import FreePlaces
from workshop.model.names import NODE_TAINT

OHIO = "us-east-2"
TOLERATES = [{"key": NODE_TAINT["key"], "operator": "Exists"}]
DURING = datetime.fromisoformat("2026-10-02T18:00:00+00:00")
"""The event starts at 16:00."""


def pod(name: str, on: str | None = "a", **spec: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "metadata": {"name": name, "namespace": "coder-ws", "labels": spec.pop("labels", {})},
        "spec": {"containers": [{"name": "dev"}], **({"nodeName": on} if on else {}), **spec},
        "status": {"phase": "Running" if on else "Pending"},
    }


def said(
    folder: Path,
    pods: Sequence[Mapping[str, Any]],
    nodes: Sequence[Mapping[str, Any]] = (),
    known: Sequence[Mapping[str, Any]] = (),
    at: datetime | None = None,
) -> tuple[str, str, str]:
    """Ohio is planned for 10 users on 4 nodes of 3 places: verdict, found, needed."""
    objects = {
        **{f"/api/v1/nodes/{one['metadata']['name']}": one for one in (node("a", OURS), node("o", OLD), *nodes)},
        **{f"/api/v1/namespaces/coder-ws/pods/{one['metadata']['name']}": one for one in pods},
    }
    with clusters(folder, objects) as kubeconfig:
        here = site(workspaces(*known), kubeconfig=kubeconfig, users=20)
        (result,) = results(FreePlaces(), replace(here, now=at) if at else here, OHIO)
    return result["verdict"], result["found"], result["needed"]


def test_preflight_3_an_empty_pool_has_room_for_all(tmp_path: Path) -> None:
    assert said(tmp_path, []) == ("go", "12 of 12 places free", "10 for users")


def leftovers(count: int) -> list[dict[str, Any]]:
    return [pod(f"coder-{number}") for number in range(count)]


@pytest.mark.parametrize(("count", "verdict"), [(2, "go"), (3, "no-go"), (13, "no-go")])
def test_preflight_3_leftovers_take_places(tmp_path: Path, count: int, verdict: str) -> None:
    found = said(tmp_path, leftovers(count))
    assert found[:1] == (verdict,)
    assert found[1].startswith(f"{max(12 - count, 0)} of 12 places free")


def test_preflight_3_the_first_three_that_take_places_are_named(tmp_path: Path) -> None:
    assert said(tmp_path, leftovers(5))[1].endswith("; taken by coder-0, coder-1, coder-2 and 2 more")


def test_preflight_3_what_waits_for_a_node_takes_one_as_well(tmp_path: Path) -> None:
    waiting = [
        pod("w-1", None, tolerations=TOLERATES),
        pod("w-2", None, labels={"app.kubernetes.io/name": "coder-workspace"}),
        pod("w-3", None, labels={"com.coder.workspace.id": "3"}),
    ]
    others = [pod("o-1", None), pod("o-2", None, tolerations=[{"key": "team", "operator": "Exists"}]), pod("o-3", "o")]
    assert said(tmp_path, [*waiting, *others])[:2] == (
        "no-go",
        "9 of 12 places free; taken by w-1, w-2, w-3",
    )


def unready(name: str) -> dict[str, Any]:
    return node(name, OURS) | {"status": dict[str, Any]()}


@pytest.mark.parametrize(
    ("spare", "verdict", "words"),
    [
        ([node("b", OURS, is_cordoned=True)], "go", "12 of 12 places free; b cordoned or not Ready"),
        ([node("b", OURS, is_cordoned=True), node("c", OURS, is_cordoned=True)], "no-go", "9 of 9 places free"),
        ([unready("b"), unready("c")], "no-go", "b, c cordoned or not Ready"),
    ],
    ids=["the spare one", "two", "two that are not Ready"],
)
def test_preflight_3_nodes_that_take_nobody_count_against_the_pool_s_limit(
    tmp_path: Path, spare: list[dict[str, Any]], verdict: str, words: str
) -> None:
    found = said(tmp_path, [], spare)
    assert found[0] == verdict
    assert words in found[1]


def owned(count: int, each: int = 1, *, is_prebuild: bool = False) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Pods and what Coder knows of them: so many owners, with so many workspaces each."""
    ids = [f"{owner}b5b8a7e-8f0e-4f2c-9b57-{number:012d}" for owner in range(count) for number in range(each)]
    known = [{**workspace(one, is_prebuild=is_prebuild), "id": one, "owner_name": one[0]} for one in ids]
    return [pod(f"coder-{one}") for one in ids], known


def test_preflight_3_once_it_has_begun_users_who_are_there_need_no_other_place(tmp_path: Path) -> None:
    pods, known = owned(9)
    assert said(tmp_path, pods, known=known, at=DURING)[::2] == ("go", "1 for users")
    assert said(tmp_path, pods, known=known)[::2] == ("no-go", "10 for users")


def test_preflight_3_two_a_user_take_the_others_places(tmp_path: Path) -> None:
    pods, known = owned(5, each=2)
    assert said(tmp_path, pods, known=known, at=DURING)[::2] == ("no-go", "5 for users")


def test_preflight_3_prebuilds_are_nobody_s(tmp_path: Path) -> None:
    pods, known = owned(9, is_prebuild=True)
    assert said(tmp_path, pods, known=known, at=DURING)[::2] == ("no-go", "10 for users")


def test_preflight_3_pods_that_coder_does_not_know_are_nobody_s(tmp_path: Path) -> None:
    assert said(tmp_path, leftovers(9), at=DURING)[::2] == ("no-go", "10 for users")
