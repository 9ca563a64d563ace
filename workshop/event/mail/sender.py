"""Sends what is due: a step beside the keeper's looks, which may be killed anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event

from workshop.event.failure import EventFailure
from workshop.event.mail.addressees import Written, addressees
from workshop.event.mail.delivery import Delivery, ServerAway, Transport
from workshop.event.mail.message import message_of
from workshop.event.mail.texts import Text, Texts
from workshop.event.store.cached import Store
from workshop.model.event.keeper import kept_until
from workshop.model.event.mail.due import Times, due_mails, times_of
from workshop.model.event.mail.facts import Recipient, facts_of
from workshop.model.event.mail.outbox import THANKS, WORK, Mail, State, template_of
from workshop.model.event.mail.sending import to_send
from workshop.model.event.people import link_of
from workshop.model.event.receipts import Receipt
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

_LOST = "whoever sent it was killed, or lost the connection: it may have been sent"
_LATE = "it could not be sent while it would have been of use"


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """What is the same for all mails of one batch. receipts: of all seats, where some mail is about saved work."""

    people: Mapping[str, Written]
    times: Times
    receipts: Collection[Receipt]
    transport: Transport


class Sender:
    """One event's mails. origin: of the people's page. connect: to a server, for as many mails as are due at once."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        texts: Texts,
        connect: Callable[[], Transport],
        *,
        origin: str,
        clock: Callable[[], datetime],
    ) -> None:
        """Raises ValueError where the settings have no event, or it has no mail."""
        self._settings = settings
        self._store = store
        self._texts = texts
        self._connect = connect
        self._origin = origin
        self._clock = clock
        self._per_minute = given(given(settings.event).mail).per_minute
        self._stopped = Event()

    def stop(self) -> None:
        """Sends nothing more, but for the mail that is on its way."""
        self._stopped.set()

    def send_due(self) -> Mapping[State, int]:
        """Adds what is due to the outbox, and sends from it; answers how many mails ended how.

        Raises ServerAway once nothing more can be sent now, and sqlalchemy.exc.SQLAlchemyError.
        """
        now, outbox, people, times = self._clock(), self._store.outbox, addressees(self._store), self._times()
        everybody = [one.addressee for one in people.values()]
        outbox.add(due_mails(times, everybody, outbox.all(), self._store.records.notices(), now))
        revoked = [person for person, one in people.items() if one.addressee.invitation.revoked_at is not None]
        sending = to_send(outbox.all(), times, revoked=revoked, per_minute=self._per_minute, now=now)
        ended: Counter[State] = Counter()
        for mails, end in ((sending.lost, Delivery(state=State.UNKNOWN, problem=_LOST)),
                           (sending.missed, Delivery(state=State.MISSED, problem=_LATE))):  # fmt: skip
            for mail in mails:
                outbox.finish(mail, end.state, end.problem)
                ended[end.state] += 1
        if sending.now:
            is_of_work = any(mail.kind in (WORK, THANKS) for mail in sending.now)
            receipts = self._store.records.receipts() if is_of_work else ()
            with closing(self._connect()) as transport:
                batch = _Batch(people=people, times=times, receipts=receipts, transport=transport)
                for mail in sending.now:
                    if not self._stopped.is_set() and outbox.claim(mail, self._clock()):
                        ended[self._send(mail, batch)] += 1
        return ended

    def _send(self, mail: Mail, batch: _Batch) -> State:
        """Sends one that was claimed, and keeps how it ended; who is killed in here leaves it as it was claimed.

        Raises ServerAway.
        """
        try:
            end = self._hand_over(mail, batch)
        except (ServerAway, EventFailure) as failure:
            self._store.outbox.finish(mail, State.WAITING, str(failure))
            if isinstance(failure, ServerAway):
                raise
            return State.WAITING
        self._store.outbox.finish(mail, end.state, end.problem)
        return end.state

    def _hand_over(self, mail: Mail, batch: _Batch) -> Delivery:
        """With a fresh link, which is in this mail and nowhere else."""
        person = batch.people.get(mail.person)
        if person is None or person.email is None:
            return Delivery(state=State.REFUSED, problem="there is no address any more")
        now, invitation = self._clock(), person.addressee.invitation
        token = self._store.invitations.new_link(mail.person, now, kept_until(self._settings))
        receipts = [one for one in batch.receipts if one.seat == invitation.seat]
        to = Recipient(
            invitation=invitation, email=person.email, name=person.name, account=person.account, receipts=receipts
        )
        facts = facts_of(self._settings, batch.times, mail, to, link_of(token, self._origin), now)
        text, problem = self._written(template_of(mail.kind), facts)
        end = batch.transport.send(message_of(self._settings, mail, to, text, now), to.email)
        return replace(end, problem="; ".join(filter(None, (end.problem, problem))))

    def _written(self, kind: str, facts: Mapping[str, object]) -> tuple[Text, str]:
        """In our words where the organizer's fail, and why they do: a mail that does not come is worse."""
        try:
            return self._texts.write(kind, facts), ""
        except EventFailure as failure:
            return Texts().write(kind, facts), f"sent in our words: {failure}"

    def _times(self) -> Times:
        record = self._store.records.event()
        return times_of(self._settings, record.provisioned_at, record.ended_at)
