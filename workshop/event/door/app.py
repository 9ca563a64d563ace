"""The door as a web application, and the headers that every answer of it has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workshop.event.door import coder, invitation, room, seat, staff
from workshop.event.door.pace import Failures, Pace
from workshop.event.door.visit import Door, problem
from workshop.event.store.door import DoorStore
from workshop.event.store.sessions import Sessions
from workshop.model.event.door import HEALTH_PATH, DoorRequest
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Strict-Transport-Security": "max-age=31536000",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Nobody else is told where people come from. With no-referrer our own forms would come with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_FAILURES_PER_MINUTE: Final = 30
_FOLDER: Final = Path(__file__).parent


class _Headers:
    """Puts our headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, sending)


def door_app(request: DoorRequest, engine: Engine, clock: Callable[[], datetime]) -> Starlette:
    """The door. Raises ValueError where the settings have no event or window."""
    event = given(request.settings.event)
    door = Door(
        request=request,
        event=event,
        plan=given(plan_event(request.settings)),
        store=DoorStore(engine, event.name),
        sessions=Sessions(engine, event.name),
        clock=clock,
        pages=_pages(given(request.settings.window).start, event.time_zone),
        logins=Pace(event.door.coder_logins_per_minute),
        failures=Failures(_FAILURES_PER_MINUTE),
    )
    app = Starlette(
        routes=[
            Route(HEALTH_PATH, _healthy),
            Mount("/static", StaticFiles(directory=_FOLDER / "static")),
            *invitation.ROUTES,
            *seat.ROUTES,
            *coder.ROUTES,
            *room.ROUTES,
            *staff.ROUTES,
        ],
        middleware=[Middleware(_Headers)],
        exception_handlers={HTTPException: _refused},
    )
    app.state.door = door
    return app


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(request.app.state.door, request, status)


def _pages(start: datetime, time_zone: str | None) -> Environment:
    """Templates, which escape whatever they are given."""
    pages = Environment(loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
    zone: tzinfo | None = ZoneInfo(time_zone) if time_zone else start.tzinfo

    def there(when: datetime) -> str:
        return f"{when.astimezone(zone):%a %-d %b, %H:%M %Z}"

    pages.filters["there"] = there
    return pages
