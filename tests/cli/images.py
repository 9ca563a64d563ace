"""An image at its source and in ECR, as `workshop images` finds them: nothing is started."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.checks.quick import EXCEPTIONS, site
from workshop.model.images.pin import with_digest
from workshop.model.images.sources import Source
from workshop.model.settings.registry import Image

NAME = "coder/coder-preview"
_LABEL = "org.opencontainers.image."


def digest_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def index(version: str, architecture: str = "amd64") -> str:
    """An image of one platform that says its version and when it was built."""
    config = {"os": "linux", "architecture": architecture}
    platform = {"digest": f"sha256:{'c' * 64}", "platform": config}
    said = {f"{_LABEL}version": version, f"{_LABEL}created": "2026-09-28T08:00:00+00:00"}
    return json.dumps({"manifests": [platform], "annotations": said})


PINNED, NEWER = index("v2.27.1"), index("v2.27.2")
REBUILT = index("v2.27.1") + "\n"


@dataclass
class World:
    """What is where. published: what the tag leads to. held: digests that every region's registry has.

    answers: of the source, instead of its own. scan: how many vulnerabilities, by severity.
    """

    checkout: Path
    published: str = NEWER
    held: set[str] = field(default_factory=lambda: {digest_of(PINNED), digest_of(NEWER), digest_of(REBUILT)})
    answers: dict[str, Any] = field(default_factory=dict[str, Any])
    scan: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def file(self) -> Path:
        return self.checkout / "Pulumi.sandbox.yaml"

    @property
    def history(self) -> Path:
        return self.checkout / "images" / "sandbox.yaml"

    def pin(self, digest: str, *, in_window: bool = False) -> None:
        """As a person would, without a word in the history."""
        image = Image(source="ghcr.io/coder/coder-preview", repository="coder-preview", tag="latest")
        source = Source(setting=("image",), image=image)
        self.file.write_text(with_digest(self.file.read_text(), source, digest, in_window=in_window))

    def set(self, text: str) -> None:
        """Adds settings."""
        self.file.write_text(self.file.read_text() + text)


def world(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The platform's image is pinned and everywhere; its source has a newer one, which is mirrored."""
    made = World(checkout)
    made.pin(digest_of(PINNED))

    def site_of(*_: object) -> Any:  # noqa: ANN401 - a site whose systems answer from a table
        contents = {digest_of(text): text for text in (PINNED, NEWER, REBUILT, made.published)}
        paths = {**contents, "latest": made.published}
        at = {f"Registry GET /v2/{NAME}/manifests/{path}": (200, text) for path, text in paths.items()}
        return site({**at, **made.answers})

    for command in ("check", "promote", "rollback"):
        monkeypatch.setattr(f"workshop.cli.commands.images.{command}.site_of", site_of)

    def aws_client(*_: object) -> nullcontext[_Registry]:
        return nullcontext(_Registry(made))

    monkeypatch.setattr("workshop.checks.clients.aws_client", aws_client)
    return made


@dataclass(frozen=True)
class _Registry:
    """Of every region, the same."""

    of: World
    exceptions = EXCEPTIONS

    def describe_images(self, repositoryName: str, imageIds: list[Mapping[str, str]]) -> object:  # noqa: N803 - AWS's
        if imageIds[0]["imageDigest"] not in self.of.held:
            raise EXCEPTIONS.ImageNotFoundException
        return {"imageDetails": []}

    def describe_image_scan_findings(self, repositoryName: str, imageId: Mapping[str, str]) -> object:  # noqa: N803
        if not self.of.scan:
            raise EXCEPTIONS.ScanNotFoundException
        return {
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindings": {"findingSeverityCounts": self.of.scan},
        }
