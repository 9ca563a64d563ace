"""Requests to one API server: retried where it says so, answered or refused in its own words."""

from __future__ import annotations

import base64
import json
import re
import ssl
import time
import weakref
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.manifests.store import ClusterSilence

TIMEOUT_SECONDS: Final = 30
BUSY_RETRIES: Final = 10
_MAX_WAIT_SECONDS: Final = 5
"""Between two tries, whatever Retry-After says; client-go too comes back ten times."""

_WATCH_TIMEOUT: Final = httpx.Timeout(TIMEOUT_SECONDS, read=None)
"""A watch may have nothing to tell for long; the server ends it after an hour at most."""

_OK: Final = 200
_TOO_MANY_REQUESTS: Final = 429

_WARNING: Final = re.compile(r'299 - "((?:[^"\\]|\\.)*)"')

JSON: Final = "application/json"
APPLY: Final = "application/apply-patch+yaml"
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"


@dataclass(frozen=True, kw_only=True)
class Access:
    """How an API server is reached: its URL, the certificate that signs its own, and a bearer token."""

    server: str
    authority: str
    token: str = field(repr=False)

    @property
    def cluster(self) -> Mapping[str, str]:
        """As a kubeconfig's cluster."""
        authority = base64.b64encode(self.authority.encode()).decode()
        return {"server": self.server, "certificate-authority-data": authority}


class Api:
    """One API server. name: what people call the cluster; warnings: what the server said beside its answers."""

    def __init__(self, name: str, access: Access, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.name = name
        self.warnings: list[str] = []
        self._server = access.server
        self._client = httpx.Client(
            base_url=access.server,
            headers={"Authorization": f"Bearer {access.token}"},
            verify=ssl.create_default_context(cadata=access.authority),
            timeout=timeout_seconds,
            trust_env=False,
        )
        weakref.finalize(self, self._client.close)

    def is_ready(self) -> bool:
        """Whether it answers and says that it is ready."""
        try:
            return self._client.get("/readyz", timeout=2).status_code == _OK
        except httpx.HTTPError:
            return False

    def request(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        content_type: str = JSON,
        query: Mapping[str, str] | None = None,
    ) -> Manifest:
        """Answers the object. Raises ClusterRefusal with the server's reason, ClusterSilence where none comes."""
        response = self._send(method, path, body, content_type, query)
        for _ in range(BUSY_RETRIES):
            if response.status_code != _TOO_MANY_REQUESTS:
                break
            time.sleep(_wait_seconds(response))
            response = self._send(method, path, body, content_type, query)
        self.warnings += _WARNING.findall(response.headers.get("Warning", ""))
        return self._read(response)

    def watch(self, path: str, query: Mapping[str, str]) -> Generator[Manifest]:
        """Objects as they are, then each as it becomes, until the server ends the watch. Raises as request does."""
        parameters = {**query, "watch": "true"}
        try:
            with self._client.stream("GET", path, params=parameters, timeout=_WATCH_TIMEOUT) as response:
                if not response.is_success:
                    response.read()
                    self._read(response)
                for line in response.iter_lines():
                    event: Manifest = json.loads(line)
                    if event["type"] in ("ADDED", "MODIFIED"):
                        yield event["object"]
        except httpx.TransportError as error:
            raise self._unreachable(f"ended a watch: {str(error) or type(error).__name__}") from None

    def _send(
        self, method: str, path: str, body: Json, content_type: str, query: Mapping[str, str] | None
    ) -> httpx.Response:
        request = self._client.build_request(
            method, path, json=body, params=query, headers={"Content-Type": content_type} if body is not None else {}
        )
        try:
            return self._client.send(request)
        except httpx.TimeoutException:
            raise self._unreachable(
                f"gave no answer to {method} {path} within {self._client.timeout.read:g} s"
            ) from None
        except httpx.TransportError as error:
            raise self._unreachable(f"can't be reached: {str(error) or type(error).__name__}") from None

    def _read(self, response: httpx.Response) -> Manifest:
        try:
            answer: Json = response.json()
        except ValueError:
            answer = {"message": response.text[:300]}
        if response.is_success:
            return answer
        message = answer.get("message") or response.reason_phrase
        reason = answer.get("reason") or response.reason_phrase
        if response.is_server_error or response.status_code == _TOO_MANY_REQUESTS:
            message = f"the API server of {self.name} answered {response.status_code}: {message}: run this again"
        raise (ClusterSilence if response.is_server_error else ClusterRefusal)(reason, message)

    def _unreachable(self, what: str) -> ClusterSilence:
        return ClusterSilence(
            "Unreachable",
            f"the API server of {self.name} ({self._server}) {what}: whether the change was made is not known, and the "
            "next run looks: workshop sandbox clusters start, then run this again",
        )


def _wait_seconds(response: httpx.Response) -> float:
    asked = response.headers.get("Retry-After", "1")
    return min(float(asked) if asked.isdecimal() else 1, _MAX_WAIT_SECONDS)
