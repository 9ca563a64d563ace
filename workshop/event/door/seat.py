"""A participant's own page: how their seat stands, and what they may ask for. The keeper does it at its next look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from workshop.event.door.visit import SENT_SHOWN, STAFF_HOME, Door, Handler, Visit, page
from workshop.event.store.door import OwnSeat, Saved, Sent, Whole
from workshop.model.event.extensions import extended
from workshop.model.event.own_seat import LastSave, OwnSeatNow, own_seat
from workshop.model.event.people import Invitation, Role
from workshop.model.event.receipts import Result
from workshop.model.event.requests import (
    HAND_TEXT,
    Ask,
    Asked,
    Asker,
    Situation,
    extended_until,
    extension_usd,
    refusal,
)
from workshop.model.event.seats import Seat, own_spans
from workshop.model.settings.section import given

SILENT_AFTER: Final = timedelta(minutes=2)
"""A keeper that has not been heard of for so long is away, and who asks is told so."""

_REFRESH_SECONDS: Final = 15
_REFRESH_SOON_SECONDS: Final = 5


@dataclass(frozen=True, kw_only=True)
class _Own:
    """A participant's seat, and how things are with it."""

    person: Invitation
    kept: OwnSeat
    receipts: tuple[Saved, ...]
    situation: Situation
    whole: Whole | None

    def may(self, ask: Ask, **data: object) -> str:
        """Why it may not be asked for; empty where it may."""
        asked = Asked(
            id=0, at=self.situation.now, person=self.person.person, action=ask, seat=self.person.seat, data=data
        )
        return refusal(
            asked, Asker(person=self.person.person, role=self.person.role, seat=self.person.seat), self.situation
        )


def _own(visit: Visit) -> _Own:
    """Raises HTTPException for somebody without a seat."""
    door, person = visit.door, visit.person
    kept = None if person is None or person.seat is None else door.store.seat(person.seat)
    if person is None or kept is None:
        raise HTTPException(404)
    whole, receipts = door.store.whole(), door.store.receipts(kept.seat)
    situation = situation_of(visit, kept, whole, receipts)
    return _Own(person=person, kept=kept, receipts=receipts, situation=situation, whole=whole)


def situation_of(visit: Visit, kept: OwnSeat, whole: Whole | None, receipts: tuple[Saved, ...]) -> Situation:
    """How things are with a seat, by which it is judged what may be asked for."""
    door = visit.door
    return Situation(
        event=door.event,
        plan=door.plan,
        now=visit.now,
        is_over=whole is not None and whole.ended_at is not None,
        seat=_seat(door, kept, whole),
        state=kept.state,
        has_work=any(one.key for one in receipts),
    )


def _seat(door: Door, kept: OwnSeat, whole: Whole | None) -> Seat:
    window = given(door.request.settings.window)
    spans = own_spans(door.event, door.plan, window, None if whole is None else whole.provisioned_at)
    return Seat(
        number=kept.seat,
        owner=kept.account if kept.is_found else None,
        spans=extended(spans, kept.seat, door.store.extensions()),
        region="",
        is_wanted=kept.is_wanted,
        finished_at=kept.finished_at,
        failures=kept.failures,
        workspace_id=kept.workspace_id,
        ready_build=kept.ready_build,
    )


def _me(visit: Visit) -> Response:
    if visit.session is None:
        return visit.render("outside.html", 403)
    if visit.person is None:
        return _waiting(visit)
    if visit.person.role is not Role.PARTICIPANT:
        return visit.go(STAFF_HOME)
    own, store = _own(visit), visit.door.store
    now, sent = _standing(visit, own), _latest(store.sent(visit.person.person, visit.now - SENT_SHOWN))
    is_soon = now.is_changing or any(one.answered_at is None for one in sent)
    minutes = int(visit.door.event.door.extension / timedelta(minutes=1))
    seat = given(own.situation.seat)
    return visit.render(
        "me.html",
        own=own,
        standing=now,
        left=None if now.ends_at is None else max(now.ends_at - visit.now, timedelta(0)),
        sent=sent,
        asks={ask: own.may(ask) for ask in (Ask.SAVE, Ask.START, Ask.FINISH, Ask.DOWNLOAD, Ask.CONSENT)},
        hand=store.hand(seat.number),
        consent=store.consent(seat.number, visit.now),
        looked_in=store.looked_in(seat.number),
        extension=None
        if own.may(Ask.EXTEND, minutes=minutes)
        else (minutes, extended_until(seat, minutes, visit.now), extension_usd(visit.door.plan, minutes)),
        shape=visit.door.request.settings.workspaces.largest,
        silent=_silent(visit, own.whole),
        last_saved=next((one.at for one in own.receipts if one.result in (Result.SAVED, Result.EMPTY)), None),
        refresh=_REFRESH_SOON_SECONDS if is_soon else _REFRESH_SECONDS,
    )


def _standing(visit: Visit, own: _Own) -> OwnSeatNow:
    last = own.receipts[0] if own.receipts else None
    saved = None if last is None else LastSave(at=last.at, result=Result(last.result), reason=last.reason)
    before = visit.door.store.before(own.kept.seat) if own.kept.state == "planned" else 0
    return own_seat(own.situation, own.kept.ends_at, before, saved)


def _silent(visit: Visit, whole: Whole | None) -> str:
    """Since when the keeper has not been heard of; empty while it is there."""
    beat = None if whole is None else whole.heartbeat_at
    if beat is None:
        return "has not run yet"
    return f"was last heard of at {beat:%H:%M} UTC" if visit.now - beat > SILENT_AFTER else ""


def _latest(sent: tuple[Sent, ...]) -> list[Sent]:
    """The newest of each kind."""
    newest: dict[str, Sent] = {}
    for one in sent:
        newest.setdefault(one.action, one)
    return [one for one in newest.values() if one.action not in (Ask.ACCEPT, Ask.ADMIT)]


def _waiting(visit: Visit) -> Response:
    """Somebody who came by the room's code and has no seat yet."""
    queue = [one[0] for one in visit.door.sessions.queue()]
    identity = None if visit.session is None else visit.session.waiting
    if identity not in queue:
        raise HTTPException(404)
    return visit.render("waits.html", place=queue.index(identity) + 1, refresh=_REFRESH_SECONDS)


def _ask(visit: Visit) -> Response:
    """Puts it into the store as it is: whether it may be done, the keeper judges, as things are then."""
    action, data = visit.request.path_params["action"], dict[str, object]()
    if visit.person is None or visit.person.seat is None or action not in _ASKED_HERE:
        raise HTTPException(404)
    if action == Ask.RAISE_HAND:
        data["text"] = visit.form.get("text", "").strip()[:HAND_TEXT]
    if action == Ask.EXTEND:
        data["minutes"] = int(visit.door.event.door.extension / timedelta(minutes=1))
    visit.door.store.ask(visit.person.person, action, visit.now, seat=visit.person.seat, data=data)
    return visit.go("/me")


_ASKED_HERE: Final = frozenset(
    {
        Ask.SAVE,
        Ask.START,
        Ask.EXTEND,
        Ask.FINISH,
        Ask.DOWNLOAD,
        Ask.RAISE_HAND,
        Ask.LOWER_HAND,
        Ask.CONSENT,
        Ask.WITHDRAW_CONSENT,
    }
)


def _confirm(template: str) -> Handler:
    """A page with one form, for what takes a word or a second thought."""

    def show(visit: Visit) -> Response:
        own = _own(visit)
        return visit.render(template, own=own, standing=_standing(visit, own), most=HAND_TEXT)

    return show


_PARTICIPANT: Final = frozenset({Role.PARTICIPANT})

ROUTES: Final = [
    page("/me", _me),
    page("/me/hand", _confirm("hand.html"), roles=_PARTICIPANT),
    page("/me/finish", _confirm("finish.html"), roles=_PARTICIPANT),
    page("/me/{action}", _ask, post=True, roles=_PARTICIPANT),
]
