"""Adoptions written into the text of a stack's settings, with everything else in it left as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

_BLOCK = re.compile(r"^  workshop:adopt:.*\n((?: {3,}.*\n|\s*#.*\n)*)", re.MULTILINE)


def with_adoption(text: str, adopt: Mapping[str, str]) -> str:
    """Adds entries to workshop:adopt, which stands at the file's end where there was none."""
    if not adopt:
        return text
    lines = "".join(f"    {line}\n" for line in yaml.safe_dump(dict(adopt)).splitlines())
    text = text if text.endswith("\n") else f"{text}\n"
    block = _BLOCK.search(text)
    if block is None:
        return f"{text}  workshop:adopt:\n{lines}"
    known: dict[str, str] = yaml.safe_load(block[0])["workshop:adopt"] or {}
    missing = {name: id for name, id in adopt.items() if name not in known}
    if not missing:
        return text
    lines = "".join(f"    {line}\n" for line in yaml.safe_dump(missing).splitlines())
    return text[: block.end()] + lines + text[block.end() :]
