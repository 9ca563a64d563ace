"""regctl's configuration, as people leave it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workshop.images.failure import ImagesFailure
from workshop.images.regctl import CONFIG, Regctl


@pytest.mark.parametrize("text", ["{", "[]", '{"hosts": ["ghcr.io"]}', '{"hosts": {"ghcr.io": "me"}}', "\xff"])
def test_a_configuration_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(text, encoding="latin-1")
    monkeypatch.setenv(CONFIG, str(file))
    with pytest.raises(ImagesFailure, match=r"config\.json, regctl's configuration, can't be read: correct it, or"):
        Regctl(Path("regctl"), {})


@pytest.mark.parametrize(
    "text", ["{}", '{"hosts": null}', '{"hosts": {"ghcr.io": {"user": "me"}}, "blobLimit": 1}', None]
)
def test_one_without_hosts_or_none_at_all_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    file = tmp_path / "config.json"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv(CONFIG, str(file))
    with Regctl(Path("regctl"), {}):
        pass
