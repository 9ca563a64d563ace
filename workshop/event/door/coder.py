"""The way to Coder, one after the other: it lets in so many people a minute from one address, as a room has it."""

from __future__ import annotations

from math import ceil
from typing import Final

from starlette.responses import RedirectResponse, Response

from workshop.event.door.visit import Visit, page
from workshop.model.event.people import Role
from workshop.model.event.seats import workspace_name


def _go(visit: Visit) -> Response:
    """Nothing of the address is taken from the request."""
    person, door = visit.person, visit.door
    seat = None if person is None or person.seat is None else door.store.seat(person.seat)
    if person is None or seat is None or seat.account is None or seat.state != "ready":
        return visit.go("/me")
    place = door.logins.place(person.person, visit.now)
    if place:
        seconds = ceil(door.logins.wait(place, visit.now).total_seconds())
        return visit.render("queue.html", place=place, seconds=max(seconds, 1), refresh=max(min(seconds, 10), 2))
    return RedirectResponse(f"{door.request.coder_url}/@{seat.account}/{workspace_name(seat.seat)}", 303)


ROUTES: Final = [page("/go", _go, roles=frozenset({Role.PARTICIPANT}))]
