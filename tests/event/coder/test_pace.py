from __future__ import annotations

from workshop.event.coder.pace import CALLS_A_MINUTE, Pace


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_path_may_be_called_so_often_in_any_minute_and_others_not_less_for_it() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.take("/users") for _ in range(CALLS_A_MINUTE // 2)] == [0.0] * (CALLS_A_MINUTE // 2)
    clock.seconds += 20
    assert {pace.take("/users") for _ in range(CALLS_A_MINUTE // 2)} == {0.0}
    assert pace.take("/users") == 40.0
    assert pace.take("/workspaces") == 0.0
    clock.seconds += 40
    assert {pace.take("/users") for _ in range(CALLS_A_MINUTE // 2)} == {0.0}
    assert pace.take("/users") == 20.0


def test_a_path_that_coder_closed_is_closed_until_then() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.close("/users", 60)
    clock.seconds += 45
    assert pace.take("/users") == 15.0
    assert pace.take("/workspaces") == 0.0
    clock.seconds += 15
    assert pace.take("/users") == 0.0
