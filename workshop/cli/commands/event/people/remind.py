"""`workshop event remind`: a reminder by mail to who has not accepted, or has not tried their workspace."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Final

import typer

from workshop.cli.commands.event.changes import Asking, asking
from workshop.cli.options import SANDBOX, StackName, Users, Yes
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.event.mail.addressees import addressees
from workshop.model.counting import counted
from workshop.model.event.mail.due import Times, next_mail, times_of
from workshop.model.event.mail.outbox import REMINDER_ACCEPT, REMINDER_TEST
from workshop.model.event.mail.reminders import to_remind

WHO: Final = {REMINDER_TEST: "accepted and did not try", REMINDER_ACCEPT: "did not accept"}

Accepted = Annotated[
    bool | None,
    typer.Option("--accepted/--not-accepted", help="Only who accepted and did not try, or only who did not accept."),
]


def remind(users: Users = None, stack: StackName = SANDBOX, accepted: Accepted = None, yes: Yes = False) -> None:
    """Puts reminders into the outbox; the keeper mails them. Nobody is reminded of the same twice in half a day.

    Who accepted is reminded to try their workspace while early access lasts.

    \b
    Examples:
      workshop event remind
      workshop event remind --not-accepted --yes
    """
    with asking(users, stack) as asked:
        if asked.event.mail is None:
            raise CannotRun("The event sends no mail: set workshop:event.mail (docs/invitations.md)")
        kinds = {None: (REMINDER_TEST, REMINDER_ACCEPT), True: (REMINDER_TEST,), False: (REMINDER_ACCEPT,)}[accepted]
        if not offer_reminders(asked, kinds, yes=yes):
            print_message(asked.screen.results, "Nobody is to be reminded now.")


def offer_reminders(asked: Asking, kinds: Collection[str], *, yes: bool) -> bool:
    """Asks for each kind whether it is sent, of the sandbox too; answers whether there was anybody to ask about."""
    times, outbox = event_times(asked), asked.store.outbox.all()
    everybody = [one.addressee for one in addressees(asked.store).values()]
    found = to_remind(everybody, outbox, times, asked.now)
    for kind in kinds:
        people = found[kind]
        question = f"Send a reminder to {len(people)} who {WHO[kind]}?"
        if people and (yes or asked.is_asked(question)):
            asked.store.outbox.add(
                [
                    next_mail(kind, person, times, [one for one in outbox if one.person == person], asked.now)
                    for person in people
                ]
            )
            asked.say_done(f"{counted(len(people), 'reminder')} in the outbox: {len(people)} who {WHO[kind]}.")
    return any(found[kind] for kind in kinds)


def event_times(asked: Asking) -> Times:
    """By the settings and by what was asked for since."""
    record = asked.records.event()
    return times_of(asked.stack.settings, record.provisioned_at, record.ended_at)
