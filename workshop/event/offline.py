"""What the keeper writes down while its database is away: a journal beside it, which is merged once it is back.

Then only what must not wait goes on: saves and stops, and ending what costs money.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from workshop.event.records import Records
from workshop.model.event.receipts import Receipt
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import Kept

MAY_NOT_WAIT: Final = frozenset(
    {Action.SAVE, Action.CANCEL, Action.STOP, Action.CLOSE_POOL, Action.END_CLAIM, Action.TERMINATE}
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


_Lines: Final = TypeAdapter[_Entry | _Saved | _Ended](Annotated[_Entry | _Saved | _Ended, Field(discriminator="kind")])


class Offline:
    """Takes what Records would be told, as far as it is told anything then. file: one JSON document a line."""

    def __init__(self, file: Path) -> None:
        self._file = file

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

    def complete(self, kept: Kept) -> Kept:
        """What was kept before the database went, with what was written down since."""
        receipts, ended = {**kept.receipts}, {**kept.ended_claims}
        for line in self._read():
            if isinstance(line, _Saved):
                receipts[line.receipt.seat] = line.receipt
            elif isinstance(line, _Ended):
                ended.setdefault(line.instance, line.at)
        return replace(kept, receipts=receipts, ended_claims=ended)

    def merge(self, records: Records) -> None:
        """Moves all of it into the database. Whoever is killed here does it again: receipts are the same ones."""
        lines = self._read()
        for line in lines:
            if isinstance(line, _Saved):
                records.add_receipt(line.receipt)
            elif isinstance(line, _Ended):
                records.add_ended_claim(line.instance, line.at)
            else:
                records.add_entry(line.model_dump(exclude={"kind"}))
        if lines:
            self._file.unlink()

    def _write(self, line: _Entry | _Saved | _Ended) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(line.model_dump_json() + "\n")

    def _read(self) -> list[_Entry | _Saved | _Ended]:
        """The last line may be half of one: whoever wrote it was killed."""
        try:
            text = self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [_Lines.validate_json(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _entry(generation: int, step: Step, at: datetime, phase: Literal["begun", "done", "failed"], text: str) -> _Entry:
    return _Entry(generation=generation, at=at, action=step.action, subject=step.subject, phase=phase, text=text)
