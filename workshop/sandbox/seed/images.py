"""Images as projects publish them: an index of two platforms, each with its attestation, made of a few bytes.

Layers are not compressed: the same image has the same digest whatever compresses.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from typing import Final

from workshop.sandbox.json_values import Json

_OCI: Final = "application/vnd.oci.image"
_PLATFORMS: Final = ("amd64", "arm64")
_IN_TOTO: Final = "application/vnd.in-toto+json"


@dataclass(frozen=True, kw_only=True)
class PublishedImage:
    """All that a registry has of one image. manifests: those that the index lists."""

    index: bytes
    manifests: tuple[bytes, ...]
    blobs: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        """Of the index."""
        return _digest(self.index)


def made_image(version: str, revision: str = "0" * 40, *, created: str = "2024-09-01T00:00:00Z") -> PublishedImage:
    """An image whose labels say which version and commit it is (OCI image specification, "Annotations")."""
    manifests: list[bytes] = []
    blobs: list[bytes] = []
    listed: list[dict[str, Json]] = []
    for architecture in _PLATFORMS:
        layer = _layer(f"{version} {architecture}\n".encode())
        config = _json(
            {
                "architecture": architecture,
                "os": "linux",
                "created": created,
                "config": {
                    "Labels": {
                        "org.opencontainers.image.version": version,
                        "org.opencontainers.image.revision": revision,
                        "org.opencontainers.image.created": created,
                    }
                },
                "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
            }
        )
        manifest = _manifest(config, layer, f"{_OCI}.layer.v1.tar")
        platform = {"architecture": architecture, "os": "linux"}
        manifests.append(manifest)
        listed.append(_descriptor(manifest, f"{_OCI}.manifest.v1+json") | {"platform": platform})
        blobs += [config, layer]
    for manifest in list(manifests):
        statement = _json({"_type": "https://in-toto.io/Statement/v0.1", "subject": _digest(manifest)})
        config = _json({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers"}})
        attestation = _manifest(config, statement, _IN_TOTO)
        about = {
            "vnd.docker.reference.digest": _digest(manifest),
            "vnd.docker.reference.type": "attestation-manifest",
        }
        manifests.append(attestation)
        platform = {"architecture": "unknown", "os": "unknown"}
        descriptor = _descriptor(attestation, f"{_OCI}.manifest.v1+json")
        listed.append(descriptor | {"annotations": about, "platform": platform})
        blobs += [config, statement]
    index = _json({"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json", "manifests": listed})
    return PublishedImage(index=index, manifests=tuple(manifests), blobs=tuple(dict.fromkeys(blobs)))


def attachment(subject: bytes, content: bytes) -> tuple[bytes, bytes, bytes]:
    """A manifest about another one, such as a signature's, with its configuration and what it carries."""
    config = b"{}"
    document = json.loads(_manifest(config, content, _IN_TOTO))
    about = _descriptor(subject, json.loads(subject)["mediaType"])
    return _json({**document, "artifactType": _IN_TOTO, "subject": about}), config, content


def _manifest(config: bytes, layer: bytes, layer_type: str) -> bytes:
    return _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": _descriptor(config, f"{_OCI}.config.v1+json"),
            "layers": [_descriptor(layer, layer_type)],
        }
    )


def _layer(content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("version")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def _descriptor(content: bytes, media_type: str) -> dict[str, Json]:
    return {"mediaType": media_type, "digest": _digest(content), "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(document: Json) -> bytes:
    return json.dumps(document).encode()
