"""Whether those who are invited are in the organization on GitHub whose members Coder lets in."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from workshop.cli.commands.event.changes import Asking
from workshop.event.systems.github import Membership, memberships
from workshop.model.counting import counted
from workshop.model.event.inviting import Guest

TOKEN: Final = "WORKSHOP_GITHUB_TOKEN"  # noqa: S105 - the name of a variable
_NAMED: Final = 10


def organization_warnings(asked: Asking, guests: Collection[Guest]) -> tuple[str, ...]:
    """What is to be known of it, as far as it is known; nothing where the settings name no organization."""
    organization, token = asked.event.github_organization, os.environ.get(TOKEN, "")
    if organization is None:
        return ()
    if asked.stack.is_sandbox or not token:
        why = "the sandbox asks nobody" if asked.stack.is_sandbox else f"{TOKEN} is empty"
        return (f"whether people are in {organization} on GitHub was not looked at: {why}",)
    logins = {one.invitation.person: login for one in guests if (login := _login(asked, one)) is not None}
    found = memberships(organization, sorted({*logins.values()}), token)
    return tuple(_said(organization, guests, {person: found[login] for person, login in logins.items()}))


def _login(asked: Asking, guest: Guest) -> str | None:
    """On GitHub: by its column, else the account in Coder, which is called the same where people log in by GitHub."""
    return guest.person.github or (guest.person.account if asked.event.login == "github" else None)


def _said(organization: str, guests: Collection[Guest], found: Mapping[str, Membership]) -> Iterator[str]:
    groups = {
        "not in": [person for person, one in found.items() if one is Membership.NOT_FOUND],
        "invited, and not yet in": [person for person, one in found.items() if one is Membership.PENDING],
    }
    for what, people in groups.items():
        if people:
            more = f" and {len(people) - _NAMED} more" if len(people) > _NAMED else ""
            named = ", ".join(people[:_NAMED])
            yield f"{what} {organization} on GitHub, so that Coder will not let them in: {named}{more}"
    unknown = len(guests) - len(found) + sum(1 for one in found.values() if one is Membership.INCONCLUSIVE)
    if unknown:
        whose = counted(unknown, "person", "people")
        yield f"of {whose} it is inconclusive whether they are in {organization} on GitHub: no username, or no answer"
