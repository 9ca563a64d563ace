"""How Coder is asked: within a time limit, at its pace, and again only where that can do no harm."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from workshop.event.coder.answers import Answer, ListedT, Page
from workshop.event.coder.errors import CoderError, CoderRefused, CoderUnreachable, RateLimited, UnexpectedAnswer
from workshop.event.coder.pace import Pace

TIMEOUT_SECONDS: Final = 8.0
PAUSES_SECONDS: Final = (0.5, 1.0)
"""Before a GET is sent again. With the time limit, a call to a Coder that hangs takes 25.5 s at most."""
PATIENCE_SECONDS: Final = 10.0
"""How long a call waits for its turn; a longer wait is the caller's to plan."""
PAGE: Final = 1000
"""How many a list is asked for at a time: one answer is one moment, several pages are not."""
_RETRY_AFTER_SECONDS: Final = 60.0
"""If Coder does not say: its limits are by the minute."""

_NAME: Final = re.compile(r"{\w+}")

T = TypeVar("T")


class _Validation(Answer):
    field: str = ""
    detail: str = ""


class _Problem(Answer):
    """How Coder says no."""

    message: str = ""
    detail: str = ""
    validations: tuple[_Validation, ...] | None = None


class Connection:
    """A Coder server and who asks it.

    url: of the server, in the cluster its Service; authority: PEM file of the certificates that sign its own, "" for
    those that this machine trusts. Raises CoderError for an address, a file or a token that can't be one.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        authority: str = "",
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pace = Pace(clock)
        self._sleep = sleep
        try:
            self._client = httpx.Client(
                base_url=f"{url.rstrip('/')}/api/v2",
                timeout=TIMEOUT_SECONDS,
                transport=transport,
                verify=ssl.create_default_context(cafile=authority or None) if url.startswith("https") else False,
            )
        except httpx.InvalidURL as error:
            raise CoderError(f"{url} is no address of Coder's: {error}") from None
        except OSError as error:  # an SSLError is one
            raise CoderError(f"{authority} can't be read as certificates: {error}") from None
        self._use_token(token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the connection holds."""
        self._client.close()

    def _use_token(self, token: str) -> None:
        given = token.strip()
        if not given or not given.isascii() or not given.isprintable():  # httpx would repeat it in its message
            raise CoderError("the token for Coder is empty, or has characters that no token has")
        self._client.headers["Coder-Session-Token"] = given
        self._token_id = given.partition("-")[0]

    def _get(self, form: type[T], route: str, *values: str, query: Mapping[str, str] | None = None) -> T:
        """The answer to a GET. Raises CoderError, as all calls do."""
        return self._read(form, self._send("GET", route, *values, query=query))

    def _list(self, form: type[T], route: str, *values: str, query: Mapping[str, str] | None = None) -> list[T]:
        """The answer to a GET that is a list; Coder writes null for some that are empty."""
        response = self._send("GET", route, *values, query=query)
        return [] if response.content.strip() == b"null" else self._read(list[form], response)

    def _find(self, form: type[T], route: str, *values: str, absent: HTTPStatus = HTTPStatus.NOT_FOUND) -> T | None:
        """The answer to a GET; None where Coder has this status for what is not there."""
        try:
            return self._get(form, route, *values)
        except CoderRefused as refused:
            if refused.status == absent:
                return None
            raise

    def _pages(self, form: type[Page[ListedT]], route: str, query: str) -> list[ListedT]:
        """All that a search finds. Raises UnexpectedAnswer where that is less than Coder counted."""
        found: dict[str, ListedT] = {}
        received = 0
        while True:
            asked = {"limit": str(PAGE), "offset": str(received)} | ({"q": query} if query else {})
            page = self._get(form, route, query=asked)
            found |= {one.id: one for one in page.items}
            received += len(page.items)
            if len(found) >= page.count:
                return [*found.values()]
            if not page.items:
                raise UnexpectedAnswer(f"Coder listed {len(found)} of {page.count} {route.strip('/')}")

    def _send(
        self,
        method: str,
        route: str,
        *values: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        """A response that says success. route: as in the API's reference; values: what its names stand for, in order.

        What is not known to be harmless is sent once: a GET is sent again, and whatever Coder did not take (429).
        """
        path = _path(route, values)
        call = f"{method} {route}"
        pauses = iter(PAUSES_SECONDS)
        while True:
            self._wait_for_turn(call, path)
            try:
                return _succeeded(call, self._answer(call, method, path, query, body))
            except RateLimited as limited:
                self._pace.close(path, limited.retry_after)
                if next(pauses, None) is None:
                    raise
            except CoderUnreachable:
                pause = next(pauses, None) if method == "GET" else None
                if pause is None:
                    raise
                self._sleep(pause)

    def _wait_for_turn(self, call: str, path: str) -> None:
        wait = self._pace.take(path)
        if 0 < wait <= PATIENCE_SECONDS:
            self._sleep(wait)
            wait = self._pace.take(path)
        if wait > 0:
            raise RateLimited(call, wait)

    def _answer(
        self,
        call: str,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, object] | None,
    ) -> httpx.Response:
        try:
            return self._client.request(method, path, params=query, json=body)
        except httpx.TimeoutException:
            raise CoderUnreachable(f"Coder did not answer {call} within {TIMEOUT_SECONDS:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CoderUnreachable(f"Coder can't be reached: {str(error) or type(error).__name__}") from None

    def _read(self, form: type[T], response: httpx.Response) -> T:
        """The answer as this type. Raises UnexpectedAnswer."""
        adapter: TypeAdapter[T] = TypeAdapter(form)
        try:
            return adapter.validate_json(response.content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "the answer"
            version = response.headers.get("X-Coder-Build-Version", "unknown")
            raise UnexpectedAnswer(
                f"Coder (version {version}) sent what this client does not know: {where}: {first['msg']}"
            ) from None


def _path(route: str, values: tuple[str, ...]) -> str:
    """Raises ValueError for a value that would make another path of it."""
    if any(not value.strip(".") for value in values):
        raise ValueError(f"{route} can't be asked for a name that is empty or dots")
    given = iter(values)
    return _NAME.sub(lambda _: quote(next(given), safe=""), route)


def _succeeded(call: str, response: httpx.Response) -> httpx.Response:
    """The response, if it says success. Raises CoderError."""
    status = response.status_code
    if response.is_success:
        return response
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        given = response.headers.get("Retry-After", "")
        raise RateLimited(call, float(given) if given.isdigit() else _RETRY_AFTER_SECONDS)
    try:
        problem = _Problem.model_validate_json(response.content)
    except ValidationError:
        problem = _Problem()
    is_forbidden = "rbac: forbidden" in problem.detail  # with status 500, where Coder forgot to ask first
    if response.is_client_error or is_forbidden:
        reasons = {one.field: one.detail for one in problem.validations or ()}
        message = problem.message or "no reason given"
        raise CoderRefused(call, status, message, detail=problem.detail, validations=reasons)
    if response.is_server_error:
        raise CoderUnreachable(f"Coder answered {call} with {status} {problem.message}".rstrip())
    raise UnexpectedAnswer(f"Coder answered {call} with {status}; give the address that it answers at itself")
