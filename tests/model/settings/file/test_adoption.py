"""Adoptions are written into a stack's file; everything else in it stays as it is, to the letter."""

from __future__ import annotations

import pytest

from workshop.model.settings.file.adoption import with_adoption

LONG = "a" * 50
ADOPT = {"*.a.io": "1/2", f"{LONG}.{LONG}.io": f"1/{LONG}"}
LINES = f"    '*.a.io': 1/2\n    {LONG}.{LONG}.io: 1/{LONG}\n"


@pytest.mark.parametrize(
    ("text", "adopted"),
    [
        ("config:\n  workshop:scope: dns\n", f"config:\n  workshop:scope: dns\n  workshop:adopt:\n{LINES}"),
        ("config:\n  workshop:scope: dns", f"config:\n  workshop:scope: dns\n  workshop:adopt:\n{LINES}"),
        (
            "config:\n  workshop:adopt:\n    # why\n    old: 1/1\n  workshop:scope: dns\n",
            f"config:\n  workshop:adopt:\n    # why\n    old: 1/1\n{LINES}  workshop:scope: dns\n",
        ),
        (
            "config:\n  workshop:adopt:\n    '*.a.io': 9/9\n",
            f"config:\n  workshop:adopt:\n    '*.a.io': 9/9\n    {LONG}.{LONG}.io: 1/{LONG}\n",
        ),
        ("config:\n  workshop:adopt:\n", f"config:\n  workshop:adopt:\n{LINES}"),
    ],
)
def test_adoptions_are_added(text: str, adopted: str) -> None:
    assert with_adoption(text, ADOPT) == adopted
    assert with_adoption(adopted, ADOPT) == adopted
    assert with_adoption(text, {}) == text
