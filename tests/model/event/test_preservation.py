"""Every seat is counted once, and what is not kept has a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.model.event.test_receipts import AT, KEPT
from workshop.model.event.preservation import Keeping, preservation, preservation_text
from workshop.model.event.receipts import Receipt
from workshop.sandbox.json_values import Json

REASONS = {"failed": "the stream ended early", "refused": "700 MiB are more than 512 MiB"}


def receipt(seat: int, minutes: int, result: str, **more: Json) -> Receipt:
    found = {**(KEPT if result == "saved" else {"reason": REASONS.get(result, "")}), **more}
    base = {"seat": seat, "workspace_id": "w", "build_number": 1, "at": AT + timedelta(minutes=minutes)}
    return Receipt.model_validate({**base, "result": result, **found})


@pytest.mark.parametrize(
    ("results", "keeping", "reason"),
    [
        ([], Keeping.UNSEEN, "no save was tried"),
        (["saved"], Keeping.SAVED, ""),
        (["failed", "saved"], Keeping.SAVED, ""),
        (["saved", "failed"], Keeping.OLDER, "the stream ended early"),
        (["saved", "refused"], Keeping.OLDER, "700 MiB are more than 512 MiB"),
        (["saved", "empty"], Keeping.SAVED, "empty since 09:31 UTC"),
        (["saved", "declined"], Keeping.SAVED, "declined since 09:31 UTC"),
        (["empty"], Keeping.EMPTY, ""),
        (["declined"], Keeping.DECLINED, ""),
        (["failed"], Keeping.LOST, "the stream ended early"),
        (["empty", "refused"], Keeping.LOST, "700 MiB are more than 512 MiB"),
    ],
    ids=str,
)
def test_what_is_kept_of_a_seat(results: list[str], keeping: Keeping, reason: str) -> None:
    receipts = [receipt(1, minute, result) for minute, result in enumerate(results)]
    found = preservation("october", [1], reversed(receipts))
    (seat,) = found.seats
    assert (seat.keeping, seat.reason) == (keeping, reason)
    assert found.is_complete is (keeping in (Keeping.SAVED, Keeping.EMPTY, Keeping.DECLINED))


@given(
    some.sets(some.integers(1, 5)),
    some.lists(some.tuples(some.integers(1, 6), some.integers(0, 9), some.sampled_from([*REASONS, "saved", "empty"]))),
)
def test_no_seat_is_missing_and_none_is_lost_without_a_reason(
    seats: set[int], tried: list[tuple[int, int, str]]
) -> None:
    found = preservation("october", seats, [receipt(*one) for one in tried])
    assert {one.seat for one in found.seats} == seats | {seat for seat, _, _ in tried}
    assert sum(found.counts.values()) == len(found.seats)
    assert all(one.reason for one in found.seats if one.keeping in (Keeping.LOST, Keeping.OLDER, Keeping.UNSEEN))


def test_the_report_leads_with_the_answer_and_names_the_rest() -> None:
    receipts = [receipt(seat, 0, "saved", bytes=1024 * 1024, files=10) for seat in range(1, 58)]
    receipts += [receipt(57, 30, "failed"), receipt(58, 0, "refused"), receipt(59, 0, "empty", reason="no files")]
    kept = preservation("october", range(1, 61), receipts)
    assert preservation_text(kept) == (
        "october: 60 seats: 56 saved, 1 with older work only, 1 empty, 1 lost, 1 not looked at\n"
        "570 files in 57.0 MiB of archives\n"
        "  seat 57  older, saved at 09:30 UTC: the stream ended early\n"
        "  seat 58  lost: 700 MiB are more than 512 MiB\n"
        "  seat 59  empty: no files\n"
        "  seat 60  unseen: no save was tried"
    )
    assert preservation_text(preservation("october", [], [])).startswith("october: 0 seats: none\n")


def test_it_is_the_same_as_json() -> None:
    kept = preservation("october", [1, 2], [receipt(1, 0, "saved")])
    assert type(kept).model_validate_json(kept.model_dump_json()) == kept
