"""Adoptions written into the text of a stack's settings, with everything else in it left as it is."""

from __future__ import annotations

from collections.abc import Mapping

from workshop.model.settings.file.settings import setting, with_settings


def with_adoption(text: str, adopt: Mapping[str, str]) -> str:
    """Adds entries to workshop:adopt, which come last; what is adopted already stays. Raises CannotEdit."""
    known = setting(text, "adopt")
    return text if adopt.keys() <= known.keys() else with_settings(text, {"adopt": {**adopt, **known}})
