"""Images with which an `up` succeeded: from Pulumi's history, or from the sandbox's data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation import UpdateSummary

from tests.model.given import NOON
from workshop.cli.runs import pulumi_release, read_releases, save_release
from workshop.model.images.history import Release

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
IMAGE = {"source": "ghcr.io/coder/coder-preview", "repository": "coder-preview", "tag": "latest", "digest": A}


def entry(
    value: str = json.dumps(IMAGE),
    *,
    is_secret: bool = False,
    **changed: Any,  # noqa: ANN401 - of several types
) -> Release | None:
    """What an entry of `pulumi stack history --json` tells, read as the Automation API reads it."""
    config = {"workshop:image": {"value": value, "secret": is_secret}}
    found: dict[str, Any] = {"kind": "update", "result": "succeeded", "end_time": NOON, "config": config, **changed}
    summary = UpdateSummary(start_time=NOON, message="", environment={}, **found)
    return pulumi_release(summary.kind, summary.result, summary.end_time, summary.config)


def test_an_up_that_succeeded_released_the_image_of_its_settings() -> None:
    assert entry() == Release(digest=A, succeeded_at=NOON)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "destroy"},
        {"kind": "refresh"},
        {"result": "failed"},
        {"result": "in-progress", "end_time": None},
        {"config": {}},
        {"value": "{}"},
        {"value": "not JSON"},
        {"value": "[]"},
        {"value": "", "is_secret": True},
    ],
    ids=str,
)
def test_nothing_else_did(changed: dict[str, Any]) -> None:
    assert entry(**changed) is None


def test_the_sandbox_keeps_each_change_once(checkout: Path) -> None:
    for digest in (A, A, B, B, A):
        save_release("sandbox", Release(digest=digest, succeeded_at=NOON))
    save_release("sandbox-other", Release(digest=B, succeeded_at=NOON))

    assert [one.digest for one in read_releases("sandbox")] == [A, B, A]


def test_what_can_not_be_read_is_no_release(checkout: Path, tmp_path: Path) -> None:
    assert read_releases("sandbox") == ()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "releases.json").write_text("{")
    assert read_releases("sandbox") == ()
