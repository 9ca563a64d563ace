"""Nodes are made ready in the window, in regions that have any, as the plan has them."""

from __future__ import annotations

import pytest

from tests.model.given import regions
from tests.program.declaring import REGIONS, declared
from workshop.model.warm import WarmRequest
from workshop.model.window.phases import Phase


@pytest.mark.parametrize("phase", [None, *Phase])
def test_they_are_declared_in_the_window_alone(phase: Phase | None) -> None:
    warm = declared(phase).recorded.of_type("workshop:components:WarmNodes")
    assert [one.name for one in warm] == (list(REGIONS) if phase and phase.is_in_window else [])


def test_a_region_without_users_has_none() -> None:
    shares = regions({0: {"share": 70}, 2: {"share": 0}})
    warm = declared(Phase.PREPARATION, regions=shares).recorded.of_type("workshop:components:WarmNodes")
    assert [one.name for one in warm] == ["us-east-2", "us-west-2"]


def test_each_gets_its_own_regions_number() -> None:
    stack = declared(Phase.PREPARATION)
    requests = [
        WarmRequest.model_validate_json(stack.component("WarmNodes", region).inputs["request"]) for region in REGIONS
    ]
    assert [one.nodes for one in requests] == [4, 2, 2]
