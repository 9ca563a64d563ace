"""A digest in the text of a stack's file; what does not change stays as it is to the letter."""

from __future__ import annotations

from typing import Any

from workshop.model.images.sources import Source
from workshop.model.settings.file.settings import setting, with_settings
from workshop.model.settings.window import Override


def with_digest(text: str, source: Source, digest: str, *, in_window: bool = False) -> str:
    """The text with this digest pinned. in_window: whether the window's override `image-change` is set as well.

    Raises CannotEdit.
    """
    name, *steps = source.setting
    section = setting(text, str(name))
    image: Any = section
    for step in steps:
        image = image[step]
    image["digest"] = digest
    values = {str(name): section}
    if in_window:
        window = setting(text, "window")
        overrides: Any = window.get("overrides") or []
        window["overrides"] = [*overrides, *({Override.IMAGE_CHANGE.value} - {*overrides})]
        values["window"] = window
    return with_settings(text, values)
