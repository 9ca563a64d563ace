"""What every object in a stack's settings has in common."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Section(BaseModel):
    """One object of the settings: frozen, without unknown keys; a number does where text is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


def given(setting: T | None) -> T:
    """A setting that may be unset, but not here: rule settings-complete has passed. Raises ValueError."""
    if setting is None:
        raise ValueError("a setting is not set although the rule settings-complete has passed")
    return setting
