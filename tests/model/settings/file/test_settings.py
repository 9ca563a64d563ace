"""A stack's settings by name, in the text of its file."""

from __future__ import annotations

import pytest

from workshop.model.settings.file.edit import CannotEdit
from workshop.model.settings.file.settings import setting, with_settings


@pytest.mark.parametrize("key", ["workshop:event", "event"])
def test_a_setting_goes_by_its_name_with_or_without_the_project_s(key: str) -> None:
    text = f"config:\n  {key}: {{name: october, seats: 5}} # ours\n"
    assert setting(text, "event") == {"name": "october", "seats": 5}
    assert with_settings(text, {"event": {"name": "may", "seats": 5}}) == text.replace("october", "may")


def test_one_that_is_not_set_comes_last() -> None:
    text = "config:\n  workshop:scope: all\n"
    assert setting(text, "event") == {}
    assert with_settings(text, {"event": {"name": "may"}}) == text + "  workshop:event:\n    name: may\n"
    assert setting("", "event") == {}


@pytest.mark.parametrize("text", ["- 1\n", "config: 1\n", "config:\n  workshop:event: x\n", "config: {a: [}\n"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(CannotEdit):
        setting(text, "event")
