"""`workshop event invite`: who may come, each by a link of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from workshop.cli.commands.event.changes import Asking, asking
from workshop.cli.commands.event.organization import organization_warnings
from workshop.cli.commands.event.people.links import links_for, written_links
from workshop.cli.commands.event.people.remind import event_times
from workshop.cli.options import SANDBOX, AsJson, StackName, Users, Yes
from workshop.cli.problem import CannotRun
from workshop.cli.render.event.invitations import Invited, invited_json, print_invited
from workshop.cli.render.message import print_message
from workshop.event.store.records import SeatRecord
from workshop.model.counting import counted
from workshop.model.event.inviting import Guest, NoPlace, guests, new_staff
from workshop.model.event.mail.due import next_mail
from workshop.model.event.mail.outbox import INVITATION, Mail
from workshop.model.event.people import Invitation, Role, person_of_seat
from workshop.model.event.roster.person import Person, problems_of
from workshop.model.event.roster.problems import RosterError
from workshop.model.event.roster.read import Roster, read_roster
from workshop.model.findings import Refused
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.judgement import judge_settings

File = Annotated[Path | None, typer.Argument(metavar="ROSTER.csv", help="Who is invited: name, email and more.")]
Links = Annotated[Path | None, typer.Option("--links", metavar="FILE", help="Where links go that are not mailed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show it, and invite nobody.")]
Staff = Annotated[Role | None, typer.Option("--staff", help="Invite one who leads or helps, instead of a roster.")]
Email = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="Of --staff.")]
Name = Annotated[str, typer.Option("--name", help="Of --staff.")]
Again = Annotated[str | None, typer.Option("--resend", metavar="SEAT", help="Invite again: 7, or staff-1.")]
Revoked = Annotated[str | None, typer.Option("--revoke", metavar="SEAT", help="Take back: 7, or staff-1.")]


def invite(
    roster: File = None,
    users: Users = None,
    stack: StackName = SANDBOX,
    links: Links = None,
    staff: Staff = None,
    email: Email = None,
    name: Name = "",
    resend: Again = None,
    revoke: Revoked = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Invites everybody of a roster, or one person more; shows first on which conditions, and what it costs.

    It is all or nothing. Who was invited already stays as they are. Invitations are mailed by the keeper; links of who
    has no address, or of all where no mail is set up, go to --links. Nobody's seat is started before they accept.

    \b
    Examples:
      workshop event invite roster.csv --dry-run
      workshop event invite participants.csv --links links.csv
      workshop event invite --staff helper --email eve@example.com --name Eve
      workshop event invite --resend 7
      workshop event invite --revoke 7
    """
    with asking(users, stack, as_json=as_json) as asked:
        if sum(one is not None for one in (roster, staff, resend, revoke)) != 1:
            raise CannotRun("Say whom: ROSTER.csv, --staff ROLE, --resend SEAT or --revoke SEAT.")
        asked.check_goes_on()
        if roster is not None:
            _invite_roster(asked, roster, links, dry_run=dry_run, yes=yes)
        elif staff is not None:
            _invite_staff(asked, staff, email, name, links)
        elif resend is not None:
            _invite_again(asked, _known(asked, resend), links)
        else:
            _revoke(asked, _known(asked, revoke or ""), yes=yes)


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How invitations reach people: by mail, or by links that are handed out, with person and name of each."""

    mails: tuple[Mail, ...]
    by_hand: tuple[tuple[str, str], ...]


def _invite_roster(asked: Asking, file: Path, links: Path | None, *, dry_run: bool, yes: bool) -> None:
    settings, screen = asked.stack.settings, asked.screen
    findings = judge_settings(settings, plan_of_event(settings, asked.stack.zones))
    if findings:  # what `up` would refuse is no event to invite people to
        raise Refused(findings)
    found, invited = _guests(asked, file)
    shown = Invited(
        guests=found,
        settings=settings,
        event=asked.event,
        plan=asked.plan,
        times=event_times(asked),
        warnings=organization_warnings(asked, found),
    )
    if found and not screen.as_json:
        print_invited(shown, screen.results)
    if not found:
        print_message(screen.text, f"Everybody in {file} was invited before: --resend SEAT invites again.")
    elif not dry_run:
        _carry_out(asked, found, invited, links, yes=yes)
    if screen.as_json:
        screen.results.print(invited_json(shown), soft_wrap=True)


def _carry_out(asked: Asking, found: Sequence[Guest], invited: int, links: Path | None, *, yes: bool) -> None:
    """Asks, and invites them. invited: how many of the roster were before."""
    way = _way(asked, [(one.invitation.person, one.person.name, one.person.email) for one in found])
    if way.by_hand and links is None:
        who = counted(len(way.by_hand), "person", "people")
        why = "have no address" if asked.event.mail is not None else "get no mail, as workshop:event.mail is not set"
        raise CannotRun(f"{who} {why}, so their links are handed out: add --links FILE, which gets them")
    before = f", {counted(invited, 'other')} before" if invited else ""
    if not asked.is_confirmed(f"Invite {counted(len(found), 'person', 'people')}{before}?", yes=yes):
        return
    urls, kept = links_for(asked, [person for person, _ in way.by_hand])
    with written_links(links, [(person, name, urls[person]) for person, name in way.by_hand]):
        asked.store.invitations.invite(
            [one.invitation for one in found],
            seats=[_seat(one) for one in found if one.is_new],
            mails=way.mails,
            links=kept,
        )
    asked.say_done(f"Invited: {counted(len(found), 'person', 'people')}{_ways(way, links)}.")


def _guests(asked: Asking, file: Path) -> tuple[tuple[Guest, ...], int]:
    """Who is invited now, and how many of the roster were before. Raises CannotRun."""
    places = asked.plan.seats
    try:
        roster = read_roster(file.read_bytes(), places)
        found = guests(
            roster.people,
            asked.records.seats(),
            asked.store.invitations.all(),
            places=places,
            domains=asked.event.internal_domains,
            now=asked.now,
        )
    except (RosterError, NoPlace) as error:
        raise CannotRun(f"{file} can't be used: {error}") from None
    _say_ignored(asked, roster)
    return found, len(roster.people) - len(found)


def _say_ignored(asked: Asking, roster: Roster) -> None:
    if roster.ignored:
        names = ", ".join(roster.ignored)
        print_message(asked.screen.text, f"Not read, as no columns of a roster: {names}.")


def _seat(guest: Guest) -> SeatRecord:
    person = guest.person
    is_wanted = guest.invitation.accepted_at is not None
    return SeatRecord(
        seat=guest.seat, email=person.email, name=person.name, account=person.account, is_wanted=is_wanted
    )


def _invite_staff(asked: Asking, role: Role, email: str | None, name: str, links: Path | None) -> None:
    if role is Role.PARTICIPANT:
        raise CannotRun("--staff is instructor or helper: participants are invited by a roster.")
    if email is None:
        raise CannotRun("--staff needs --email ADDRESS.")
    try:
        person = Person.model_validate({"email": email, "name": name})
    except ValidationError as error:
        raise CannotRun(f"--staff can't be used: {'; '.join(problems_of(error))}") from None
    known = asked.store.invitations.all()
    address = person.email or ""
    same = next((one for one in known if (one.email or "").casefold() == address.casefold()), None)
    if same is not None:
        raise CannotRun(f"{same.person} has this address already: workshop event invite --resend {same.person}")
    made = new_staff(known, role, address, person.name, asked.now)
    way = _way(asked, [(made.person, person.name, address)])
    urls, kept = links_for(asked, [person for person, _ in way.by_hand])
    with written_links(links, [(person, name, urls[person]) for person, name in way.by_hand]):
        asked.store.invitations.invite([made], mails=way.mails, links=kept)
    _say_one(asked, made, way, urls, links)


def _invite_again(asked: Asking, known: Invitation, links: Path | None) -> None:
    seat = next((one for one in asked.records.seats() if one.seat == known.seat), None)
    name, email = (known.name, known.email) if seat is None else (seat.name, seat.email)
    way = _way(asked, [(known.person, name or "", email)])
    urls, kept = links_for(asked, [person for person, _ in way.by_hand])
    with written_links(links, [(person, name, urls[person]) for person, name in way.by_hand]):
        asked.store.invitations.invite_again(known.person, mails=way.mails, links=kept)
    _say_one(asked, known, way, urls, links)


def _revoke(asked: Asking, known: Invitation, *, yes: bool) -> None:
    if known.revoked_at is not None:
        raise CannotRun(f"The invitation of {known.person} was taken back before.")
    if asked.is_confirmed(f"Take back the invitation of {known.person}? None of its links will work.", yes=yes):
        asked.store.invitations.revoke(known.person, asked.now)
        end = (
            "" if known.seat is None else f" A workspace that runs is ended by workshop event end --seat {known.seat}."
        )
        asked.say_done(f"{known.person} is not invited any more.{end}")


def _known(asked: Asking, given: str) -> Invitation:
    person = person_of_seat(int(given)) if re.fullmatch("[0-9]{1,4}", given) else given
    found = asked.store.invitations.of(person)
    if found is None:
        raise CannotRun(f"Nobody was invited as {person}: see workshop event participants")
    return found


def _way(asked: Asking, people: Sequence[tuple[str, str, str | None]]) -> _Way:
    """people: person, name and address of each."""
    times, outbox = event_times(asked), asked.store.outbox.all()
    mailed = {person for person, _, email in people if email is not None and asked.event.mail is not None}
    return _Way(
        mails=tuple(
            next_mail(INVITATION, person, times, [one for one in outbox if one.person == person], asked.now)
            for person, _, _ in people
            if person in mailed
        ),
        by_hand=tuple((person, name) for person, name, _ in people if person not in mailed),
    )


def _ways(way: _Way, links: Path | None) -> str:
    mailed = f", {counted(len(way.mails), 'mail')} in the outbox" if way.mails else ""
    return mailed + (f", {counted(len(way.by_hand), 'link')} in {links}" if way.by_hand and links else "")


def _say_one(asked: Asking, made: Invitation, way: _Way, urls: Mapping[str, str], links: Path | None) -> None:
    """A link that is in no file is said once, and never again."""
    if way.by_hand and links is None:
        print_message(asked.screen.results, f"The link of {made.person}, which is shown this once:")
        asked.screen.results.print(urls[made.person], soft_wrap=True)
    asked.say_done(f"Invited: {made.person}, {made.role}{_ways(way, links)}.")
