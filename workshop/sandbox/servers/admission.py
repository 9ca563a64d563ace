"""What every request has to show before one of the sandbox's servers sees it.

Its sender knows the data folder's token, which other users can't read; no page in a browser sent it, not even one whose
name leads to this machine; and its path leads nowhere but where it says.
"""

from __future__ import annotations

import base64
import hmac
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from werkzeug.wrappers import Response

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.aws.s3 import presigned_key
from workshop.sandbox.servers.identity import realm
from workshop.sandbox.servers.listener import BODY_BYTES, PART_BYTES

_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}
_NOT_FROM_A_PAGE: Final = {"none", "same-origin"}
_MISLEADING = re.compile(r"(?:^|/)\.\.?(?:/|$)|[\\%\x00-\x1f\x7f]")
"""Steps up, and what some reader might take for one once it has decoded it again."""

REGISTRIES: Final = "/v2/"
"""Before the paths of registries."""

_AWS_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 .*?Credential=([^/,\s]+)/")


def browser_refusal(environ: Json) -> Response | None:
    """Why a request is none of this machine's programs', or None."""
    try:
        host = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname
    except ValueError:
        host = None
    if host not in _LOOPBACK:
        return _refusal(403, "Forbidden", "the sandbox answers to 127.0.0.1 and localhost only")
    if "HTTP_ORIGIN" in environ or environ.get("HTTP_SEC_FETCH_SITE", "none") not in _NOT_FROM_A_PAGE:
        return _refusal(403, "Forbidden", "the sandbox does not answer pages in a browser")
    return None


def path_refusal(path: str) -> Response | None:
    """Why a path is none that a server may see, or None. A role's ARN has a slash, which EKS's clients encode."""
    if path.startswith("/eks/"):
        path = path.replace("%2F", "/")
    return _refusal(404, "NotFound", "there is no such path") if _MISLEADING.search(path) else None


def token_refusal(environ: Json, tokens: Iterable[str], folder: Path) -> Response | None:
    """Why a request isn't from somebody who may read the data folder, or None."""
    shown = _shown(environ)
    if any(hmac.compare_digest(shown.encode(), token.encode()) for token in tokens):
        return None
    refusal = _refusal(
        401, "UnrecognizedClientException", "this sandbox wants its token, which lies in its data folder: token"
    )
    scheme = "Basic" if environ.get("PATH_INFO", "").startswith(REGISTRIES) else "Bearer"  # as ECR asks regctl
    refusal.headers["WWW-Authenticate"] = f'{scheme} realm="{realm(folder)}"'
    return refusal


def read_body(environ: Json) -> Response | None:
    """Reads a request to its end, in place of the server that is to answer it; answers why that can't be, or None."""
    most = PART_BYTES if is_part(environ) or _is_blob(environ) else BODY_BYTES
    length = environ.get("CONTENT_LENGTH") or "0"
    if "HTTP_TRANSFER_ENCODING" in environ or not (length.isascii() and length.isdecimal()):
        return _refusal(411, "LengthRequired", "the sandbox wants to know a body's length beforehand")
    if len(length) > len(str(most)) or int(length) > most:
        return _refusal(413, "RequestEntityTooLarge", f"the sandbox takes up to {most} bytes")
    body: bytes = environ["wsgi.input"].read(int(length)) if int(length) else b""
    if len(body) != int(length):
        return _refusal(400, "BadRequest", "the body ended early")
    environ["wsgi.input"] = io.BytesIO(body)
    return None


def is_part(environ: Json) -> bool:
    """Whether a request brings S3 an object, or a part of one, by a signature of its own."""
    authorization: str = environ.get("HTTP_AUTHORIZATION", "")
    return environ.get("REQUEST_METHOD") == "PUT" and "/s3/aws4_request" in authorization


def _is_blob(environ: Json) -> bool:
    """Whether a request brings a registry a blob, or a part of one."""
    path: str = environ.get("PATH_INFO", "")
    return path.startswith(REGISTRIES) and "/blobs/uploads/" in path


def _shown(environ: Json) -> str:
    authorization: str = environ.get("HTTP_AUTHORIZATION", "")
    if not authorization and environ.get("REQUEST_METHOD") == "GET":
        in_url = presigned_key(dict(parse_qsl(environ.get("QUERY_STRING", ""))))
        if in_url:
            return in_url
    aws = _AWS_CREDENTIAL.match(authorization)
    if aws:
        return aws[1]
    scheme, _, token = authorization.partition(" ")
    if scheme == "Basic":
        return _password(token)
    return token.strip() if scheme == "Bearer" else environ.get("HTTP_CODER_SESSION_TOKEN", "")


def _password(credentials: str) -> str:
    """Of a user and a password, as registries' clients send them."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _refusal(status: int, kind: str, message: str) -> Response:
    """In no API's own form, though AWS's and Kubernetes' clients find the message in it."""
    return Response(json.dumps({"__type": kind, "message": message}), status=status, content_type="application/json")
