"""Adoptions written into the text of a stack's settings, with everything else in it left as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from workshop.model.settings.commands import PROJECT
from workshop.model.settings.edit import CannotEdit, edited
from workshop.model.settings.yaml import YamlError, read_yaml

_KEYS = (f"{PROJECT}:adopt", "adopt")
"""What the setting is called in a stack's file: the CLI takes a key without a namespace for the project's."""


def with_adoption(text: str, adopt: Mapping[str, str]) -> str:
    """Adds entries to workshop:adopt, which come last; what is adopted already stays. Raises CannotEdit."""
    try:
        document = _mapping("the file", read_yaml(text))
    except YamlError as error:
        raise CannotEdit(str(error)) from None
    config = _mapping("config:", document.get("config"))
    key = next((key for key in _KEYS if key in config), _KEYS[0])
    known = _mapping(f"{key}:", config.get(key))
    if adopt.keys() <= known.keys():
        return text
    return edited(text, {**document, "config": {**config, key: {**adopt, **known}}})


def _mapping(name: str, value: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CannotEdit(f"{name} must have keys and values")
    return cast("dict[str, object]", value)
