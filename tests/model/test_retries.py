"""How long a busy or failing system is left alone, and when it is given up."""

from __future__ import annotations

import pytest

from workshop.model.retries import seconds_to_wait

NONE = ("", "soon", "-1", "nan", "inf", "1e9", "\u0663", "9" * 400)
"""Headers that say no number of seconds."""


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("0", 1), ("0.4", 2), ("7", 8), ("299.2", 301), ("300", 301), ("100000", 301), *((text, 301) for text in NONE)],
)
def test_dns_4_a_429_is_waited_for_as_long_as_it_says(retry_after: str, seconds: int) -> None:
    assert seconds_to_wait(429, retry_after, 0) == seconds


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599, None])
def test_dns_4_a_failure_and_a_time_out_are_waited_for_a_little_longer_each_time(status: int | None) -> None:
    assert [seconds_to_wait(status, "", tries) for tries in range(4)] == [1, 2, 4, None]
    assert [seconds_to_wait(status, "9", tries) for tries in range(4)] == [10, 10, 10, None]


def test_dns_4_eight_times_is_enough() -> None:
    assert [seconds_to_wait(429, "1", tries) for tries in (7, 8, 9)] == [2, None, None]


@pytest.mark.parametrize("status", [200, 301, 400, 403, 404, 428, 430, 499])
def test_dns_4_an_answer_is_not_waited_for(status: int) -> None:
    assert seconds_to_wait(status, "9", 0) is None
