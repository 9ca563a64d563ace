"""A digest in a stack's file."""

from __future__ import annotations

import pytest

from tests.model.given import ROOT, settings
from workshop.model.images.pin import with_digest
from workshop.model.images.sources import sources

DIGEST = f"sha256:{'d' * 64}"
TEXT = """config:
  workshop:image: # of the platform
    source: ghcr.io/coder/coder-preview
    repository: coder-preview
    tag: latest
    digest: sha256:old # tried on Tuesday
  workshop:mirror:
    images:
      - {source: ghcr.io/example/base-ws, repository: base-ws, tag: "1"} # workspaces
      - source: ghcr.io/example/claude-ws
        repository: claude-ws
        tag: "1"
        digest: sha256:old
  workshop:window:
    start: "2026-12-01T09:00-08:00"
    duration: 4h
"""
IMAGES = [{"source": f"ghcr.io/example/{name}", "repository": name, "tag": "1"} for name in ("base-ws", "claude-ws")]
SOURCES = sources(settings(mirror={"images": IMAGES}))


@pytest.mark.parametrize(
    ("image", "old", "new"),
    [
        (0, "sha256:old # tried", f"{DIGEST} # tried"),
        (1, 'tag: "1"} # workspaces', f"tag: \"1\", digest: '{DIGEST}'}} # workspaces"),
        (2, "digest: sha256:old\n  workshop:window", f"digest: {DIGEST}\n  workshop:window"),
    ],
)
def test_nothing_but_the_digest_changes(image: int, old: str, new: str) -> None:
    assert with_digest(TEXT, SOURCES[image], DIGEST) == TEXT.replace(old, new)


def test_the_windows_override_is_set_beside_it() -> None:
    found = with_digest(TEXT, SOURCES[0], DIGEST, in_window=True)
    assert found.endswith("    duration: 4h\n    overrides:\n    - image-change\n")
    assert with_digest(found, SOURCES[0], DIGEST, in_window=True) == found


@pytest.mark.parametrize("stack", ["sandbox", "workshop"])
def test_the_stacks_of_the_repository_can_be_edited(stack: str) -> None:
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text("utf-8")
    assert with_digest(text, SOURCES[0], DIGEST).count(DIGEST) == 1
