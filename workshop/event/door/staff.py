"""What instructor and helpers see: how the event stands, who needs help, and what can be done for one seat.

The keeper does it at its next look, and judges whether it may be done, as it does for everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from workshop.event.door.seat import situation_of
from workshop.event.door.visit import SENT_SHOWN, STAFF, Visit, page
from workshop.event.store.door import OwnSeat, Sent
from workshop.model.counting import elapsed
from workshop.model.event.board import lines
from workshop.model.event.board.document import BoardSeat
from workshop.model.event.requests import HAND_TEXT, MAY, Ask, Asked, Asker, Situation, refusal

EXTEND_MINUTES: Final = 30
_REFRESH_SECONDS: Final = 15
_REFRESH_SOON_SECONDS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Action:
    """label: of its button. question: before it is done, of a seat by its name. field: what has to be typed."""

    label: str
    question: str
    field: str = ""


ACTIONS: Final[Mapping[Ask, Action]] = {
    Ask.MESSAGE: Action(label="Write to it", question="What is to be written into the terminals of {}?", field="text"),
    Ask.LOWER_HAND: Action(label="Lower the hand", question="Was the person of {} helped?"),
    Ask.LOGS: Action(label="Fetch its logs", question="Fetch what the build, the start and the apps of {} said?"),
    Ask.BIND: Action(
        label="Bind an account",
        question="Which account of Coder's has the person of {}, by its username?",
        field="account",
    ),
    Ask.LOOK_IN: Action(label="Look in", question="Look into {}? It is written down."),
    Ask.SAVE: Action(label="Save its work", question="Save the work of {} now?"),
    Ask.RESTART: Action(
        label="Restart", question="Save {}, stop it, start it, and put its work back? Its person is interrupted."
    ),
    Ask.MOVE: Action(
        label="Fresh workspace",
        question="Save {}, make its workspace anew, and put its work back? Its person is interrupted.",
    ),
    Ask.START: Action(label="Start", question="Start {}?"),
    Ask.EXTEND: Action(label="Extend", question="For how many minutes more shall {} run?", field="minutes"),
    Ask.DOWNLOAD: Action(label="Download its work", question="Download what is saved of {}? It is written down."),
    Ask.FINISH: Action(label="End", question="Save and stop {} for good? Only an extension starts it again."),
}


@dataclass(frozen=True, kw_only=True)
class _One:
    """A seat, and how things are with it. board: None before the keeper has seen it."""

    kept: OwnSeat
    board: BoardSeat | None
    situation: Situation
    asker: Asker

    def offered(self) -> Iterator[Ask]:
        """What may be asked for now, as far as it can be seen from here."""
        for ask in ACTIONS:
            given = {Ask.EXTEND: {"minutes": EXTEND_MINUTES}, Ask.MESSAGE: {"text": "x"}, Ask.BIND: {"account": "x"}}
            data = given.get(ask, {})
            asked = Asked(
                id=0, at=self.situation.now, person=self.asker.person, action=ask, seat=self.kept.seat, data=data
            )
            if not refusal(asked, self.asker, self.situation):
                yield ask


def _board(visit: Visit) -> Response:
    board = visit.door.store.board()
    if board is None:
        return visit.render("staff.html", board=None, refresh=_REFRESH_SECONDS)
    return visit.render(
        "staff.html",
        board=board,
        headline=lines.headline(board, visit.now),
        age=lines.age(board, visit.now),
        summary=lines.summary(board, visit.now),
        warnings=lines.warnings(board, visit.now),
        needing=[(seat, lines.waits(seat, visit.now), lines.why(seat)) for seat in board.needing_help],
        others=sorted((seat for seat in board.seats if not seat.needs), key=lambda seat: seat.seat),
        refresh=_REFRESH_SECONDS,
    )


def _one(visit: Visit) -> _One:
    """Raises HTTPException for a seat that there is not."""
    store, number, person = visit.door.store, int(visit.request.path_params["number"]), visit.person
    kept, board = store.seat(number), store.board()
    if kept is None or person is None:
        raise HTTPException(404)
    return _One(
        kept=kept,
        board=next((seat for seat in (board.seats if board else ()) if seat.seat == number), None),
        situation=situation_of(visit, kept, store.whole(), store.receipts(number)),
        asker=Asker(person=person.person, role=person.role),
    )


def _seat(visit: Visit) -> Response:
    one, store = _one(visit), visit.door.store
    sent = [each for each in store.sent(one.asker.person, visit.now - SENT_SHOWN) if each.seat == one.kept.seat]
    newest = {each.action: each for each in reversed(sent)}
    logs = newest.pop(Ask.LOGS, None)
    hand = store.hand(one.kept.seat)
    is_soon = any(each.answered_at is None for each in sent)
    seat = one.board
    return visit.render(
        "staff-seat.html",
        one=one,
        name=_name(one),
        details={} if seat is None else lines.details(seat, visit.now),
        needs=[]
        if seat is None
        else [(need.text, "" if need.since is None else elapsed(visit.now - need.since)) for need in seat.needs],
        consent=store.consent(one.kept.seat, visit.now),
        sent=[*newest.values(), *_unread(logs)],
        logs={} if logs is None else logs.answer or {},
        actions={ask: ACTIONS[ask] for ask in one.offered() if ask is not Ask.LOWER_HAND or hand is not None},
        refresh=_REFRESH_SOON_SECONDS if is_soon else _REFRESH_SECONDS,
    )


def _unread(logs: Sent | None) -> list[Sent]:
    """Logs that were asked for and are not there: once they are, they stand on the page."""
    return [logs] if logs is not None and (logs.answered_at is None or logs.problem) else []


def _name(one: _One) -> str:
    return one.situation.seat.name if one.situation.seat is not None else ""


def _action(visit: Visit, one: _One) -> Ask:
    """Raises HTTPException for what this role may not ask for."""
    action = visit.request.path_params["action"]
    if action not in ACTIONS or action not in MAY[one.asker.role]:
        raise HTTPException(404)
    return Ask(action)


def _confirm(visit: Visit) -> Response:
    one = _one(visit)
    ask = _action(visit, one)
    return visit.render(
        "staff-confirm.html",
        one=one,
        name=_name(one),
        ask=ask,
        action=ACTIONS[ask],
        most=HAND_TEXT,
        minutes=EXTEND_MINUTES,
    )


def _ask(visit: Visit) -> Response:
    one = _one(visit)
    ask, data = _action(visit, one), dict[str, object]()
    if ask is Ask.MESSAGE:
        data["text"] = visit.form.get("text", "").strip()[:HAND_TEXT]
    if ask is Ask.BIND:
        data["account"] = visit.form.get("account", "").strip()
    if ask is Ask.EXTEND:
        minutes = visit.form.get("minutes", "")
        data["minutes"] = int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 6 else 0
    visit.door.store.ask(one.asker.person, ask, visit.now, seat=one.kept.seat, data=data)
    return visit.go(f"/staff/seat/{one.kept.seat}")


ROUTES: Final = [
    page("/staff", _board, roles=STAFF),
    page("/staff/seat/{number:int}", _seat, roles=STAFF),
    page("/staff/seat/{number:int}/{action}", _confirm, roles=STAFF),
    page("/staff/seat/{number:int}/{action}", _ask, post=True, roles=STAFF),
]
