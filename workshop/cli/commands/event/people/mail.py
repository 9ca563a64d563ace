"""`workshop event mail`: what became of each mail; and how mails look, in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.commands.event.changes import asking
from workshop.cli.commands.event.people.remind import event_times
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.event.mail import outbox_json, print_outbox
from workshop.event.failure import EventFailure
from workshop.event.mail.preview import previews
from workshop.model.counting import counted
from workshop.observe.project import in_project
from workshop.sandbox.files import write_private

Preview = Annotated[
    Path | None, typer.Option("--preview", metavar="DIR", help="Write every kind of mail there, to a made-up person.")
]


def mail(users: Users = None, stack: StackName = SANDBOX, preview: Preview = None, as_json: AsJson = False) -> None:
    """Shows what became of the event's mails, by kind; first those of which nobody knows, and those that were refused.

    --preview sends nothing: it writes every mail as text, HTML and message, in the event's own words where it has some.

    \b
    Examples:
      workshop event mail
      workshop event mail --preview mails
    """
    with asking(users, stack, as_json=as_json) as asked:
        mailing = asked.event.mail
        if mailing is None:
            raise CannotRun("The event sends no mail: set workshop:event.mail (docs/invitations.md)")
        if preview is None:
            outbox = asked.store.outbox.all()
            if as_json:
                asked.screen.results.print(outbox_json(outbox), soft_wrap=True)
            else:
                print_outbox(outbox, asked.screen.results)
            return
        own = None if mailing.templates is None else in_project(mailing.templates)
        try:
            files = previews(asked.stack.settings, event_times(asked), own)
        except EventFailure as failure:
            raise CannotRun(str(failure)) from None
        for name, text in files.items():
            write_private(preview / name, text)
        asked.screen.text.print(f"{counted(len(files), 'file')} in {preview}; nothing was sent.", soft_wrap=True)
