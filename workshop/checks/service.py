"""A system with an HTTP API: asked within a time limit, used only if its answer has the right schema."""

from __future__ import annotations

import ssl
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

TIMEOUT_SECONDS: Final = 8.0

T = TypeVar("T")


class Inconclusive(Exception):
    """A check has no answer. found: what came instead, from whom; fix: what to do about it."""

    def __init__(self, found: str, fix: str) -> None:
        super().__init__(found)
        self.found = found
        self.fix = fix


@dataclass(frozen=True, kw_only=True)
class Service:
    """name: as people call it. header and token: how it knows us; if_refused: how to be let in.

    authority: PEM file of the certificates that sign its own; "" for those that this machine trusts.
    """

    name: str
    url: str
    header: str = ""
    token: str = field(default="", repr=False)
    if_refused: str = ""
    authority: str = ""

    def get(self, path: str, form: type[T], query: Mapping[str, str] | None = None) -> T:
        """The answer to a GET. Raises Inconclusive, which names the system, for anything but an answer of this type."""
        return self.read(self.succeeded(self.send("GET", path, query=query)), form)

    def post(self, path: str, body: object, form: type[T]) -> T:
        """The answer to a POST of JSON. Raises Inconclusive."""
        return self.read(self.succeeded(self.send("POST", path, body=body)), form)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """A response, whatever it says. Raises Inconclusive where none comes."""
        if self.header and not self.token:
            raise Inconclusive(f"no token for {self.name}", self.if_refused)
        url = f"{self.url.rstrip('/')}/{path}" if path else self.url
        request = self._client.build_request(method, url, params=query, json=body, headers=dict(headers or {}))
        try:
            return self._client.send(request)
        except httpx.TimeoutException:
            raise Inconclusive(
                f"{self.name} ({request.url}) did not answer within {TIMEOUT_SECONDS:g} s", f"see why {self.name} hangs"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Inconclusive(
                f"{self.name} ({self.url}) can't be reached: {str(error) or type(error).__name__}",
                "make it reachable from here",
            ) from None

    def succeeded(self, response: httpx.Response) -> httpx.Response:
        """The response, if it says success. Raises Inconclusive."""
        if response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            fix = self.if_refused or f"see the logs of {self.name}"
            raise Inconclusive(f"{self.name} ({response.url}) answered {response.status_code}", fix)
        if not response.is_success:
            text = " ".join(response.text[:120].split())
            raise Inconclusive(
                f"{self.name} ({response.url}) answered {response.status_code} {text}".rstrip(),
                f"see the logs of {self.name}",
            )
        return response

    def read(self, response: httpx.Response, form: type[T]) -> T:
        """The answer as this type. Raises Inconclusive."""
        adapter: TypeAdapter[Any] = TypeAdapter(form)
        try:
            return adapter.validate_json(response.content)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            raise Inconclusive(
                f"{self.name} ({response.url}) sent an unexpected response: {where} {first['msg']}".replace("  ", " "),
                f"check that {self.name} answers there, and its version",
            ) from None

    @property
    def without_token(self) -> Service:
        """The same system, as anybody may ask it."""
        return replace(self, header="", token="")

    @cached_property
    def _client(self) -> httpx.Client:
        headers = {self.header: self.token} if self.token else {}
        client = httpx.Client(
            headers=headers,
            timeout=TIMEOUT_SECONDS,
            verify=ssl.create_default_context(cafile=self.authority or None) if self.url.startswith("https") else False,
        )
        weakref.finalize(self, client.close)
        return client
