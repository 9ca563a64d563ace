"""What an event left to do: kept from one event to the next until somebody has done it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from workshop.model.legible import Legible
from workshop.model.report.section import Part


class ActionError(Exception):
    """Why a list of actions can't be changed as was asked."""


class Action(Part):
    """event: which left it. owner: who does it, "" while nobody does. done_at: None while it is open."""

    id: Annotated[int, Field(ge=1)]
    what: Annotated[Legible, Field(min_length=1, max_length=500)]
    owner: Annotated[Legible, Field(max_length=100)] = ""
    event: str
    made_at: AwareDatetime
    done_at: AwareDatetime | None = None


class Actions(Part):
    """The file under version control."""

    actions: tuple[Action, ...] = ()

    @property
    def open(self) -> tuple[Action, ...]:
        """Those that nobody has done, the oldest first."""
        return tuple(one for one in self.actions if one.done_at is None)

    def with_one(self, what: str, owner: str, event: str, at: datetime) -> Actions:
        """With one more. Raises ActionError for one that is open already, ValidationError for a text that is none."""
        for one in self.open:
            if one.what.casefold() == what.strip().casefold():
                raise ActionError(f"action {one.id} says so already")
        id_ = max((one.id for one in self.actions), default=0) + 1
        made = Action(id=id_, what=what.strip(), owner=owner.strip(), event=event, made_at=at)
        return Actions(actions=(*self.actions, made))

    def with_done(self, id_: int, at: datetime) -> Actions:
        """With one of them done. Raises ActionError for one that there is not, or that was done before."""
        found = next((one for one in self.actions if one.id == id_), None)
        if found is None or found.done_at is not None:
            what = f"there is no action {id_}" if found is None else f"action {id_} was done {found.done_at:%Y-%m-%d}"
            numbers = ", ".join(str(one.id) for one in self.open) or "none"
            raise ActionError(f"{what}; open are {numbers}")
        changed = found.model_copy(update={"done_at": at})
        return Actions(actions=tuple(changed if one is found else one for one in self.actions))
