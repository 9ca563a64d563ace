"""A node pool goes only when no workspace runs on it, and no answer counts as running."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from tests.components.recorded import Recorded, run
from tests.model.given import settings
from tests.observe.kubernetes_api import kubeconfig, serving
from workshop.program.deletion import InUse, refuse_while_workspaces_run


def objects(pool: str, phase: str = "Running") -> Mapping[str, Any]:
    """One workspace in an organization's namespace, on a node of this pool."""
    return {
        "/api/v1/nodes/one": {"metadata": {"name": "one", "labels": {"karpenter.sh/nodepool": pool}}},
        "/api/v1/namespaces/coder-ws-demo/pods/a": {
            "metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "coder-workspace"}},
            "spec": {"containers": [{"name": "dev"}], "nodeName": "one"},
            "status": {"phase": phase},
        },
    }


def delete(file: str) -> Recorded:
    """As the engine does before it deletes the pool of the second region."""
    given = settings(kubeconfig=file)

    def program() -> None:
        hook = refuse_while_workspaces_run(given, given.regions[1])
        assert hook.name == "us-west-2-pool-is-empty"
        outcome = cast("Any", hook.callback)(None)
        if outcome is not None:
            asyncio.get_event_loop().run_until_complete(outcome)

    return run(program)


def test_it_stays_while_workspaces_run_on_it(tmp_path: Path) -> None:
    with serving(objects("workshop-workspaces")) as url, pytest.raises(InUse) as refusal:
        delete(kubeconfig(tmp_path / "config", url, "coder-oregon"))
    assert str(refusal.value) == (
        "NodePool workshop-workspaces in us-west-2: 1 workspace runs on its nodes; deleting it takes their "
        "nodes and their work: stop these workspaces, then run destroy again"
    )


@pytest.mark.parametrize("place", ["coder-ws-demo", "team-a"])
def test_preflight_1_it_stays_under_workspaces_without_labels(tmp_path: Path, place: str) -> None:
    there = {path.replace("coder-ws-demo", place): one for path, one in objects("workshop-workspaces").items()}
    del there[f"/api/v1/namespaces/{place}/pods/a"]["metadata"]["labels"]
    with serving(there) as url, pytest.raises(InUse, match="1 workspace runs on its nodes"):
        delete(kubeconfig(tmp_path / "config", url, "coder-oregon"))


@pytest.mark.parametrize("there", [objects("coder-ws-all"), objects("workshop-workspaces", "Succeeded")])
def test_it_goes_when_none_runs_on_it(tmp_path: Path, there: Mapping[str, Any]) -> None:
    with serving(there) as url:
        delete(kubeconfig(tmp_path / "config", url, "coder-oregon"))


def test_it_stays_where_the_cluster_gives_no_answer(tmp_path: Path) -> None:
    with serving({}) as url:
        file = kubeconfig(tmp_path / "config", url, "coder-oregon")
    with pytest.raises(Exception, match=r"refused|connect"):
        delete(file)
