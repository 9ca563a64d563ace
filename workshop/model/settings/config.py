"""A stack's settings, from its file or from Pulumi's config, to the model or to messages about all that is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from pydantic import ValidationError

from workshop.model.settings.commands import PROJECT
from workshop.model.settings.errors import SettingsError, messages_for
from workshop.model.settings.file.yaml import YamlError, read_yaml
from workshop.model.settings.stack import Settings

STACK_FILE: Final = "Pulumi.STACK.yaml"
"""What messages call a stack's file where nobody says which one it is."""


def stack_config(stack_text: str, project_text: str, file: str = STACK_FILE) -> dict[str, str]:
    """Answers the config that Pulumi would hand to the program: "workshop:users" -> "20".

    stack_text: of the stack's file, which messages call by its name; project_text: Pulumi.yaml, whose defaults fill
    what the stack leaves out. Objects and arrays are JSON. Raises SettingsError for what can't be read, encrypted
    values included (only the CLI can).
    """
    stack = _read(file, stack_text)
    project = _read("Pulumi.yaml", project_text)
    if "environment" in stack:
        raise SettingsError(
            (f"{file}: environment: values from Pulumi ESC need the Pulumi CLI; write them under config:",)
        )
    values = dict(_project_values(project))
    values |= {_qualified(key): value for key, value in _section(stack, "config", file).items()}
    encrypted = [path for key, value in values.items() for path in _encrypted(key, value)]
    if encrypted:
        raise SettingsError(
            tuple(
                f"{path} is encrypted, and only the Pulumi CLI can read it; no setting here is a secret. "
                f"Fix: pulumi config set --plaintext --path '{path}' VALUE"
                for path in encrypted
            )
        )
    return {key: _as_pulumi_hands_it_out(value) for key, value in values.items()}


def settings_from_config(config: Mapping[str, str]) -> Settings:
    """Reads the model from Pulumi's config; keys of other namespaces are the providers' own.

    An empty string and an empty object mean "not set", since the CLI demands a default for every optional key that
    Pulumi.yaml declares. Raises SettingsError with one message for every wrong value.
    """
    prefix = f"{PROJECT}:"
    values = {
        key.removeprefix(prefix): _structure(value)
        for key, value in config.items()
        if key.startswith(prefix) and value.strip() not in ("", "{}")
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(messages_for(error.errors(), Settings.model_json_schema())) from None


def _read(name: str, text: str) -> dict[str, Any]:
    try:
        value = read_yaml(text)
    except YamlError as error:
        raise SettingsError((f"{name}, {error}",)) from None
    return _mapping(name, {} if value is None else value)


def _section(document: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    value = document.get(key)
    return _mapping(f"{key}: of {name}", {} if value is None else value)


def _mapping(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError((f"{name} must have keys and values, such as config: {{workshop:users: 20}}",))
    return cast("dict[str, Any]", value)


def _qualified(key: str) -> str:
    return key if ":" in key else f"{PROJECT}:{key}"


def _project_values(project: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Key and value of everything under Pulumi.yaml's config: that has one."""
    for key, declaration in _section(project, "config", "Pulumi.yaml").items():
        if not isinstance(declaration, dict):
            yield _qualified(key), declaration
            continue
        typed = cast("dict[str, Any]", declaration)
        for source in ("value", "default"):
            if typed.get(source) is not None:
                yield _qualified(key), typed[source]


def _encrypted(path: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        mapping = cast("dict[str, object]", value)
        if mapping.keys() == {"secure"} and isinstance(mapping["secure"], str):
            yield path
        for key, item in mapping.items():
            yield from _encrypted(f"{path}.{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from _encrypted(f"{path}[{index}]", item)


def _as_pulumi_hands_it_out(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _structure(text: str) -> object:
    """The object or array that the text holds as JSON, else the text itself."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
