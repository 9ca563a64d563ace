"""A real stack on the sandbox's systems keeps all that decides about its plan."""

from __future__ import annotations

import json

import pytest

from tests.model.given import config
from workshop.model.plan.plan import make_plan
from workshop.model.rehearsal.stand_in import NoSuchRegion, on_sandbox
from workshop.model.settings.config import settings_from_config


def test_the_committed_stacks_differ_in_nothing_else() -> None:
    stand_in = on_sandbox(config("workshop"), config("sandbox"))
    real, sandbox = (settings_from_config(one) for one in (stand_in.config, config("sandbox")))
    assert real == sandbox
    assert {"account", "zone.id", "regions[us-east-2].cluster", "regions[eu-west-2].zones"} <= {*stand_in.taken}


def test_what_decides_about_the_plan_is_the_stack_s_own() -> None:
    given = config("workshop", workspaces={"storage_gib": 33}, autoscaling={"enabled": True}, users="41")
    regions = json.loads(given["workshop:regions"])
    regions[0] |= {"vcpu_quota": 640, "zones": ["us-east-2a"], "node_role": "theirs"}
    given["workshop:regions"] = json.dumps(regions)
    settings = settings_from_config(on_sandbox(given, config("sandbox")).config)
    assert settings.workspaces.storage_gib == 33
    assert settings.autoscaling.enabled
    assert make_plan(settings).users == 41
    region = settings.regions[0]
    assert (region.vcpu_quota, region.zones, region.node_role) == (640, ("us-east-2a",), "coder-ohio-karpenter-node")


def test_what_only_the_sandbox_s_stack_sets_is_unset() -> None:
    stand_in = on_sandbox(config("workshop"), config("sandbox", spend_ceiling_usd="7"))
    assert settings_from_config(stand_in.config).spend_ceiling_usd == 0


def test_a_region_without_a_cluster_in_the_sandbox_is_named() -> None:
    regions = json.loads(config("workshop")["workshop:regions"])
    given = config("workshop", regions=[{**regions[0], "name": "ap-south-1"}])
    with pytest.raises(NoSuchRegion, match="ap-south-1"):
        on_sandbox(given, config("sandbox"))
