"""What `images mirror` says."""

from __future__ import annotations

import json

from rich.console import Console

from workshop.cli.render.mirrored import as_json, print_mirrored
from workshop.model.images.mirroring import Arrival, MirroredImage, MirrorReport, State

COPIED = MirroredImage(
    source="ghcr.io/coder/coder-preview:latest",
    repository="coder-preview",
    digest="sha256:a",
    tag="latest-20241001-0123456789ab",
    state=State.COPIED,
    regions={"us-east-2": Arrival.HOME, "us-west-2": Arrival.PRESENT, "eu-west-2": Arrival.COPIED},
)
FAILED = MirroredImage(
    source="ghcr.io/example/gone:1",
    repository="gone",
    digest="",
    tag="",
    state=State.FAILED,
    problem="ghcr.io/example/gone:1 is gone",
)


def test_the_answer_comes_first_and_what_failed_last() -> None:
    screen = Console(width=100, record=True, file=None)
    with screen.capture() as captured:
        print_mirrored(screen, MirrorReport(images=(COPIED, FAILED)))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    assert lines[0] == "2 images: 1 copied, 1 failed."
    assert lines[3].split() == ["coder-preview", COPIED.tag, "copied", "3", "of", "3", "(eu-west-2:", "copied)"]
    assert lines[-1] == "ghcr.io/example/gone:1: ghcr.io/example/gone:1 is gone"


def test_json_has_the_same_facts() -> None:
    document = json.loads(as_json(MirrorReport(images=(COPIED, FAILED)), 1))
    assert document["exit_code"] == 1
    assert [one["state"] for one in document["images"]] == ["copied", "failed"]
    assert document["images"][0]["regions"]["eu-west-2"] == "copied"
