"""What looks saw, in the journal too: when a seat came into a state, and from when to when something had to be said.

Written down before it is kept: who is killed in between writes the same line twice, which says no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from workshop.event.store.records import Records, SeatRecord
from workshop.model.event.seats import workspace_name
from workshop.model.report.incidents import WARNING
from workshop.model.report.timeline import SEAT


def keep_state(records: Records, before: SeatRecord, state: str, ends_at: datetime | None, at: datetime) -> None:
    """Keeps how a seat is seen to be, and when what runs there ends; the journal has each new state once."""
    if before.state != state:
        records.note(at, SEAT, workspace_name(before.seat), state)
    if (before.state, before.ends_at) != (state, ends_at):
        records.change_seat(before.seat, state=state, ends_at=ends_at)


def keep_look(records: Records, said: Mapping[str, str], at: datetime) -> None:
    """Keeps what the last look has to say, by what it is about."""
    before = records.event().look
    for subject in sorted(said.keys() - before.keys()):
        records.note(at, WARNING, subject, "begun", said[subject])
    for subject in sorted(before.keys() - said.keys()):
        records.note(at, WARNING, subject, "done")
    records.keep_look(said)
