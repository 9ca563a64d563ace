"""The OCI distribution API of every registry, as ECR has it: nothing is deleted but an upload.

regctl reaches a registry at this one server by a path in front: /v2/HOST/NAME/... (its setting pathPrefix).
"""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Callable, Iterable
from typing import Final

from werkzeug.wrappers import Request, Response

from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.aws.application import Aws
from workshop.sandbox.servers.faults import is_cut
from workshop.sandbox.servers.listener import TAKE_OVER
from workshop.sandbox.servers.registries.content import INDEXES, Contents, Manifest, digest_of, media_type_of
from workshop.sandbox.servers.registries.repositories import RegistryRefusal, Repositories, repositories_of

_COMPONENT: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_DIGEST: Final = r"sha256:[0-9a-f]{64}"
_PATH: Final = re.compile(
    rf"/v2/(?P<host>[a-z0-9.-]+)/(?P<name>{_COMPONENT}(?:/{_COMPONENT})*)/(?:"
    rf"manifests/(?P<reference>{_DIGEST}|[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})|blobs/(?P<blob>{_DIGEST})"
    rf"|blobs/uploads/(?P<upload>[0-9a-f]{{32}})?|(?P<tags>tags/list)|referrers/(?P<subject>{_DIGEST}))"
)
"""As the specification has names and references."""

_RANGE: Final = re.compile(r"bytes=([0-9]+)-([0-9]*)")


class Registries:
    """The WSGI application at /v2/."""

    def __init__(self, paths: SandboxPaths, aws: Aws) -> None:
        self.contents = Contents(paths.folder / "oci")
        self._paths = paths
        self._aws = aws

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        is_short = "/blobs/" in request.path and is_cut(self._paths, request.path)
        try:
            if is_short and request.method in ("PATCH", "PUT"):
                data = request.get_data()
                environ["wsgi.input"] = io.BytesIO(data[: len(data) // 2])
                environ["CONTENT_LENGTH"] = str(len(data) // 2)
                request = Request({**environ, "REQUEST_METHOD": "PATCH"})
            answer = self._answer(request)
        except RegistryRefusal as refusal:
            errors = [{"code": refusal.code, "message": refusal.message}]
            answer = _json({"errors": errors}, refusal.status)
        return _cut(environ, answer)(environ, start_response) if is_short else answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == "/v2/":
            return _json({})
        at = _PATH.fullmatch(request.path)
        if at is None:
            raise RegistryRefusal(404, "NAME_UNKNOWN", "repository name not known to registry")
        repositories = repositories_of(at["host"], self.contents, self._aws)
        if not repositories.exists(at["name"]):
            raise RegistryRefusal(404, "NAME_UNKNOWN", f"The repository with name '{at['name']}' does not exist")
        repository = _Repository(self.contents, repositories, at["host"], at["name"])
        if at["reference"]:
            return _by_method(
                request,
                GET=lambda: repository.manifest(at["reference"]),
                PUT=lambda: repository.put(request, at["reference"]),
            )
        if at["blob"]:
            return _by_method(request, GET=lambda: repository.blob(request, at["blob"]))
        if at["tags"]:
            return _by_method(request, GET=lambda: repository.tags(request))
        if at["subject"]:
            return _by_method(request, GET=lambda: repository.referrers(at["subject"]))
        if at["upload"] is None:
            return _by_method(request, POST=lambda: repository.begin(request))
        return _by_method(
            request,
            GET=lambda: repository.progress(at["upload"]),
            PATCH=lambda: repository.append(request, at["upload"]),
            PUT=lambda: repository.finish(request, at["upload"]),
            DELETE=lambda: repository.cancel(at["upload"]),
        )


class _Repository:
    """One repository of one registry."""

    def __init__(self, contents: Contents, repositories: Repositories, host: str, name: str) -> None:
        self._contents = contents
        self._repositories = repositories
        self._at = (host, name)
        self._name = name

    def manifest(self, reference: str) -> Response:
        found = self._repositories.find(self._name, reference)
        if found is None:
            raise RegistryRefusal(404, "MANIFEST_UNKNOWN", f"Requested image not found: {reference}")
        response = Response(found.body, content_type=found.media_type)
        response.headers["Docker-Content-Digest"] = found.digest
        return response

    def put(self, request: Request, reference: str) -> Response:
        """Refuses what refers to something that isn't here, so that whoever has a manifest has all of it."""
        body = request.get_data()
        try:
            manifest = Manifest(body=body, media_type=request.content_type or media_type_of(body))
            parts, listed = manifest.blobs, manifest.manifests
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RegistryRefusal(400, "MANIFEST_INVALID", "manifest invalid") from None
        if ":" in reference and reference != manifest.digest:
            raise RegistryRefusal(400, "DIGEST_INVALID", f"{reference} is not the digest of the manifest")
        for digest in parts:
            if not self._has(digest):
                raise RegistryRefusal(400, "BLOB_UNKNOWN", f"Layer '{digest}' does not exist in '{self._name}'")
        for digest in listed:
            if self._repositories.find(self._name, digest) is None:
                message = f"The manifest list is referencing an image that does not exist: {digest}"
                raise RegistryRefusal(400, "MANIFEST_BLOB_UNKNOWN", message)
        self._repositories.put(self._name, manifest, None if ":" in reference else reference)
        headers = {"Docker-Content-Digest": manifest.digest, "Location": self._path(f"manifests/{manifest.digest}")}
        if manifest.subject:
            headers["OCI-Subject"] = manifest.subject
        return Response(status=201, headers=headers)

    def blob(self, request: Request, digest: str) -> Response:
        content = self._contents.read(digest) if self._has(digest) else None
        if content is None:
            raise RegistryRefusal(404, "BLOB_UNKNOWN", "blob unknown to registry")
        headers = {"Docker-Content-Digest": digest, "Accept-Ranges": "bytes"}
        asked = _RANGE.fullmatch(request.headers.get("Range", ""))
        if asked is None:
            return Response(content, content_type="application/octet-stream", headers=headers)
        first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
        if first >= len(content):
            raise RegistryRefusal(416, "SIZE_INVALID", "range not satisfiable")
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        return Response(content[first : last + 1], status=206, content_type="application/octet-stream", headers=headers)

    def tags(self, request: Request) -> Response:
        """In pages, as `n` and `last` say."""
        after = [tag for tag in self._repositories.tags(self._name) if tag > request.args.get("last", "")]
        page = after[: request.args.get("n", len(after), int)]
        answer = _json({"name": self._name, "tags": page})
        if len(page) < len(after) and page:
            answer.headers["Link"] = f'<{self._path(f"tags/list?n={len(page)}&last={page[-1]}")}>; rel="next"'
        return answer

    def referrers(self, subject: str) -> Response:
        found = [one.descriptor() for one in self._repositories.manifests(self._name) if one.subject == subject]
        index = {"schemaVersion": 2, "mediaType": INDEXES[0], "manifests": found}
        return Response(json.dumps(index), content_type=INDEXES[0])

    def begin(self, request: Request) -> Response:
        """Mounts nothing that the repository hasn't: ECR shares no layers between repositories unless it is told to."""
        digest = request.args.get("mount") or request.args.get("digest")
        if digest and self._has(digest):
            return self._created(digest)
        upload = self._contents.begin(*self._at)
        if request.args.get("digest"):
            return self.finish(request, upload)
        return self._accepted(upload, 0)

    def progress(self, upload: str) -> Response:
        answer = self._accepted(upload, self._file(upload).stat().st_size)
        answer.status_code = 204
        return answer

    def append(self, request: Request, upload: str) -> Response:
        file, data = self._file(upload), request.get_data()
        size = file.stat().st_size
        begins = re.fullmatch(r"(?:bytes )?([0-9]+)-[0-9]+(?:/.*)?", request.headers.get("Content-Range", ""))
        if begins and int(begins[1]) != size:
            raise RegistryRefusal(416, "BLOB_UPLOAD_INVALID", f"Layer part must begin at byte {size}")
        with file.open("ab") as stream:
            stream.write(data)
        return self._accepted(upload, size + len(data))

    def finish(self, request: Request, upload: str) -> Response:
        file, digest = self._file(upload), request.args.get("digest", "")
        content = file.read_bytes() + request.get_data()
        if digest_of(content) != digest:
            raise RegistryRefusal(400, "DIGEST_INVALID", f"provided digest did not match uploaded content: {digest}")
        self._contents.keep(content)
        self._contents.mark(*self._at, "_blobs", digest)
        file.unlink(missing_ok=True)
        return self._created(digest)

    def cancel(self, upload: str) -> Response:
        self._file(upload).unlink(missing_ok=True)
        return Response(status=204)

    def _has(self, digest: str) -> bool:
        """A blob is here where it was pushed, or where a manifest came with it: by replication, or as it was seeded."""
        if self._contents.marked(*self._at, "_blobs", digest) is not None:
            return True
        return any(digest in one.blobs for one in self._repositories.manifests(self._name))

    def _file(self, upload: str) -> Json:
        file = self._contents.upload(*self._at, upload)
        if file is None:
            raise RegistryRefusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        return file

    def _accepted(self, upload: str, size: int) -> Response:
        headers = {"Location": self._path(f"blobs/uploads/{upload}"), "Range": f"0-{max(0, size - 1)}"}
        return Response(status=202, headers=headers)

    def _created(self, digest: str) -> Response:
        headers = {"Location": self._path(f"blobs/{digest}"), "Docker-Content-Digest": digest}
        return Response(status=201, headers=headers)

    def _path(self, rest: str) -> str:
        host, name = self._at
        return f"/v2/{host}/{name}/{rest}"


def _cut(environ: dict[str, Json], answer: Response) -> Response:
    """Half of a blob that is asked for; of one that is pushed no answer."""
    content = answer.get_data()
    with environ[TAKE_OVER]() as connection:
        if environ["REQUEST_METHOD"] == "GET":
            head = f"HTTP/1.1 {answer.status}\r\nContent-Length: {len(content)}\r\n\r\n"
            connection.sendall(head.encode() + content[: len(content) // 2])
        connection.shutdown(socket.SHUT_RDWR)
    return answer


def _by_method(request: Request, **answers: Callable[[], Response]) -> Response:
    answer = answers.get("GET" if request.method == "HEAD" else request.method)
    if answer is None:
        raise RegistryRefusal(405, "UNSUPPORTED", "the operation is unsupported")
    return answer()


def _json(body: Json, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")
