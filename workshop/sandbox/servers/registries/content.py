"""What manifests say, and the files that hold what registries keep: content by digest, once for all of them."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workshop.sandbox.files import write_whole
from workshop.sandbox.json_values import Json

INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_PRIVATE: Final = 0o600
_PREFIX: Final = "sha256:"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A manifest as it was pushed."""

    body: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """By which registries know it."""
        return digest_of(self.body)

    @property
    def document(self) -> Mapping[str, Json]:
        """What it says."""
        return json.loads(self.body)

    @property
    def manifests(self) -> tuple[str, ...]:
        """Digests of the manifests that it lists."""
        return tuple(one["digest"] for one in self.document.get("manifests", ()))

    @property
    def blobs(self) -> tuple[str, ...]:
        """Digests of its configuration and layers."""
        document = self.document
        listed = [*([document["config"]] if "config" in document else []), *document.get("layers", ())]
        return tuple(one["digest"] for one in listed)

    @property
    def subject(self) -> str | None:
        """What it is about, where it is a signature, say."""
        subject: Mapping[str, str] = self.document.get("subject") or {}
        return subject.get("digest")

    def descriptor(self) -> dict[str, Json]:
        """As the referrers API lists it (OCI distribution specification 1.1)."""
        document = self.document
        kind = document.get("artifactType") or document.get("config", {}).get("mediaType")
        found = {"mediaType": self.media_type, "digest": self.digest, "size": len(self.body), "artifactType": kind}
        if document.get("annotations"):
            found["annotations"] = document["annotations"]
        return found


def digest_of(content: bytes) -> str:
    """sha256: and hex digits."""
    return _PREFIX + hashlib.sha256(content).hexdigest()


def media_type_of(body: bytes) -> str:
    """What a manifest says of itself, and what it is where it doesn't."""
    document: Mapping[str, Json] = json.loads(body)
    return document.get("mediaType") or (INDEXES[0] if "manifests" in document else _MANIFEST)


class Contents:
    """Files below oci/ in the data folder: sha256/HEX, and of each repository what was pushed to it.

    In HOST/NAME/: `_blobs/HEX` for a blob that was pushed, `_manifests/HEX` and `_tags/TAG` where nobody else keeps
    manifests, `_uploads/ID` for what has come of a blob so far. No repository's name has an underscore in front.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def is_new(self, host: str) -> bool:
        """Whether nothing was ever kept of a registry."""
        return not (self._folder / host).exists()

    def read(self, digest: str) -> bytes | None:
        """The content, if any registry has it."""
        try:
            return self._content(digest).read_bytes()
        except FileNotFoundError:
            return None

    def keep(self, content: bytes) -> str:
        """Keeps content and answers its digest."""
        digest = digest_of(content)
        if not self._content(digest).exists():
            write_whole(self._content(digest), content, _PRIVATE, is_synced=False)
        return digest

    def mark(self, host: str, name: str, kind: str, key: str, text: str = "") -> None:
        """Notes of a repository that it has a blob, a manifest or a tag."""
        write_whole(self._at(host, name, kind) / key.removeprefix(_PREFIX), text, _PRIVATE, is_synced=False)

    def marked(self, host: str, name: str, kind: str, key: str) -> str | None:
        """What was noted; None where nothing was."""
        try:
            return (self._at(host, name, kind) / key.removeprefix(_PREFIX)).read_text(encoding="utf-8")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def all_marked(self, host: str, name: str, kind: str) -> Iterator[str]:
        """What a repository has of a kind, sorted."""
        folder = self._at(host, name, kind)
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return (file.name for file in found if not file.name.startswith("."))

    def begin(self, host: str, name: str) -> str:
        """An upload's id."""
        upload = secrets.token_hex(16)
        write_whole(self._at(host, name, "_uploads") / upload, b"", _PRIVATE, is_synced=False)
        return upload

    def upload(self, host: str, name: str, upload: str) -> Path | None:
        """Where an upload's bytes are; None where there is no such upload."""
        file = self._at(host, name, "_uploads") / upload
        return file if file.is_file() else None

    def _content(self, digest: str) -> Path:
        return self._folder / "sha256" / digest.removeprefix(_PREFIX)

    def _at(self, host: str, name: str, kind: str) -> Path:
        return self._folder / host / name / kind
