from __future__ import annotations

import pytest

from tests.event.coder.replay import replayed

ORGANIZATION = "e29f84cd-b298-49ae-88c4-24bd2aa88ee9"


@pytest.mark.parametrize(("name", "idle"), [("419-daemons-busy", 0), ("600-provisionerdaemons-as-owner", 2)])
def test_those_that_are_busy_take_no_build(name: str, idle: int) -> None:
    with replayed(name) as coder:
        assert coder.provisioners_by_status(ORGANIZATION).get("idle", 0) == idle
