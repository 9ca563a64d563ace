"""What is published at a registry, as the OCI distribution specification has it: nothing is believed but its digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final, TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from workshop.checks.service import Inconclusive, Service
from workshop.model.images.build import PLATFORM, Build

Form = TypeVar("Form", bound=BaseModel)

BUNDLE: Final = "application/vnd.dev.sigstore.bundle"
"""How the type of a Sigstore bundle begins; its version follows (sigstore/protobuf-specs)."""

_ACCEPTED: Final = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
_LABEL: Final = "org.opencontainers.image."
_ATTESTATION: Final = "unknown/unknown"
"""Where BuildKit says that its attestations run."""


class _Token(BaseModel):
    token: str = ""
    access_token: str = ""


class _Platform(BaseModel):
    os: str = ""
    architecture: str = ""


class _Descriptor(BaseModel):
    digest: str = ""
    size: int = 0
    artifact_type: str = Field(default="", alias="artifactType")
    platform: _Platform | None = None

    @property
    def runs_on(self) -> str:
        """As os/architecture."""
        return f"{self.platform.os}/{self.platform.architecture}" if self.platform else _ATTESTATION


class _Manifest(BaseModel):
    """An index, or a manifest of one platform: which of both, its fields tell."""

    manifests: tuple[_Descriptor, ...] = ()
    config: _Descriptor = _Descriptor()
    layers: tuple[_Descriptor, ...] = ()
    annotations: Mapping[str, str] | None = None


class _Labels(BaseModel):
    labels: Mapping[str, str] | None = Field(default=None, alias="Labels")


class _Config(BaseModel):
    os: str = ""
    architecture: str = ""
    created: AwareDatetime | None = None
    config: _Labels = _Labels()


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What refers to an image. bundles: Sigstore's, as they are. others: tags of cosign's own layout."""

    bundles: tuple[bytes, ...]
    others: tuple[str, ...]


def published_digest(registry: Service, name: str, reference: str) -> str | None:
    """The digest behind a tag, or the digest itself; None where there is none. It is computed from the content.

    As the specification says, with the token service that it points to. Raises Inconclusive.
    """
    content = _content(registry, name, f"manifests/{reference}")
    return None if content is None else _digest(content)


def published_build(registry: Service, name: str, digest: str) -> Build | None:
    """What an image says of itself, in annotations or labels; None where the registry has none of this digest.

    Raises Inconclusive, also where the content is another than the digest says.
    """
    index = _manifest(registry, name, digest)
    if index is None:
        return None
    images = [one for one in index.manifests if one.runs_on != _ATTESTATION]
    chosen = next((one.digest for one in images if one.runs_on == PLATFORM), None if index.manifests else digest)
    own = (_manifest(registry, name, chosen) if index.manifests else index) if chosen else None
    config = _config(registry, name, own)
    said = {**(config.config.labels or {}), **((own and own.annotations) or {}), **(index.annotations or {})}
    return Build(
        digest=digest,
        version=said.get(f"{_LABEL}version"),
        revision=said.get(f"{_LABEL}revision"),
        built_at=config.created or _moment(said.get(f"{_LABEL}created", "")),
        size_bytes=sum(one.size for one in (*own.layers, own.config)) if own else None,
        platforms=tuple(dict.fromkeys(one.runs_on for one in images)) or _of_one(config),
        manifest=chosen,
    )


def published_attachments(registry: Service, name: str, digest: str) -> Attached:
    """Signatures and attestations: by the referrers API or the tag that stands in for it; cosign's own, by their tags.

    Raises Inconclusive.
    """
    tag = digest.replace(":", "-")
    listed = _content(registry, name, f"referrers/{digest}") or _content(registry, name, f"manifests/{tag}") or b"{}"
    bundles = [one.digest for one in _read(_Manifest, listed, registry).manifests if _is_bundle(one)]
    others = [f"{tag}.{kind}" for kind in ("sig", "att")]
    return Attached(
        bundles=tuple(blob for one in bundles for blob in _blobs(registry, name, one)),
        others=tuple(one for one in others if _content(registry, name, f"manifests/{one}") is not None),
    )


def _is_bundle(one: _Descriptor) -> bool:
    return one.artifact_type.startswith(BUNDLE)


def _blobs(registry: Service, name: str, digest: str) -> Iterator[bytes]:
    manifest = _manifest(registry, name, digest)
    for layer in manifest.layers if manifest else ():
        blob = _verified(registry, name, f"blobs/{layer.digest}", layer.digest)
        if blob is not None:
            yield blob


def _manifest(registry: Service, name: str, digest: str) -> _Manifest | None:
    content = _verified(registry, name, f"manifests/{digest}", digest)
    return None if content is None else _read(_Manifest, content, registry)


def _config(registry: Service, name: str, manifest: _Manifest | None) -> _Config:
    digest = manifest.config.digest if manifest else ""
    content = _verified(registry, name, f"blobs/{digest}", digest) if digest else None
    return _Config() if content is None else _read(_Config, content, registry)


def _of_one(config: _Config) -> tuple[str, ...]:
    return (f"{config.os}/{config.architecture}",) if config.os else ()


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _verified(registry: Service, name: str, path: str, digest: str) -> bytes | None:
    content = _content(registry, name, path)
    if content is not None and _digest(content) != digest:
        raise Inconclusive(
            f"{registry.name} answers {_digest(content)} for {name}@{digest}",
            "ask whoever runs that registry: what is asked for by digest can't change",
        )
    return content


def _content(registry: Service, name: str, path: str) -> bytes | None:
    """None where there is none. Raises Inconclusive."""
    path, headers = f"v2/{name}/{path}", {"Accept": _ACCEPTED}
    response = registry.send("GET", path, headers=headers)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        bearer = f"Bearer {_token(registry, response)}"
        response = registry.send("GET", path, headers={**headers, "Authorization": bearer})
    if response.has_redirect_location:  # blobs are often elsewhere, where the token has no business
        response = Service(name=registry.name, url=response.headers["Location"]).send("GET", "")
    if response.status_code == HTTPStatus.NOT_FOUND:
        return None
    return registry.succeeded(response).content


def _token(registry: Service, challenge: httpx.Response) -> str:
    asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge.headers.get("WWW-Authenticate", "")))
    if "realm" not in asked:
        raise Inconclusive(f"{registry.name} ({challenge.url}) requires a login", registry.if_refused)
    issuer = Service(
        name=f"the token service of {registry.name}", url=asked.pop("realm"), if_refused=registry.if_refused
    )
    answer = issuer.get("", _Token, asked)
    return answer.token or answer.access_token


def _read(form: type[Form], content: bytes, registry: Service) -> Form:
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Inconclusive(
            f"{registry.name} sent an unexpected response: {where} {first['msg']}".replace("  ", " "),
            f"check that {registry.name} answers there, and its version",
        ) from None


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
