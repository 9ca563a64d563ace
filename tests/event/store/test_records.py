"""What is kept of people is gone once it is erased."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from workshop.event.store.records import Records, SeatRecord


def test_erased_people_leave_nothing_that_could_name_them(tmp_path: Path) -> None:
    with closing(Records(f"sqlite:///{tmp_path / 'event.db'}", "october")) as records:
        records.add_seats([SeatRecord(seat=1, email="ada@example.com", name="Ada", account="ada")])
        records.change_seat(1, problem="ada's build failed", restored="already there: ada.txt", failures=2)
        records.erase_people()
        assert "ada" not in repr(records.seats()).casefold()
        assert records.seats()[0].failures == 2
