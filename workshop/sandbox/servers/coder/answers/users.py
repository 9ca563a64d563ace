"""Accounts, members of organizations, and keys."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.rights import ORGANIZATION_ROLES, SITE_ROLES
from workshop.sandbox.servers.coder.state import Key, User, id_of

ZERO: Final = "0001-01-01T00:00:00Z"
"""How Go writes a time that is not set."""


def time(given: datetime | None) -> str:
    """As Coder writes times."""
    return given.isoformat().replace("+00:00", "Z") if given is not None else ZERO


def user(given: User) -> Json:
    """One of /users."""
    return {
        "id": given.id,
        "username": given.username,
        **({"name": given.name} if given.name else {}),
        "email": given.email,
        "created_at": time(given.created_at),
        "updated_at": time(given.updated_at),
        "last_seen_at": time(given.last_seen_at),
        "status": given.status,
        "login_type": given.login_type,
        "organization_ids": [id_of("organization", name) for name in given.members],
        "roles": site_roles(given),
    }


def site_roles(given: User) -> list[Json]:
    """A person's roles everywhere."""
    return [{"name": role, "display_name": SITE_ROLES[role]} for role in given.roles]


def membership(given: User, organization: str) -> Json:
    """What a change of somebody's membership answers."""
    organization_id = id_of("organization", organization)
    return {
        "user_id": given.id,
        "organization_id": organization_id,
        "created_at": time(given.created_at),
        "updated_at": time(given.updated_at),
        "roles": [
            {"name": role, "display_name": ORGANIZATION_ROLES[role], "organization_id": organization_id}
            for role in given.members[organization]
        ],
    }


def member(given: User, organization: str) -> Json:
    """One of /organizations/ID/members."""
    return {
        "username": given.username,
        **({"name": given.name} if given.name else {}),
        "email": given.email,
        "global_roles": site_roles(given),
        **membership(given, organization),
    }


def key(given: Key, owner: User | None = None) -> Json:
    """A key without its secret; in lists with its owner's name."""
    return {
        "id": given.id,
        "user_id": given.user_id,
        "last_used": time(given.last_used),
        "expires_at": time(given.expires_at),
        "created_at": time(given.created_at),
        "updated_at": time(given.created_at),
        "login_type": "token" if given.is_token else "password",
        "scope": given.scope,
        "token_name": given.name,
        "lifetime_seconds": given.lifetime_seconds,
        **({"username": owner.username} if owner else {}),
    }
