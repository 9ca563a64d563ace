"""Settings in the text of a stack's file, by name; what does not change stays as it is to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from workshop.model.settings.commands import PROJECT
from workshop.model.settings.file.edit import CannotEdit, edited
from workshop.model.settings.file.yaml import YamlError, read_yaml


def setting(text: str, name: str) -> dict[str, object]:
    """A setting with keys and values of its own, such as adopt; {} where it is not set. Raises CannotEdit."""
    config = _config(_document(text))
    key = _key(config, name)
    return _mapping(f"{key}:", config.get(key))


def with_settings(text: str, values: Mapping[str, Mapping[str, object]]) -> str:
    """The text with these settings. Raises CannotEdit, also where a key of one would have to go."""
    document = _document(text)
    config = _config(document)
    new = {_key(config, name): dict(value) for name, value in values.items()}
    return edited(text, {**document, "config": {**config, **new}})


def _document(text: str) -> dict[str, object]:
    try:
        return _mapping("the file", read_yaml(text))
    except YamlError as error:
        raise CannotEdit(str(error)) from None


def _config(document: Mapping[str, object]) -> dict[str, object]:
    return _mapping("config:", document.get("config"))


def _key(config: Mapping[str, object], name: str) -> str:
    """What it is called in the file: the CLI takes a key without a namespace for the project's."""
    keys = (f"{PROJECT}:{name}", name)
    return next((key for key in keys if key in config), keys[0])


def _mapping(name: str, value: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CannotEdit(f"{name} must have keys and values")
    return cast("dict[str, object]", value)
