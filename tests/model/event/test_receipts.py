"""A receipt says what it must, and where its archive lies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from workshop.model.event.receipts import Receipt, archive_key, receipt_key, to_restore
from workshop.sandbox.json_values import Json

AT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
BASE: Json = {"seat": 7, "workspace_id": "w", "build_number": 3, "at": AT}
KEPT: Json = {"key": "october/07/a.tar.gz", "sha256": "0" * 64, "bytes": 10, "files": 1}


def receipt(result: str, **more: Json) -> Receipt:
    return Receipt.model_validate({**BASE, "result": result, **more})


@pytest.mark.parametrize(
    ("result", "more", "reason"),
    [
        ("saved", {}, "belong to what was saved"),
        ("saved", {**KEPT, "sha256": ""}, "belong to what was saved"),
        ("saved", {**KEPT, "bytes": 0}, "belong to what was saved"),
        ("empty", KEPT, "belong to what was saved"),
        ("failed", {}, "a failed receipt needs a reason"),
        ("refused", {}, "a refused receipt needs a reason"),
        ("lost", {}, "Input should be"),
        ("empty", {"seat": 0}, "greater than or equal to 1"),
        ("empty", {"at": datetime(2026, 11, 30)}, "timezone"),  # noqa: DTZ001
        ("saved", {**KEPT, "sha256": "Z" * 64}, "pattern"),
        ("empty", {"name": "ada"}, "Extra inputs"),
    ],
)
def test_what_lacks_something_is_no_receipt(result: str, more: Json, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        receipt(result, **more)


@pytest.mark.parametrize(
    ("result", "more", "is_good"),
    [
        ("saved", KEPT, True),
        ("empty", {}, True),
        ("declined", {}, False),
        ("failed", {"reason": "cut off"}, False),
        ("refused", {"reason": "too much"}, False),
    ],
)
def test_saved_and_empty_are_good(result: str, more: Json, is_good: bool) -> None:
    assert receipt(result, **more).is_good is is_good


def test_a_reason_that_others_wrote_is_legible() -> None:
    assert receipt("failed", reason="\x1b[2J").reason == r"\x1b[2J"


def test_keys_are_in_utc_and_name_nobody() -> None:
    key = archive_key("october", 7, AT.astimezone(timezone(timedelta(hours=5))), 3)
    assert key == "october/07/20261130T093000Z-3.tar.gz"
    assert archive_key("october", 123, AT, 10) == "october/123/20261130T093000Z-10.tar.gz"
    assert receipt_key(key) == "october/07/20261130T093000Z-3.json"


def test_restored_is_the_newest_archive_that_the_running_build_does_not_have_already() -> None:
    def saved(minute: int, build: int, workspace: str = "w", **more: Json) -> Receipt:
        at = AT + timedelta(minutes=minute)
        made = {"at": at, "key": archive_key("october", 7, at, build), "build_number": build, "workspace_id": workspace}
        return receipt("saved", **{**KEPT, **made, **more})

    first, second, here = saved(0, 1), saved(1, 1), saved(2, 3)
    unchanged = second.model_copy(update={"at": AT + timedelta(minutes=3), "build_number": 3})
    other = saved(9, 1, seat=8)
    empty = receipt("empty", at=AT + timedelta(minutes=9))
    kept = (here, second, first, other, empty)
    assert to_restore(kept, 7, "w", 3) is second
    assert to_restore((*kept, unchanged), 7, "w", 3) is unchanged
    assert to_restore(kept, 7, "w", 1) is here
    assert to_restore(kept, 7, "another", 3) is here
    assert to_restore(kept, 8, "w", 3) is other
    assert to_restore((here, empty), 7, "w", 3) is None
