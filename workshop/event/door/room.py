"""Who has no link comes by the room's code, which works while the room is open, and waits for a helper."""

from __future__ import annotations

import re
import secrets
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from workshop.event.door.visit import SENT_SHOWN, STAFF, Visit, page
from workshop.event.store.invitations import TOKEN_BYTES, hash_of
from workshop.event.store.waiting import plain_code
from workshop.model.event.requests import Ask

_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_NAME: Final = 128
_LONGEST_ADDRESS: Final = 254


def _show(visit: Visit) -> Response:
    return visit.render("room.html", problem="", name="", email="")


def _enter(visit: Visit) -> Response:
    name, email = visit.form.get("name", "").strip(), visit.form.get("email", "").strip()
    if not visit.door.sessions.is_room_code(hash_of(plain_code(visit.form.get("code", ""))), visit.now):
        status = 429 if visit.door.failures.add(visit.now) else 404
        return visit.render("room.html", status, problem=_WRONG_CODE, name=name, email=email)
    if not name or len(name) > _LONGEST_NAME:
        return visit.render("room.html", 400, problem="Please give your name.", name=name, email=email)
    if not _ADDRESS.fullmatch(email) or len(email) > _LONGEST_ADDRESS:
        return visit.render("room.html", 400, problem=_WRONG_ADDRESS, name=name, email=email)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    if not visit.door.sessions.wait(name, email, hash_of(token), visit.now):
        return visit.render("room.html", 503, problem="Too many wait already: ask a helper.", name=name, email=email)
    return visit.sign_in("/me", token)


_WRONG_CODE: Final = "This code does not work: look at it again, or ask a helper whether the room is open."
_WRONG_ADDRESS: Final = "Please give the mail address of the account by which you sign in to Coder."


def _queue(visit: Visit) -> Response:
    sent = () if visit.person is None else visit.door.store.sent(visit.person.person, visit.now - SENT_SHOWN)
    admitted = [one for one in sent if one.action == Ask.ADMIT]
    return visit.render("waiting.html", queue=visit.door.sessions.queue(), sent=admitted, refresh=10)


def _admit(visit: Visit) -> Response:
    identity = visit.form.get("waiting", "")
    if visit.person is None or identity not in {one[0] for one in visit.door.sessions.queue()}:
        raise HTTPException(404)
    visit.door.store.ask(visit.person.person, Ask.ADMIT, visit.now, data={"waiting": identity})
    return visit.go("/staff/waiting")


ROUTES: Final = [
    page("/room", _show),
    page("/room", _enter, post=True),
    page("/staff/waiting", _queue, roles=STAFF),
    page("/staff/waiting/admit", _admit, post=True, roles=STAFF),
]
