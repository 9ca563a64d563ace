"""A rehearsal by hand, as its user sees it, on real API servers with Karpenter: the plan's nodes are those launched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rehearsal.test_guard import alive
from workshop.model.rehearsal.verdict import WAITS
from workshop.sandbox.paths import CHECKOUT

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

_SECONDS = 600


def rehearse(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "workshop", "rehearse", "--json", *arguments],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def test_where_volumes_are_as_planned_the_plan_holds_and_where_they_are_september_s_it_does_not(
    tmp_path: Path,
) -> None:
    """Two regions are as planned; in the first one nodes have the volumes of 30 September 2024."""
    done = rehearse(tmp_path, "--users", "12", "--speed", "30", "--fault", "small-volume")
    document = json.loads(done.stdout)
    found = {(one["region"], one["name"]): (one["predicted"], one["observed"]) for one in document["figures"]}
    for region, users, nodes in (("us-west-2", "4", "2"), ("eu-west-2", "3", "1")):
        assert found[region, "workspaces running"] == (users, users)
        assert found[region, "nodes"] == (nodes, nodes)
        assert found[region, "workspaces evicted"] == ("0", "0")
    # How long people wait depends on how busy this machine is.
    missed = [one for one in document["figures"] if one["passed"] is False and one["name"] not in WAITS]
    assert {one["region"] for one in missed} == {"us-east-2"}
    evicted = document["evicted"]["us-east-2"]
    assert evicted.keys() == {"The node was low on resource: ephemeral-storage."}, (missed, document["pending"])
    assert document["evicted"]["us-west-2"] == {}
    assert document["as_expected"]
    assert done.returncode == 0
    assert not alive(tmp_path)
    assert not list(tmp_path.iterdir())
