"""`workshop event`: the people's part of a workshop."""

from __future__ import annotations

from typing import ClassVar

import typer

from workshop.cli.lazy import Commands, LazyGroup


class _Event(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "new": ("workshop.cli.commands.event.new:new", "Write the next event into the settings."),
        "plan": ("workshop.cli.commands.event.plan:plan", "Show what the event costs, and when."),
        "invite": ("workshop.cli.commands.event.people.invite:invite", "Invite people, each by a link of their own."),
        "participants": (
            "workshop.cli.commands.event.people.participants:participants",
            "Show who comes, and how they fare.",
        ),
        "bind": ("workshop.cli.commands.event.people.bind:bind", "Give a seat an account in Coder."),
        "remind": ("workshop.cli.commands.event.people.remind:remind", "Remind who did not accept, or did not try."),
        "mail": ("workshop.cli.commands.event.people.mail:mail", "Show what became of each mail."),
        "early-access": (
            "workshop.cli.commands.event.people.early_access:early_access",
            "Show what trying it beforehand costs, and how to set it.",
        ),
        "status": ("workshop.cli.commands.event.status:status", "Show how it stands: seats, money, saved work."),
        "dashboard": ("workshop.cli.commands.event.dashboard:dashboard", "Show it live: who needs help, queue, money."),
        "help": ("workshop.cli.commands.event.help:help_seat", "Help one participant: what is wrong, logs, restart."),
        "money": ("workshop.cli.commands.event.money:money", "Show what it has cost, is due, and will cost."),
        "provision": ("workshop.cli.commands.event.provision:provision", "Start the seats before their time."),
        "extend": ("workshop.cli.commands.event.extend:extend", "Give one seat or all more time."),
        "save": ("workshop.cli.commands.event.work.save:save", "Save work now."),
        "restore": ("workshop.cli.commands.event.work.restore:restore", "Put saved work into a running seat."),
        "start": ("workshop.cli.commands.event.start:start", "Start a seat that was given up or not accepted."),
        "end": ("workshop.cli.commands.event.end:end", "Save and stop one seat or all, now."),
        "report": ("workshop.cli.commands.event.reports.report:report", "Show what the event was, and what to change."),
        "months": (
            "workshop.cli.commands.event.reports.months:months",
            "Compare events, and say how many people to try next.",
        ),
        "retrospective": (
            "workshop.cli.commands.event.reports.retrospective:retrospective",
            "Write a retrospective, with all that is known filled in.",
        ),
        "actions": ("workshop.cli.commands.event.reports.actions:app", "What events left to do."),
        "pages": ("workshop.cli.commands.event.reports.pages:pages", "Write guides, agenda, announcement and runbook."),
        "registrations": (
            "workshop.cli.commands.event.people.registrations:registrations",
            "Make a roster of who registered.",
        ),
        "feedback": (
            "workshop.cli.commands.event.reports.feedback:feedback",
            "Sum up what people answered to the survey.",
        ),
        "export-all": ("workshop.cli.commands.event.work.export_all:export", "Write all saved work to zip files."),
        "erase": ("workshop.cli.commands.event.work.erase:erase", "Erase people and saved work."),
        "room": ("workshop.cli.commands.event.room:room", "Open the room to people who have no link."),
        "door": ("workshop.cli.commands.event.door:door", "Serve people's page here, or print its database role."),
        "keep": ("workshop.cli.commands.event.keep:keep", "Run the keeper here."),
    }


app = typer.Typer(cls=_Event, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def event() -> None:
    """Seats, time and money of the people's part of a workshop."""
