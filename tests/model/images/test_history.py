"""What was pinned: written for review, read for the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.model.given import NOON
from workshop.model.images.history import (
    BadHistory,
    Promotion,
    Release,
    Risk,
    is_going_back,
    known_build,
    read_history,
    way_back,
    with_promotion,
)

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")


def promotion(digest: str, previous: str | None = None, *, is_rollback: bool = False) -> Promotion:
    return Promotion(
        image="coder-preview",
        digest=digest,
        previous=previous,
        version="v2.27.1",
        source="ghcr.io/coder/coder-preview:latest",
        promoted_at=NOON,
        promoted_by="Ada",
        is_rollback=is_rollback,
    )


def releases(*digests: str) -> list[Release]:
    """Of successive hours."""
    return [Release(digest=one, succeeded_at=NOON + timedelta(hours=hour)) for hour, one in enumerate(digests)]


def test_it_reads_as_a_reviewer_wants_it() -> None:
    assert with_promotion("", promotion(B, A).model_copy(update={"overrides": (Risk.SCHEMA_CHANGE,)})) == (
        "# What was pinned, oldest first; `workshop images promote` and `rollback` write it (docs/images.md).\n"
        "promotions:\n"
        "- image: coder-preview\n"
        f"  digest: {B}\n"
        f"  previous: {A}\n"
        "  version: v2.27.1\n"
        "  source: ghcr.io/coder/coder-preview:latest\n"
        "  promoted_at: '2026-10-01T12:00:00Z'\n"
        "  promoted_by: Ada\n"
        "  overrides:\n"
        "  - schema-change\n"
    )


def test_what_was_there_stays_to_the_letter() -> None:
    first = with_promotion("", promotion(A)).replace("  version", "  # tried on Tuesday\n  version")

    second = with_promotion(first, promotion(B, A))

    assert second.startswith(first)
    assert read_history(second) == (promotion(A), promotion(B, A))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("promotions: [1]", "promotions.0 must have keys and values"),
        ("promotions:", "promotions must be a list"),
        ("promoted", "the file must have keys and values"),
        ("promotions: [{}]", "promotions.0.image is missing"),
        (
            "promotions:\n- {image: one, digest: latest}",
            "promotions.0.digest: must be the digest",
        ),
        ("other: []", "other is no key of it"),
        ("promotions: *a", "line 1: alias"),
    ],
)
def test_a_damaged_file_is_neither_read_nor_added_to(text: str, why: str) -> None:
    for attempt in (lambda: read_history(text), lambda: with_promotion(text, promotion(A))):
        with pytest.raises(BadHistory) as refusal:
            attempt()
        assert str(refusal.value).startswith(why)


def test_a_promotion_has_no_key_that_nobody_knows() -> None:
    text = with_promotion("", promotion(A)).replace("promoted_by: Ada", "promoted_by: Ada\n  mail: ada@example.com")
    with pytest.raises(BadHistory, match=r"promotions\.0\.mail is no key of it"):
        read_history(text)


def test_the_way_back_is_the_newest_other_digest_that_was_applied() -> None:
    back = way_back([promotion(B, A)], releases(A, B, B), pinned=B)
    assert back is not None
    assert (back.digest, back.succeeded_at) == (A, NOON)


def test_a_digest_whose_up_failed_is_no_way_back() -> None:
    back = way_back([promotion(B, A), promotion(C, B)], releases(A), pinned=C)
    assert back is not None
    assert back.digest == A


def test_nobody_goes_back_to_what_was_left_by_going_back() -> None:
    history = [promotion(B, A), promotion(A, B, is_rollback=True)]
    assert way_back(history, releases(A, B, A), pinned=A) is None


def test_what_was_promoted_again_is_a_way_back_again() -> None:
    history = [promotion(B, A), promotion(A, B, is_rollback=True), promotion(B, A), promotion(C, B)]
    back = way_back(history, releases(A, B, A, B, C), pinned=C)
    assert back is not None
    assert back.digest == B


def test_without_a_release_there_is_no_way_back() -> None:
    assert way_back([promotion(A)], releases(A), pinned=A) is None
    assert way_back([], [], pinned=A) is None


def test_history_knows_what_its_source_may_have_deleted() -> None:
    assert known_build([promotion(A)], A).version == "v2.27.1"
    assert known_build([promotion(A)], B).version is None


def test_the_first_promotion_tells_of_what_was_pinned_before_there_was_a_history() -> None:
    first = promotion(B, A).model_copy(update={"previous_version": "v2.26.0"})
    assert known_build([first], A).version == "v2.26.0"
    assert known_build([promotion(A), first], A).version == "v2.27.1"


def test_a_way_back_is_open_until_an_up_succeeds_with_it() -> None:
    back = [promotion(B, A), promotion(A, B, is_rollback=True)]
    earlier, later = (Release(digest=A, succeeded_at=NOON + timedelta(hours=hours)) for hours in (-1, 1))
    other = promotion(C).model_copy(update={"image": "base-ws"})

    assert is_going_back([*back, other], [earlier], "coder-preview", A)
    assert not is_going_back(back, [earlier, later], "coder-preview", A)
    assert not is_going_back(back, [earlier], "coder-preview", B)
    assert not is_going_back(back[:1], [], "coder-preview", B)
    assert not is_going_back([], [], "coder-preview", A)
