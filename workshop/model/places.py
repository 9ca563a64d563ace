"""Where a setting stands in the stack's file, for reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workshop.model.findings import Finding
from workshop.model.settings.commands import PROJECT, SettingPath, key_of
from workshop.model.settings.file.yaml import YamlError, read_yaml_with_lines


def setting_lines(text: str) -> Mapping[str, int]:
    """By key, as key_of writes it, the line on which a setting of this file stands; empty where it can't be read."""
    try:
        _, lines = read_yaml_with_lines(text)
    except YamlError:
        return {}
    return {key_of(path): line for whole, line in lines.items() if (path := _within_config(whole))}


def located(finding: Finding, file: str, lines: Mapping[str, int]) -> Finding:
    """A finding about a setting with file and line in front; any other as it is."""
    line = lines.get(finding.resource)
    return finding if line is None else replace(finding, resource=f"{file}:{line} ({finding.resource})")


def _within_config(path: SettingPath) -> SettingPath:
    """Below config:, without the project's namespace; empty elsewhere."""
    if len(path) < 2 or path[0] != "config":
        return ()
    return (str(path[1]).removeprefix(f"{PROJECT}:"), *path[2:])
