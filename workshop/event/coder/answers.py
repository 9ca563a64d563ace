"""What all answers of Coder's have in common. Field names are the API's."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Something that Coder said; fields that nobody here needs are left out."""

    model_config = ConfigDict(frozen=True)


class Listed(Answer):
    """Something that can be searched for. id: a UUID."""

    id: str


ListedT = TypeVar("ListedT", bound=Listed)


class Page(Answer, Generic[ListedT]):
    """A part of what was found. count: of all that was found."""

    items: tuple[ListedT, ...] = Field(validation_alias=AliasChoices("users", "workspaces"))
    count: int


def _set(time: AwareDatetime | None) -> AwareDatetime | None:
    """The API writes the year 1 for a time that never was."""
    return None if time is None or time.year == 1 else time


Time = Annotated[AwareDatetime | None, AfterValidator(_set)]
"""A time, or None for never."""
