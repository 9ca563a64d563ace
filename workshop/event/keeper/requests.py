"""Does what people asked for, where they may, and tells them what came of it: once, whoever was killed in between."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderError
from workshop.event.failure import EventFailure
from workshop.event.keeper.accounts import Accounts
from workshop.event.keeper.in_pods import Links, Tells
from workshop.event.keeper.inspection import logs
from workshop.event.store.cached import Store
from workshop.event.store.records import SeatRecord
from workshop.model.event.extensions import Extension
from workshop.model.event.people import Invitation, Role, person_of_seat
from workshop.model.event.receipts import Receipt
from workshop.model.event.requests import (
    CONSENT_TIME,
    ENGINEER,
    HAND_TEXT,
    Ask,
    Asked,
    Asker,
    Situation,
    extended_until,
    free_seat,
    message_of,
    minutes_of,
    refusal,
    subject_of,
)
from workshop.model.event.seats import Seat, workspace_name
from workshop.model.event.world import EventState, Region
from workshop.model.legible import one_line
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

_SLOW: Final = (Ask.MESSAGE, Ask.LOGS)
_SLOW_AT_ONCE: Final = 4


class Desk:
    """One event's requests."""

    def __init__(self, settings: Settings, store: Store, coder: Coder, links: Links, tells: Tells) -> None:
        self._event, self._plan = given(settings.event), given(plan_event(settings))
        self._store = store
        self._coder = coder
        self._accounts = Accounts(self._event, coder, store.records)
        self._links = links
        self._tells = tells
        self._pool = ThreadPoolExecutor(_SLOW_AT_ONCE)
        self._running: dict[int, Future[Mapping[str, Any]]] = {}

    def close(self) -> None:
        """Waits for what runs."""
        self._pool.shutdown(cancel_futures=True)

    def answer_all(
        self,
        kept: EventState,
        generation: int,
        now: datetime,
        regions: Mapping[str, Region | None] | None = None,
        *,
        wait: bool = True,
    ) -> bool:
        """Answers all that wait; whether there were any. While the store is away they go on waiting.

        regions: as they were seen, for what is done in pods. wait: for what takes long, too; else it goes on beside the
        next looks, and is answered then.
        """
        try:
            waiting = self._store.requests.unanswered()
            for asked in waiting:
                self._answer(asked, kept, generation, now, regions or {}, wait=wait)
        except SQLAlchemyError:
            return False
        return bool(waiting)

    def _answer(
        self,
        asked: Asked,
        kept: EventState,
        generation: int,
        now: datetime,
        regions: Mapping[str, Region | None],
        *,
        wait: bool,
    ) -> None:
        answer: Mapping[str, Any] = {}
        asker, record = self._asker(asked), self._record(asked)
        situation = self._situation(asked, record, kept, now)
        problem = "" if asked.id in self._running else refusal(asked, asker, situation)
        try:
            if not problem and asked.action in _SLOW:
                if asked.id not in self._running:
                    self._running[asked.id] = self._begin(asked, situation, record, regions)
                running = self._running[asked.id]
                if not (wait or running.done()):
                    return
                del self._running[asked.id]
                answer = running.result()
            elif not problem and asker is not None:
                answer = self._do(asked, asker, situation, record)
        except (EventFailure, CoderError) as failure:
            problem = str(failure)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - one request's defect must not keep the others from being done
            problem = f"failed unexpectedly: {type(error).__name__}"
        self._store.records.add_entry(
            {
                "generation": generation,
                "at": now,
                "action": f"ask-{asked.action}"[:32],
                "subject": subject_of(asked),
                "phase": "failed" if problem else "done",
                "text": f"asked by {asked.person}" + (f": {problem}" if problem else ""),
            }
        )
        self._store.requests.answer(asked.id, now, answer, problem)

    def _asker(self, asked: Asked) -> Asker | None:
        if asked.person == ENGINEER:
            return Asker(person=ENGINEER, role=Role.INSTRUCTOR)
        found = self._store.invitations.of(asked.person)
        if found is None or found.revoked_at is not None:
            return None
        return Asker(person=found.person, role=found.role, seat=found.seat)

    def _record(self, asked: Asked) -> SeatRecord | None:
        return next((one for one in self._store.records.seats() if one.seat == asked.seat), None)

    def _situation(self, asked: Asked, record: SeatRecord | None, kept: EventState, now: datetime) -> Situation:
        return Situation(
            event=self._event,
            plan=self._plan,
            now=now,
            is_over=kept.ending is not None,
            seat=next((one for one in kept.seats if one.number == asked.seat), None),
            state="planned" if record is None else record.state,
            has_work=self._newest(asked.seat) is not None,
        )

    def _newest(self, seat: int | None) -> Receipt | None:
        """Of a seat's archives."""
        saved = (one for one in self._store.records.receipts() if one.seat == seat and one.key)
        return max(saved, key=lambda one: one.at, default=None)

    def _do(self, asked: Asked, asker: Asker, now: Situation, record: SeatRecord | None) -> Mapping[str, Any]:
        records, requests = self._store.records, self._store.requests
        if asked.action == Ask.ADMIT:
            return self._admit(str(asked.data["waiting"]), now.now)
        if record is None or now.seat is None:
            raise EventFailure("there is no such seat")
        match Ask(asked.action):
            case Ask.ACCEPT:
                self._store.invitations.accepted(asked.person, now.now)
            case Ask.SAVE:
                records.change_seat(record.seat, save_wanted_at=now.now)
            case Ask.FINISH:
                records.change_seat(record.seat, finished_at=now.now)
            case Ask.START:
                again = {"failures": 0, "problem": ""} if record.failures and asker.role is not Role.PARTICIPANT else {}
                records.change_seat(record.seat, is_wanted=True, start_wanted_at=now.now, **again)
            case Ask.EXTEND:
                return self._extend(asked, now.seat, now.now)
            case Ask.DOWNLOAD:
                return self._download(record.seat, now.now)
            case Ask.RAISE_HAND:
                requests.raise_hand(record.seat, asked.at, one_line(str(asked.data.get("text", ""))[:HAND_TEXT]))
            case Ask.LOWER_HAND:
                requests.lower_hand(record.seat, now.now, asker.person)
            case Ask.CONSENT:
                requests.consent(record.seat, asked.at, now.now + CONSENT_TIME)
            case Ask.WITHDRAW_CONSENT:
                requests.withdraw_consent(record.seat, now.now)
            case Ask.BIND:
                self._bind(record, str(asked.data["account"]))
            case Ask.RESTART | Ask.MOVE:
                self._restart(record, asked, now.now)
            case Ask.LOOK_IN:
                return self._look_in(record, now.now)
            case Ask.ADMIT | Ask.MESSAGE | Ask.LOGS:
                pass  # see above, and _begin
        return {}

    def _begin(
        self, asked: Asked, now: Situation, record: SeatRecord | None, regions: Mapping[str, Region | None]
    ) -> Future[Mapping[str, Any]]:
        """What takes long: it asks Coder at length, or a pod."""
        identity = "" if record is None else record.workspace_id or ""
        if asked.action == Ask.LOGS:
            return self._pool.submit(logs, self._coder, identity)
        pods = (region.pods.get(identity) for region in regions.values() if region is not None)
        pod, seat = next((pod for pod in pods if pod is not None), None), given(now.seat)
        return self._pool.submit(lambda: {"said": self._tells(seat, pod, message_of(asked))})

    def _restart(self, record: SeatRecord, asked: Asked, now: datetime) -> None:
        """One that was given up is tried again."""
        wish = "move_wanted_at" if asked.action == Ask.MOVE else "restart_wanted_at"
        self._store.records.change_seat(record.seat, **{wish: now}, is_wanted=True, failures=0, problem="")

    def _look_in(self, record: SeatRecord, now: datetime) -> Mapping[str, Any]:
        """By the helper's own session: the keeper has no terminal to give, its rights are to save and to restore."""
        until = self._store.requests.consents(now).get(record.seat)
        if until is None:
            raise EventFailure("its person has not agreed that anybody looks into it")
        if record.account is None or record.workspace_id is None:
            raise EventFailure("it has no workspace")
        command = f"coder ssh --disable-autostart {record.account}/{workspace_name(record.seat)}"
        return {"command": command, "until": until.isoformat()}

    def _extend(self, asked: Asked, seat: Seat, now: datetime) -> Mapping[str, Any]:
        """Whoever was killed before the answer finds that it was done."""
        records = self._store.records
        mine = [one for one in records.extensions() if (one.seat, one.made_at) == (seat.number, asked.at)]
        until = mine[0].ends_at if mine else extended_until(seat, minutes_of(asked) or 0, now)
        if not mine:
            records.extend(Extension(seat=seat.number, made_at=asked.at, ends_at=until))
        return {"until": until.isoformat()}

    def _download(self, seat: int, now: datetime) -> Mapping[str, Any]:
        receipt = self._newest(seat)
        if receipt is None:
            raise EventFailure("nothing is saved yet")
        url, good_for = self._links(receipt)
        return {"url": url, "until": (now + good_for).isoformat(), "saved_at": receipt.at.isoformat()}

    def _admit(self, identity: str, now: datetime) -> Mapping[str, Any]:
        """Who is in the roster has a seat already: they get in by the room's code where their mail did not come."""
        waiting = self._store.room.of(identity)
        if waiting is None:
            raise EventFailure("nobody waits there any more")
        if waiting.person is not None:
            return {"person": waiting.person}
        seats = self._store.records.seats()
        address = (waiting.email or "").casefold()
        own = next((one for one in seats if one.email and one.email.casefold() == address), None)
        number = own.seat if own else free_seat(frozenset(one.seat for one in seats), self._plan, self._event.reserve)
        if number is None:
            raise EventFailure(f"all {self._plan.seats + self._event.reserve} seats are taken")
        person = person_of_seat(number)
        known = self._store.invitations.of(person)
        if known is not None and known.revoked_at is not None:
            raise EventFailure(f"the invitation of {person} was withdrawn")
        self._store.room.admit(
            identity,
            None if own else SeatRecord(seat=number, email=waiting.email, name=waiting.name),
            None if known else Invitation(person=person, role=Role.PARTICIPANT, invited_at=now, seat=number),
            person,
            now,
        )
        self._store.invitations.accepted(person, now)
        return {"person": person}

    def _bind(self, record: SeatRecord, account: str) -> None:
        """What the account before it could is given back to it."""
        self._accounts.release(record)
        self._store.records.change_seat(
            record.seat, account=account, is_found=False, had_ban=None, failures=0, problem=""
        )
