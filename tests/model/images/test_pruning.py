"""Which copies may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from tests.model.given import NOON
from workshop.model.images.parts import Entry
from workshop.model.images.pruning import KEPT, prunable

LATER = NOON + KEPT + timedelta(days=10)


def named(letter: str) -> str:
    return f"sha256:{letter * 64}"


def copy(letter: str, *parts: str, days: int = 0) -> tuple[str, Entry]:
    """An index with our own tag, pushed so many days after noon."""
    tag = f"latest-20241001-{letter * 12}"
    lists = tuple(named(part) for part in parts)
    return named(letter), Entry(tags=(tag,), pushed_at=NOON + timedelta(days=days), lists=lists)


def part(letter: str, subject: str | None = None, *tags: str) -> tuple[str, Entry]:
    return named(letter), Entry(tags=tags, pushed_at=NOON, subject=subject and named(subject))


OLD, NEW = copy("a", "1", "2"), copy("b", "2", "3", days=1)
ENTRIES: Mapping[str, Entry] = dict([OLD, NEW, part("1"), part("2"), part("3")])


def gone(entries: Mapping[str, Entry] = ENTRIES, *keep: str) -> list[str]:
    return [digest[7] for digest in prunable(entries, map(named, keep), LATER)]


def test_an_old_copy_goes_with_what_nothing_else_lists() -> None:
    assert gone() == ["a", "1"]


def test_what_is_pinned_stays_and_so_does_what_it_lists() -> None:
    assert gone(ENTRIES, "a") == []
    assert gone(ENTRIES, "1") == ["a"]


def test_the_newest_copy_stays_however_old_it_is() -> None:
    assert gone(dict([OLD, part("1"), part("2")])) == []


def test_a_copy_of_the_last_month_stays() -> None:
    young = {**ENTRIES, OLD[0]: replace(OLD[1], pushed_at=LATER - KEPT), NEW[0]: replace(NEW[1], pushed_at=LATER)}
    assert gone(young) == []


def test_what_has_another_tag_stays() -> None:
    assert gone({**ENTRIES, OLD[0]: replace(OLD[1], tags=(*OLD[1].tags, "latest"))}) == []
    assert gone({**ENTRIES, OLD[0]: replace(OLD[1], tags=("v1",))}) == []


def test_a_copy_that_two_runs_tagged_around_midnight_goes_all_the_same() -> None:
    assert gone({**ENTRIES, OLD[0]: replace(OLD[1], tags=(*OLD[1].tags, f"latest-20241002-{'a' * 12}"))}) == ["a", "1"]


def test_signatures_go_with_what_they_are_about_and_first() -> None:
    by_subject, by_tag = part("4", "a"), part("5", None, f"sha256-{'a' * 64}.sig")
    of_another, of_a_part = part("6", "b"), part("7", "1")
    entries = {**ENTRIES, **dict([by_subject, by_tag, of_another, of_a_part])}
    assert gone(entries) == ["4", "5", "7", "a", "1"]
    assert gone(entries, "a") == []


def test_a_tagged_part_stays() -> None:
    assert gone({**ENTRIES, named("1"): replace(ENTRIES[named("1")], tags=("debug",))}) == ["a"]
