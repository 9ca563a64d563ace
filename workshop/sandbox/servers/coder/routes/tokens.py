"""Tokens and sessions. A lifetime is in nanoseconds; an owner's token lasts for a week at most."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers import users as answers
from workshop.sandbox.servers.coder.call import Answer, Body, Call, Route
from workshop.sandbox.servers.coder.keys import new_key
from workshop.sandbox.servers.coder.refusals import Refusal, forbidden_inside, hidden
from workshop.sandbox.servers.coder.state import Key, User, new_id

_OWNER_LIMIT: Final = timedelta(hours=168)
_LIMIT: Final = timedelta(seconds=3155760000)
_SESSION: Final = timedelta(hours=24)
_NANOSECONDS: Final = 1_000_000_000


class _NewToken(Body):
    lifetime: int = 0
    scope: str = ""
    token_name: str = ""


def _limit(user: User) -> timedelta:
    return _OWNER_LIMIT if "owner" in user.roles else _LIMIT


def _config(call: Call, user: str) -> Json:
    return {"max_token_lifetime": int(_limit(call.user(user)).total_seconds()) * _NANOSECONDS}


def _create(call: Call, user: str) -> Answer:
    owner, asked = call.user(user), call.body(_NewToken)
    failed, limit = "Failed to validate create API key request.", _limit(owner)
    lifetime = timedelta(seconds=asked.lifetime / _NANOSECONDS)
    if asked.lifetime < 0:
        raise Refusal(400, failed, "lifetime must be positive number greater than 0")
    if lifetime > limit:
        hours = int(limit.total_seconds()) // 3600
        raise Refusal(400, failed, f"lifetime must be less than {hours}h0m0s")
    if not call.caller.may("create", "api_key", owner_id=owner.id):
        raise forbidden_inside("Failed to create API key.", "insert API key")
    scope = asked.scope or "all"
    if scope not in ("all", "application_connect"):
        raise Refusal(500, "Failed to create API key.", f'generate API key: invalid API key scope: "{scope}"')
    name = asked.token_name or f"token-{new_id()[:8]}"
    if any(key.user_id == owner.id and key.name == name for key in call.contents.keys.values()):
        in_use = [("name", "This value is already in use and should be unique.")]
        raise Refusal(409, f'A token with name "{name}" already exists.', validations=in_use)
    # A week where none is asked for, as it was recorded of an owner.
    shown = new_key(call.contents, owner, call.now, lifetime or _OWNER_LIMIT, name=name, scope=scope)
    return Answer(status=201, body={"key": shown})


def _create_session(call: Call, user: str) -> Answer:
    owner = call.user(user)
    if not call.caller.may("create", "api_key", owner_id=owner.id):
        raise forbidden_inside("Failed to create API key.", "insert API key")
    return Answer(status=201, body={"key": new_key(call.contents, owner, call.now, _SESSION, is_token=False)})


def _list(call: Call, user: str) -> Json:
    owner, is_all = call.user(user), call.query.get("include_all") == "true"
    users = call.contents.users
    found = [
        answers.key(key, users[key.user_id])
        for key in reversed(call.contents.keys.values())
        if key.is_token and (is_all or key.user_id == owner.id)
        if call.caller.may("read", "api_key", owner_id=key.user_id)
    ]
    return found or None  # as Go writes a list that nobody has begun


def _one(call: Call, user: str, key: str) -> Key:
    owner = call.user(user)
    for found in call.contents.keys.values():
        is_meant = found.user_id == owner.id and key in (found.id, found.name)
        if is_meant and call.caller.may("read", "api_key", owner_id=owner.id):
            return found
    raise hidden()


def _get(call: Call, user: str, key: str) -> Json:
    return answers.key(_one(call, user, key))


def _delete(call: Call, user: str, key: str) -> Answer:
    del call.contents.keys[_one(call, user, key).id]
    return Answer(status=204)


def _log_out(call: Call) -> Json:
    call.contents.keys.pop(call.caller.key_id, None)
    return {"message": "Logged out!"}


ROUTES: Final[tuple[Route, ...]] = (
    ("POST", "/users/logout", _log_out),
    ("GET", "/users/<user>/keys/tokens/tokenconfig", _config),
    ("POST", "/users/<user>/keys/tokens", _create),
    ("GET", "/users/<user>/keys/tokens", _list),
    ("GET", "/users/<user>/keys/tokens/<key>", _get),
    ("POST", "/users/<user>/keys", _create_session),
    ("GET", "/users/<user>/keys/<key>", _get),
    ("DELETE", "/users/<user>/keys/<key>", _delete),
)
