"""Accounts: made, found, suspended, deleted."""

from __future__ import annotations

import re
import uuid
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers import users as answers
from workshop.sandbox.servers.coder.call import Answer, Body, Call, Route
from workshop.sandbox.servers.coder.keys import drop_keys, hashed, is_strong
from workshop.sandbox.servers.coder.refusals import Refusal, forbidden_inside, hidden, invalid, invalid_json
from workshop.sandbox.servers.coder.rights import SITE_ROLES
from workshop.sandbox.servers.coder.searches import invalid_value, page, search_terms
from workshop.sandbox.servers.coder.state import User, id_of, new_id

_NAME: Final = re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")
_NAME_LENGTH: Final = 32
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LOGIN_TYPES: Final = ("password", "github", "none")
_NIL: Final = "00000000-0000-0000-0000-000000000000"


class _NewUser(Body):
    email: str = ""
    username: str = ""
    name: str = ""
    login_type: str = ""
    password: str = ""
    user_status: str = ""
    organization_ids: tuple[str, ...] = ()


class _Profile(Body):
    username: str = ""
    name: str = ""


class _Roles(Body):
    roles: tuple[str, ...] = ()


class _Password(Body):
    password: str = ""
    old_password: str = ""


def _create(call: Call) -> Answer:
    asked = call.body(_NewUser)
    login_type = asked.login_type or "password"
    _check_names(asked)
    if not asked.organization_ids:
        raise Refusal(
            400,
            "No organization specified to place the user as a member of. It is required to specify at least one "
            "organization id to place the user in.",
            "required at least 1 value for the array 'organization_ids'",
            [("organization_ids", "Missing values, this cannot be empty")],
        )
    organizations = [_organization(call, given) for given in asked.organization_ids]
    if not call.caller.may("create", "user"):
        raise Refusal(403, "You are not authorized to create users.")
    if login_type == "oidc":
        raise Refusal(400, "You must configure OIDC before creating OIDC users.")
    if login_type not in _LOGIN_TYPES:
        raise Refusal(400, f'Unsupported login type "{login_type}" for manually creating new users.')
    if login_type != "password" and asked.password:
        raise Refusal(400, f'Password cannot be set for non-password ("{login_type}") authentication.')
    present = [user for user in call.contents.users.values() if not user.is_deleted]
    if any(_is_taken(asked, user) for user in present):
        raise Refusal(409, "User already exists.")
    if login_type == "password" and not is_strong(asked.password):
        raise _weak()
    made = User.model_validate(
        {
            "id": new_id(),
            "username": asked.username,
            "name": asked.name,
            "email": asked.email.lower(),
            "status": asked.user_status or "dormant",
            "login_type": login_type,
            "password": hashed(asked.password) if login_type == "password" else "",
            "members": {name: [] for name in organizations},
            "created_at": call.now,
            "updated_at": call.now,
        }
    )
    call.contents.users[made.id] = made
    return Answer(status=201, body=answers.user(made))


def _check_names(asked: _NewUser) -> None:
    wrong = [
        *([("email", "email", asked.email)] if not _EMAIL.fullmatch(asked.email) else []),
        *([("username", "username", asked.username)] if not _is_name(asked.username) else []),
        *([("name", "user_real_name", asked.name)] if asked.name != asked.name.strip() else []),
    ]
    if wrong:
        raise invalid(*wrong)


def _is_name(given: str) -> bool:
    return len(given) <= _NAME_LENGTH and _NAME.fullmatch(given) is not None


def _is_taken(asked: _NewUser, user: User) -> bool:
    return user.username.lower() == asked.username.lower() or user.email == asked.email.lower()


def _weak() -> Refusal:
    detail = "insecure password, try including more special characters, using uppercase letters or a longer password"
    return Refusal(400, "Password not strong enough!", validations=[("password", detail)])


def _organization(call: Call, given: str) -> str:
    try:
        uuid.UUID(given)
    except ValueError:
        raise invalid_json(f"invalid UUID length: {len(given)}") from None
    for one in call.settings.organizations:
        if given == id_of("organization", one.name) or (given == _NIL and one.is_default):
            return one.name
    raise Refusal(404, f'Organization does not exist with the provided id "{given}".')


def _list(call: Call) -> Json:
    terms = search_terms(call.query.get("q", ""), "user", {"status", "login_type", "role", "search", "email", "name"})
    if terms.get("status", "active") not in ("active", "dormant", "suspended"):
        raise invalid_value("user", "status", terms["status"])
    found = [
        user
        for user in sorted(call.contents.users.values(), key=lambda one: one.username.lower())
        if not user.is_deleted and call.caller.may("read", "user", owner_id=user.id) and _matches(user, terms)
    ]
    after = call.query.get("after_id")
    if after is not None:
        ids = [user.id for user in found]
        found = found[ids.index(after) + 1 :] if after in ids else []
    return {"users": [answers.user(user) for user in page(found, call.query)], "count": len(found)}


def _matches(user: User, terms: dict[str, str] | Json) -> bool:
    text = terms.get("", "") or terms.get("search", "")
    return (
        terms.get("status", user.status) == user.status
        and terms.get("login_type", user.login_type) == user.login_type
        and ("role" not in terms or terms["role"] in user.roles)
        and (text in user.username.lower() or text in user.email)
    )


def _get(call: Call, user: str) -> Json:
    return answers.user(call.user(user))


def _organizations(call: Call, user: str) -> Json:
    from workshop.sandbox.servers.coder.answers.site import organization

    found = call.user(user)
    return [organization(one) for one in call.settings.organizations if one.name in found.members]


def _login_type(call: Call, user: str) -> Json:
    found = call.user(user)
    if found.id != call.caller.user.id:
        raise Refusal(403, "You are not authorized to view this user's login type.")
    return {"login_type": found.login_type}


def _put_status(call: Call, user: str, status: str) -> Json:
    found = call.user(user)
    if status == "suspend":
        if found.id == call.caller.user.id:
            raise Refusal(400, "You cannot suspend yourself.")
        if "owner" in found.roles:
            raise Refusal(400, 'You cannot suspend a user with the "owner" role. You must remove the role first.')
    if not call.caller.may("update", "user", owner_id=found.id):
        raise forbidden_inside("Internal error updating user's status.", "update user status")
    is_suspending = status == "suspend"
    if is_suspending and found.status != "suspended":
        found.suspended_at = call.now
    found.status, found.updated_at = "suspended" if is_suspending else "active", call.now
    return answers.user(found)


def _put_profile(call: Call, user: str) -> Json:
    found, asked = call.user(user), call.body(_Profile)
    if not _is_name(asked.username):
        raise invalid(("username", "username", asked.username))
    if not (call.caller.may("update", "user") or call.caller.may("update_personal", "user", owner_id=found.id)):
        raise hidden()
    others = (one for one in call.contents.users.values() if one.id != found.id and not one.is_deleted)
    if any(one.username.lower() == asked.username.lower() for one in others):
        in_use = [("username", "This username is already in use.")]
        raise Refusal(409, "A user with this username already exists.", validations=in_use)
    found.username, found.name, found.updated_at = asked.username, asked.name, call.now
    return answers.user(found)


def _put_roles(call: Call, user: str) -> Json:
    found, asked = call.user(user), call.body(_Roles)
    if found.id == call.caller.user.id:
        raise Refusal(400, "You cannot change your own roles.")
    for role in asked.roles:
        if role not in SITE_ROLES:
            raise Refusal(400, f'"{role}" is not a supported role')
    if "owner" not in call.caller.user.roles:
        for role in sorted({*asked.roles} ^ {*found.roles}):
            raise Refusal(400, f'not authorized to assign role "{role}"')
    found.roles, found.updated_at = sorted(set(asked.roles)), call.now
    return answers.user(found)


def _put_password(call: Call, user: str) -> Answer:
    found, asked = call.user(user), call.body(_Password)
    is_own = found.id == call.caller.user.id
    if not is_own and not call.caller.may("update", "user"):
        raise hidden()
    if found.login_type != "password":
        raise Refusal(400, "Users without password login type cannot change their password.")
    if not is_strong(asked.password):
        raise _weak()
    if is_own and not asked.old_password:
        raise Refusal(400, "Old password is required.")
    if hashed(asked.password) == found.password:
        raise Refusal(400, "New password cannot match old password.")
    if not is_own and "owner" not in call.caller.user.roles:
        doing = "execute transaction: delete api keys by user ID"
        raise forbidden_inside("Internal error updating user's password.", doing)
    found.password = hashed(asked.password)
    drop_keys(call.contents, found)
    return Answer(status=204)


def _delete(call: Call, user: str) -> Json:
    found = call.user(user)
    if found.id == call.caller.user.id:
        raise Refusal(403, "You cannot delete yourself!")
    if not call.caller.may("delete", "user"):
        raise hidden()
    if any(one.owner_id == found.id and not one.is_deleted for one in call.contents.workspaces.values()):
        raise Refusal(417, "You cannot delete a user that has workspaces. Delete their workspaces and try again!")
    found.is_deleted = True
    drop_keys(call.contents, found)
    return {"message": "User has been deleted!"}


ROUTES: Final[tuple[Route, ...]] = (
    ("POST", "/users", _create),
    ("GET", "/users", _list),
    ("GET", "/users/<user>", _get),
    ("DELETE", "/users/<user>", _delete),
    ("GET", "/users/<user>/organizations", _organizations),
    ("GET", "/users/<user>/login-type", _login_type),
    ("PUT", "/users/<user>/status/<any(suspend, activate):status>", _put_status),
    ("PUT", "/users/<user>/profile", _put_profile),
    ("PUT", "/users/<user>/roles", _put_roles),
    ("PUT", "/users/<user>/password", _put_password),
)
