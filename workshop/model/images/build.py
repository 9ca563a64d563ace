"""What is known of one build of an image, and whether two builds can have different database schemas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

PLATFORM: Final = "linux/amd64"
"""Of every instance type in the catalogue (workshop/model/data/instances.json)."""

_COMMIT: Final = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?\+[0-9a-f]{7,40}")
_RELEASE: Final = re.compile(r"v?\d+\.\d+\.\d+")
"""How Coder writes its versions (coder/coder, scripts/version.sh): a release, or a build of a commit."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """One image index. version, revision, built_at: as it says itself (org.opencontainers.image.*), None: it doesn't.

    size_bytes: what a node pulls of it, compressed. platforms: as os/architecture, attestations left out.
    manifest: digest of PLATFORM's own manifest, which is what ECR scans.
    """

    digest: str
    version: str | None = None
    revision: str | None = None
    built_at: datetime | None = None
    size_bytes: int | None = None
    platforms: tuple[str, ...] = ()
    manifest: str | None = None

    @property
    def name(self) -> str:
        """For people: the version, if it says one, and enough of the digest to tell builds apart."""
        return f"{self.version} ({short(self.digest)})" if self.version else short(self.digest)


def short(digest: str) -> str:
    """A digest's first twelve hex digits, by which people tell images apart."""
    return digest.removeprefix("sha256:")[:12]


def has_same_schema(one: Build, other: Build) -> bool:
    """Whether both are built of the same source, and so have the same migrations.

    No label tells the schema, and even a patch release may migrate the database: versions have to be equal, and to name
    a release or a commit.
    """
    if one.digest == other.digest:
        return True
    if one.revision and one.revision == other.revision:
        return True
    version = one.version or ""
    return version == other.version and bool(_COMMIT.fullmatch(version) or _RELEASE.fullmatch(version))
