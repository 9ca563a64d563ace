"""YAML by PyYAML's safe loader and dumper, the C ones where there are any."""

from __future__ import annotations

from typing import TextIO

import yaml

from workshop.sandbox.wire import Json

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def load(text: str) -> Json:
    """Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 -- a safe loader


def dump(value: Json, file: TextIO | None = None) -> str:
    """The text, or "" where it is written to a file. Keys keep their order."""
    return yaml.dump(value, file, Dumper=_DUMPER, sort_keys=False) or ""
