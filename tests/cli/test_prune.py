"""What `workshop images prune` keeps, and what it says; registries are not asked."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests.cli.conftest import FakeBackend, Run
from tests.model.given import NOON, settings
from workshop.cli.commands.images import prune
from workshop.images.failure import ImagesFailure
from workshop.images.prune import Pruned
from workshop.model.images.history import Release

HISTORY, RELEASED = (f"sha256:{digit * 64}" for digit in "34")
GONE = Pruned(region="us-east-2", repository="coder-preview", tags=("latest-20240901-0123456789ab",), count=5)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, fake: FakeBackend, checkout: Path) -> list[dict[str, Any]]:
    """What would have been looked at, in which registries, and kept."""
    given: list[dict[str, Any]] = []

    def pruned(
        registries: str, repositories: list[str], keep: frozenset[str], _now: object, *, is_dry: bool
    ) -> tuple[Pruned, ...]:
        given.append({"registries": registries, "repositories": repositories, "keep": keep, "is_dry": is_dry})
        return (GONE,)

    monkeypatch.setattr(prune, "pruned", pruned)
    answers: dict[str, Any] = {
        "settings_of": settings(),
        "registries_of": nullcontext("read only"),
        "deleting": nullcontext("with the role"),
    }
    for name, answer in answers.items():
        monkeypatch.setattr(prune, name, Mock(return_value=answer))
    fake.released = (Release(digest=RELEASED, succeeded_at=NOON),)
    (checkout / "images").mkdir()
    (checkout / "images" / "another.yaml").write_text(f"promotions: [{{digest: '{HISTORY}'}}]\n")
    return given


def test_whatever_is_pinned_or_was_stays(run: Run, asked: list[dict[str, Any]]) -> None:
    result = run("images", "prune")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 copy deleted.")
    assert GONE.tags[0] in result.stdout
    (given,) = asked
    assert {HISTORY, RELEASED, settings().image.digest} <= given["keep"]
    assert (given["registries"], given["repositories"], given["is_dry"]) == ("with the role", ["coder-preview"], False)


def test_a_history_that_is_no_text_keeps_what_it_names(run: Run, asked: list[dict[str, Any]], checkout: Path) -> None:
    named = f"sha256:{'5' * 64}"
    (checkout / "images" / "damaged.yaml").write_bytes(b"\xff\n" + named.encode())
    assert run("images", "prune").exit_code == 0
    assert named in asked[0]["keep"]


def test_a_dry_run_takes_no_role_on(run: Run, asked: list[dict[str, Any]]) -> None:
    document = json.loads(run("images", "prune", "--dry-run", "--json").stdout)
    assert (asked[0]["registries"], asked[0]["is_dry"], document["is_dry_run"]) == ("read only", True, True)
    assert document["pruned"][0]["count"] == 5


def test_what_aws_refuses_is_said(run: Run, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise ImagesFailure("ecr:BatchDeleteImage of coder-preview in us-east-2: denied")

    monkeypatch.setattr(prune, "pruned", refuse)
    result = run("images", "prune")
    assert result.exit_code == 2
    assert "Could not run: ecr:BatchDeleteImage of coder-preview in us-east-2: denied" in " ".join(
        result.stdout.split()
    )
