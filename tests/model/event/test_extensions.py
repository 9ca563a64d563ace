"""More time leaves what a seat had already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workshop.model.event.extensions import Extension, extended
from workshop.model.event.seats import Span

HOUR = timedelta(hours=1)
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
EARLY = Span(starts_at=START - 24 * HOUR, ends_at=START, hours=HOUR)
MAIN = Span(starts_at=START, ends_at=START + 5 * HOUR)


def test_without_an_extension_early_access_and_the_event_are_as_they_were() -> None:
    assert extended((EARLY, MAIN), 1, ()) == (EARLY, MAIN)
    assert extended((MAIN,), 1, ()) == (MAIN,)


def test_running_time_moves_the_end_of_the_event_for_whom_it_is_meant() -> None:
    longer = Extension(seat=2, made_at=START, ends_at=START + 6 * HOUR)
    assert extended((EARLY, MAIN), 1, (longer,)) == (EARLY, MAIN)
    assert extended((EARLY, MAIN), 2, (longer,)) == (EARLY, Span(starts_at=START, ends_at=START + 6 * HOUR))


def test_access_begins_once_the_event_is_over_and_no_sooner_than_it_is_given() -> None:
    given = [Extension(seat=None, made_at=START + n * HOUR, ends_at=START + 30 * HOUR, hours=2 * HOUR) for n in (8, 1)]
    spans = extended((EARLY, MAIN), 7, given)
    assert spans[:2] == (EARLY, MAIN)
    assert [(span.starts_at, span.hours) for span in spans[2:]] == [
        (MAIN.ends_at, 2 * HOUR),
        (START + 8 * HOUR, 2 * HOUR),
    ]
