"""What the keeper writes down while its database is away: a journal beside it, which is merged once it is back.

Then only what must not wait goes on: saves and stops, and ending what costs money.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from workshop.event.store.records import Records
from workshop.model.event.receipts import Receipt
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import Ending, EventState

MAY_NOT_WAIT: Final = frozenset(
    {Action.END, Action.SAVE, Action.CANCEL, Action.STOP, Action.CLOSE_POOL, Action.END_CLAIM, Action.TERMINATE}
)


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Entry(_Line):
    kind: Literal["entry"] = "entry"
    generation: int
    at: AwareDatetime
    action: Action
    subject: str
    phase: Literal["begun", "done", "failed"]
    text: str


class _Saved(_Line):
    kind: Literal["receipt"] = "receipt"
    receipt: Receipt


class _Ended(_Line):
    kind: Literal["claim"] = "claim"
    instance: str
    at: AwareDatetime


class _End(_Line):
    kind: Literal["end"] = "end"
    at: AwareDatetime
    reason: str


_Any = _Entry | _Saved | _Ended | _End
_Lines: Final = TypeAdapter[_Any](Annotated[_Any, Field(discriminator="kind")])


class LocalJournal:
    """Takes what Records would be told, as far as it is told anything then. file: one JSON document a line."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._alone = Lock()

    def begin(self, generation: int, step: Step, at: datetime) -> None:
        """As Records.begin; nobody can be asked who the keeper is."""
        self._write(_entry(generation, step, at, "begun", step.why))

    def finish(self, generation: int, step: Step, at: datetime, *, said: str = "", problem: str = "") -> None:
        """As Records.finish."""
        self._write(_entry(generation, step, at, "failed" if problem else "done", problem or said))

    def add_receipt(self, receipt: Receipt) -> None:
        """As Records.add_receipt."""
        self._write(_Saved(receipt=receipt))

    def add_ended_claim(self, instance: str, at: datetime) -> None:
        """As Records.add_ended_claim."""
        self._write(_Ended(instance=instance, at=at))

    def end(self, at: datetime, reason: str) -> None:
        """As Records.end."""
        self._write(_End(at=at, reason=reason))

    def complete(self, kept: EventState) -> EventState:
        """What was kept before the database went, with what was written down since."""
        receipts, ended, ending = {**kept.receipts}, {**kept.ended_claims}, kept.ending
        for line in self._read():
            if isinstance(line, _Saved):
                receipts[line.receipt.seat] = line.receipt
            elif isinstance(line, _Ended):
                ended.setdefault(line.instance, line.at)
            elif isinstance(line, _End):
                ending = ending or Ending(at=line.at, reason=line.reason)
        return replace(kept, receipts=receipts, ended_claims=ended, ending=ending)

    def merge(self, records: Records) -> None:
        """Moves all of it into the database. Whoever is killed here does it again: receipts are the same ones."""
        with self._alone:
            lines = self._read()
            for line in lines:
                if isinstance(line, _Saved):
                    records.add_receipt(line.receipt)
                elif isinstance(line, _Ended):
                    records.add_ended_claim(line.instance, line.at)
                elif isinstance(line, _End):
                    records.end(line.at, line.reason)
                else:
                    records.add_entry(line.model_dump(exclude={"kind"}))
            if lines:
                self._file.unlink()

    def _write(self, line: _Any) -> None:
        """On a line of its own: whoever wrote before may have been killed in the middle of one."""
        with self._alone:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"\n{line.model_dump_json()}\n")

    def _read(self) -> list[_Any]:
        """What can be read; half a line is none."""
        try:
            text = self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        found: list[_Any] = []
        for line in filter(None, text.split("\n")):
            with suppress(ValidationError):
                found.append(_Lines.validate_json(line))
        return found


def _entry(generation: int, step: Step, at: datetime, phase: Literal["begun", "done", "failed"], text: str) -> _Entry:
    return _Entry(generation=generation, at=at, action=step.action, subject=step.subject, phase=phase, text=text)
