"""Pool and class as they are: Karpenter's AWS provider launches what the plan says, of the types that it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rehearsal.test_rehearse import rehearse
from workshop.sandbox.clusters.binaries import find_karpenter_on_aws

pytestmark = [
    pytest.mark.clusters,
    pytest.mark.slow,
    pytest.mark.skipif(
        find_karpenter_on_aws() is None, reason="Karpenter's AWS provider is not built: workshop rehearse --true does"
    ),
]


def test_the_plan_s_nodes_are_launched_for_the_class_itself(tmp_path: Path) -> None:
    done = rehearse(tmp_path, "--users", "20", "--region", "us-west-2", "--speed", "30", "--true")
    document = json.loads(done.stdout)
    found = {one["name"]: (one["predicted"], one["observed"]) for one in document["figures"]}
    assert found["workspaces running"] == ("6", "6"), document["pending"]
    assert found["nodes"] == ("2", "2")
    assert found["nodes with images at the start"] == ("2", "2")
    assert found["USD per hour"] == ("1.43", "1.27")  # c6a.4xlarge, the cheaper of the two


def test_a_node_that_aws_retires_is_replaced_by_what_karpenter_reads_on_its_queue(tmp_path: Path) -> None:
    done = rehearse(tmp_path, "--users", "20", "--region", "us-west-2", "--true", "--fault", "node-retired")
    document = json.loads(done.stdout)
    found = {one["name"]: (one["predicted"], one["observed"]) for one in document["figures"]}
    assert found["workspaces running"] == ("6", "6"), document["pending"]
    assert found["nodes with images at the start"] == ("2", "2")
    assert found["nodes"] == ("2", "3")  # there was no room elsewhere
    assert document["as_expected"]
