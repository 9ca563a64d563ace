"""Only what GitHub says of a person is said of them."""

from __future__ import annotations

import httpx
import pytest

from workshop.event.systems.github import Membership, memberships


def asked(answer: httpx.Response | Exception) -> Membership:
    def respond(request: httpx.Request) -> httpx.Response:
        assert (request.url.path, request.headers["Authorization"]) == (
            "/orgs/coder-contrib/memberships/ada",
            "Bearer x",
        )
        if isinstance(answer, Exception):
            raise answer
        return answer

    return memberships("coder-contrib", ["ada"], "x", transport=httpx.MockTransport(respond))["ada"]


@pytest.mark.parametrize(
    ("answer", "membership"),
    [
        (httpx.Response(200, json={"state": "active", "role": "member"}), Membership.ACTIVE),
        (httpx.Response(200, json={"state": "pending"}), Membership.PENDING),
        (httpx.Response(404, json={"message": "Not Found"}), Membership.NOT_FOUND),
        (httpx.Response(403, json={"message": "You must be a member"}), Membership.INCONCLUSIVE),
        (httpx.Response(401), Membership.INCONCLUSIVE),
        (httpx.Response(429), Membership.INCONCLUSIVE),
        (httpx.Response(200, text="<html>"), Membership.INCONCLUSIVE),
        (httpx.Response(200, json=[]), Membership.INCONCLUSIVE),
        (httpx.Response(200, json={"state": "odd"}), Membership.INCONCLUSIVE),
        (httpx.ConnectError("no route"), Membership.INCONCLUSIVE),
    ],
    ids=["active", "pending", "unknown", "forbidden", "unauthorized", "limited", "page", "list", "odd", "away"],
)
def test_what_github_says(answer: httpx.Response | Exception, membership: Membership) -> None:
    assert asked(answer) is membership
