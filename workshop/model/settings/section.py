"""What every object in a stack's settings has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One object of the settings: frozen, without unknown keys; a number does where text is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)
