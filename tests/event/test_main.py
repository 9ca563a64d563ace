"""What a keeper's process says where somebody stops it."""

from __future__ import annotations

import pytest

from workshop.event import __main__ as program


def test_who_is_interrupted_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_request: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "COMMANDS", {**program.COMMANDS, "keep": interrupted})
    assert program.main(["keep", "{}"]) == 130
    assert capfd.readouterr() == ("", "interrupted: nothing is kept until the next keeper begins\n")
