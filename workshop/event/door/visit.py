"""One request to the door: who asks, whether they may, and how it is answered.

A route is `page(path, handler)`, or with `roles` for whom it is there; a handler is a plain function that is given a
`Visit`, runs in a thread, and may ask the store. Everything that is sent by POST is checked here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from jinja2 import Environment
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from workshop.event.door.pace import Failures, Pace
from workshop.event.store.door import DoorStore
from workshop.event.store.invitations import hash_of
from workshop.event.store.sessions import LIFETIME, Session, Sessions
from workshop.model.event.door import DoorRequest
from workshop.model.event.people import Invitation, Role
from workshop.model.plan.event import EventPlan
from workshop.model.settings.event import Event

ANYBODY: Final = frozenset[Role]()
STAFF: Final = frozenset({Role.HELPER, Role.INSTRUCTOR})

STAFF_HOME: Final = "/staff"
"""Where instructor and helpers begin."""

SENT_SHOWN: Final = timedelta(minutes=10)
"""For how long a page says what became of something that was asked for."""

_MOST_BYTES: Final = 16 * 1024
"""Of a form."""

_RETRY_SECONDS: Final = 10


@dataclass(frozen=True, kw_only=True)
class Door:
    """All that the door has. pages: templates. logins: to Coder. failures: of links and of the room's code."""

    request: DoorRequest
    event: Event
    plan: EventPlan
    store: DoorStore
    sessions: Sessions
    clock: Callable[[], datetime]
    pages: Environment
    logins: Pace
    failures: Failures

    def cookie(self, name: str) -> str:
        """As it is called: with __Host- a browser takes it from nobody else, and by TLS only."""
        return name if self.request.is_loopback else f"__Host-{name}"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request. seal: a secret that only this browser has, its session's or one for its forms.

    session: None for who has not come in. person: their invitation; None of who has no seat yet. form: what was sent.
    """

    door: Door
    request: Request
    now: datetime
    seal: str
    session: Session | None
    person: Invitation | None
    form: Mapping[str, str]

    @property
    def csrf(self) -> str:
        """Goes with every form of this browser, and is of no use in another."""
        return hmac.new(self.seal.encode(), b"form", hashlib.sha256).hexdigest()

    def render(self, template: str, status: int = 200, **facts: object) -> Response:
        """A page."""
        shown = {"visit": self, "event": self.door.event, "now": self.now, **facts}
        response = HTMLResponse(self.door.pages.get_template(template).render(shown), status)
        if self.request.cookies.get(self.door.cookie("workshop")) is None:
            self._keep(response, "workshop-form", self.seal)
        return response

    def go(self, path: str) -> Response:
        """To another page of the door's, by GET."""
        return RedirectResponse(path, 303)

    def sign_in(self, path: str, token: str) -> Response:
        """The same, in a session."""
        response = self.go(path)
        self._keep(response, "workshop", token, LIFETIME)
        return response

    def sign_out(self, path: str) -> Response:
        """The same, without any."""
        response = self.go(path)
        self._keep(response, "workshop", "", timedelta(0))
        return response

    def _keep(self, response: Response, name: str, value: str, age: timedelta | None = None) -> None:
        response.set_cookie(
            self.door.cookie(name),
            value,
            max_age=None if age is None else int(age.total_seconds()),
            secure=not self.door.request.is_loopback,
            httponly=True,
            samesite="lax",
        )


Handler = Callable[[Visit], Response]


def page(path: str, handler: Handler, *, post: bool = False, roles: frozenset[Role] = ANYBODY) -> Route:
    """A route. roles: for whom it is there; to others it is not, and who has not come in is told how to."""

    async def answer(request: Request) -> Response:
        door: Door = request.app.state.door
        try:
            form = await _form(request) if post else {}
            return await run_in_threadpool(_answer, door, request, form, handler, post=post, roles=roles)
        except HTTPException as error:
            return problem(door, request, error.status_code, error.detail)
        except SQLAlchemyError:
            return problem(door, request, 503)
        except Exception as error:  # noqa: BLE001 - its message could quote what must not be printed
            sys.stderr.write(f"{path}: failed unexpectedly: {type(error).__name__}\n")
            return problem(door, request, 500)

    return Route(path, answer, methods=["POST" if post else "GET"])


def _answer(
    door: Door, request: Request, form: Mapping[str, str], handler: Handler, *, post: bool, roles: frozenset[Role]
) -> Response:
    now, token = door.clock(), request.cookies.get(door.cookie("workshop"))
    session = None if token is None else door.sessions.of(hash_of(token), now)
    person = None if session is None or session.person is None else door.sessions.person(session.person)
    if session is not None and session.person is not None and person is None:
        session = None  # the invitation was withdrawn
    visit = Visit(
        door=door, request=request, now=now, seal=_seal(door, request), session=session, person=person, form=form
    )
    if post:
        _check(visit)
    if roles and session is None:
        return visit.render("outside.html", 403)
    if roles and (person is None or person.role not in roles):
        raise HTTPException(404)
    return handler(visit)


def problem(door: Door, request: Request, status: int, detail: str = "") -> Response:
    """A page that says what is wrong; the same one for all that is not there."""
    visit = Visit(
        door=door, request=request, now=door.clock(), seal=_seal(door, request), session=None, person=None, form={}
    )
    response = visit.render("problem.html", status, code=status, title=HTTPStatus(status).phrase, detail=detail)
    if status in (429, 503):
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def _seal(door: Door, request: Request) -> str:
    names = (door.cookie("workshop"), door.cookie("workshop-form"))
    return next((request.cookies[name] for name in names if request.cookies.get(name)), secrets.token_urlsafe(32))


def _check(visit: Visit) -> None:
    """Whether a form comes from one of our own pages, in this browser. Raises HTTPException.

    An Origin that is null says nothing, as no Origin does: then the browser has to say itself that it is ours.
    """
    headers = visit.request.headers
    origin, site = headers.get("origin", "null"), headers.get("sec-fetch-site")
    is_ours = origin == visit.door.request.origin or (origin == "null" and site == "same-origin")
    if not is_ours or site in ("cross-site", "same-site"):
        raise HTTPException(403, "This form came from another page.")
    if not hmac.compare_digest(visit.form.get("csrf", "").encode(), visit.csrf.encode()):
        raise HTTPException(403, "This form is too old, or cookies are switched off.")


async def _form(request: Request) -> dict[str, str]:
    """What was sent, in a browser's own form. Raises HTTPException for more than any form of ours has."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise HTTPException(413, "That is too much text.")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=32, errors="strict"))
    except ValueError:
        raise HTTPException(400, "This form can't be read.") from None
