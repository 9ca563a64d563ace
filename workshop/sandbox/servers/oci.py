"""The registry where the image is published: manifests by digest and tag, as the OCI distribution specification has it.

A manifest is oci/sha256/HEX in the data folder, a tag a file oci/tags/NAME/TAG that names a digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from werkzeug.wrappers import Request, Response

from workshop.model.settings.registry import Image
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_MANIFEST = re.compile(rf"/oci/v2/({_COMPONENT}(?:/{_COMPONENT})*)/manifests/([A-Za-z0-9_][A-Za-z0-9_.:-]{{0,127}})")
"""As the specification has names and references."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Registry:
    """The WSGI application below /oci."""

    def __init__(self, paths: SandboxPaths, image: Image, index: str) -> None:
        """index: the image's index, published under its tag where nothing is yet."""
        self._folder = paths.folder / "oci"
        if not self._folder.exists():
            self.publish(image.source.partition("/")[2], image.tag, index)

    def publish(self, name: str, tag: str, manifest: str) -> str:
        """Puts a manifest under a tag and answers its digest."""
        digest = hashlib.sha256(manifest.encode()).hexdigest()
        write_private(self._folder / "sha256" / digest, manifest)
        write_private(self._folder / "tags" / name / tag, f"sha256:{digest}")
        return f"sha256:{digest}"

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        match = _MANIFEST.fullmatch(request.path)
        if match is None or request.method not in ("GET", "HEAD"):
            return _error(404, "NAME_UNKNOWN", "repository name not known to registry")
        return self._manifest(match[1], match[2])

    def _manifest(self, name: str, reference: str) -> Response:
        digest = reference if _DIGEST.fullmatch(reference) else _text(self._folder / "tags" / name / reference)
        manifest = _text(self._folder / "sha256" / digest.removeprefix("sha256:")) if digest else ""
        if not manifest:
            return _error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        response = Response(manifest, content_type=json.loads(manifest)["mediaType"])
        response.headers["Docker-Content-Digest"] = digest
        return response


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        return ""


def _json(body: Json, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")


def _error(status: int, code: str, message: str) -> Response:
    return _json({"errors": [{"code": code, "message": message}]}, status)
