"""Who is in the organization on GitHub whose members Coder lets in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final

import httpx

API: Final = "https://api.github.com"
_SECONDS: Final = 20.0


class Membership(StrEnum):
    """As far as GitHub says (REST API, organization memberships). PENDING: invited there, not accepted yet.

    INCONCLUSIVE: the token may not see it, or GitHub did not answer.
    """

    ACTIVE = "active"
    PENDING = "pending"
    NOT_FOUND = "not found"
    INCONCLUSIVE = "inconclusive"


def memberships(
    organization: str, logins: Collection[str], token: str, *, transport: httpx.BaseTransport | None = None
) -> Mapping[str, Membership]:
    """Of each login. token: of a member of the organization; transport: in place of the network."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    with httpx.Client(base_url=API, headers=headers, timeout=_SECONDS, transport=transport) as client:
        return {login: _membership(client, organization, login) for login in logins}


def _membership(client: httpx.Client, organization: str, login: str) -> Membership:
    try:
        answer = client.get(f"/orgs/{organization}/memberships/{login}")
        if answer.status_code == HTTPStatus.OK:
            return Membership(answer.json()["state"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return Membership.INCONCLUSIVE
    return Membership.NOT_FOUND if answer.status_code == HTTPStatus.NOT_FOUND else Membership.INCONCLUSIVE
