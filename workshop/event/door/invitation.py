"""The first page, an invitation's page, and signing in and out. Mail scanners follow links: a GET changes nothing."""

from __future__ import annotations

import secrets
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from workshop.event.door.visit import STAFF_HOME, Visit, page
from workshop.event.store.invitations import TOKEN_BYTES, hash_of
from workshop.model.event.people import Role
from workshop.model.event.requests import Ask
from workshop.model.settings.section import given


def _first(visit: Visit) -> Response:
    return visit.render("outside.html") if visit.session is None else visit.go(_home(visit))


def _show(visit: Visit) -> Response:
    guest = visit.door.sessions.guest(_link(visit), visit.now)
    if guest is None:
        raise _not_there(visit)
    devices = visit.door.sessions.devices(guest.person, visit.now)
    is_full = guest.max_devices is not None and devices >= guest.max_devices
    start = given(visit.door.request.settings.window).start
    return visit.render("invitation.html", guest=guest, starts_at=start, devices=devices, is_full=is_full)


def _redeem(visit: Visit) -> Response:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    guest = visit.door.sessions.redeem(_link(visit), hash_of(token), visit.now)
    if guest is None:
        raise _not_there(visit)
    if visit.session is not None:  # this browser's own one before
        visit.door.sessions.end(visit.session.hash, visit.now)
    if guest.role is Role.PARTICIPANT and guest.accepted_at is None:
        visit.door.store.ask(guest.person, Ask.ACCEPT, visit.now, seat=guest.seat)
    return visit.sign_in("/me" if guest.role is Role.PARTICIPANT else STAFF_HOME, token)


def _sign_out(visit: Visit) -> Response:
    if visit.session is not None:
        visit.door.sessions.end(visit.session.hash, visit.now)
    return visit.sign_out("/")


def _home(visit: Visit) -> str:
    return "/me" if visit.person is None or visit.person.role is Role.PARTICIPANT else STAFF_HOME


def _link(visit: Visit) -> str:
    """The hash of what may be a link's token."""
    return hash_of(visit.request.path_params["token"])


def _not_there(visit: Visit) -> HTTPException:
    """The same for a link that never was, that is over, and that was withdrawn."""
    return HTTPException(429 if visit.door.failures.add(visit.now) else 404)


ROUTES: Final = [
    page("/", _first),
    page("/i/{token}", _show),
    page("/i/{token}", _redeem, post=True),
    page("/sign-out", _sign_out, post=True),
]
