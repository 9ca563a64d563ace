"""Members of organizations and their roles there, the ban on workspaces of their own making among them."""

from __future__ import annotations

from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers import users as answers
from workshop.sandbox.servers.coder.call import Answer, Body, Call, Route
from workshop.sandbox.servers.coder.refusals import Refusal, hidden
from workshop.sandbox.servers.coder.rights import ORGANIZATION_ROLES
from workshop.sandbox.servers.coder.searches import page
from workshop.sandbox.servers.coder.state import User, id_of


class _Roles(Body):
    roles: tuple[str, ...] = ()


def _members(call: Call, organization: str) -> tuple[str, list[User]]:
    name = call.organization(organization)
    found = [
        user
        for user in sorted(call.contents.users.values(), key=lambda one: one.username.lower())
        if name in user.members
        and not user.is_deleted
        and call.caller.may("read", "organization_member", name, user.id)
    ]
    return name, found


def _list(call: Call, organization: str) -> Json:
    name, found = _members(call, organization)
    return [answers.member(user, name) for user in found]


def _pages(call: Call, organization: str) -> Json:
    name, found = _members(call, organization)
    return {"members": [answers.member(user, name) for user in page(found, call.query)], "count": len(found)}


def _add(call: Call, organization: str, user: str) -> Json:
    name, found = call.organization(organization), call.user(user)
    if not call.caller.may("create", "organization_member", name):
        raise hidden()
    if name in found.members:
        message = "User is already an organization member"
        raise Refusal(400, message, f"{found.username} is already a member of {name}")
    found.members[name] = []
    return answers.membership(found, name)


def _remove(call: Call, organization: str, user: str) -> Answer:
    name = call.organization(organization)
    found = call.member(name, user)
    if not call.caller.may("delete", "organization_member", name):
        raise hidden()
    del found.members[name]
    return Answer(status=204)


def _put_roles(call: Call, organization: str, user: str) -> Json:
    name, asked = call.organization(organization), call.body(_Roles)
    found = call.member(name, user)
    if found.id == call.caller.user.id:
        detail = "Another user with the appropriate permissions must change your roles."
        raise Refusal(400, "You cannot change your own organization roles.", detail)
    for role in asked.roles:
        if role not in ORGANIZATION_ROLES:
            raise Refusal(400, f'"{role}" is not a supported organization role')
    if not call.caller.may("assign", "assign_org_role", name):
        raise hidden()
    found.members[name] = sorted(set(asked.roles))
    return answers.membership(found, name)


def _roles(call: Call, organization: str) -> Json:
    name = call.organization(organization)
    return [
        {
            "name": role,
            "organization_id": id_of("organization", name),
            "display_name": shown,
            "site_permissions": [],
            "organization_permissions": [],
            "user_permissions": [],
            "assignable": call.caller.may("assign", "assign_org_role", name),
            "built_in": True,
        }
        for role, shown in ORGANIZATION_ROLES.items()
    ]


ROUTES: Final[tuple[Route, ...]] = (
    ("GET", "/organizations/<organization>/members", _list),
    ("GET", "/organizations/<organization>/paginated-members", _pages),
    ("GET", "/organizations/<organization>/members/roles", _roles),
    ("POST", "/organizations/<organization>/members/<user>", _add),
    ("DELETE", "/organizations/<organization>/members/<user>", _remove),
    ("PUT", "/organizations/<organization>/members/<user>/roles", _put_roles),
)
