from __future__ import annotations

import pytest

from workshop.event.coder.errors import CoderRefused


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (CoderRefused("PUT /x", 409, "Still building!"), "Coder refused PUT /x (409): Still building!"),
        (CoderRefused("PUT /x", 409, "Active.", detail="Active."), "Coder refused PUT /x (409): Active"),
        (CoderRefused("PUT /x", 400, "Bad.", detail="Why."), "Coder refused PUT /x (400): Bad; Why"),
        (
            CoderRefused("PUT /x", 400, "Bad.", validations={"ttl_ms": "Too long.", "email": "ada@example.com is bad"}),
            "Coder refused PUT /x (400): Bad; ttl_ms: Too long; email",
        ),
        (
            CoderRefused("GET /x", 400, '"user" must be an existing uuid or username.', detail='queried user="ada"'),
            'Coder refused GET /x (400): "user" must be an existing uuid or username',
        ),
        (CoderRefused("GET /x", 401, "Sign in."), "Coder refused GET /x (401): Sign in; give the keeper a new token"),
    ],
    ids=lambda value: None if isinstance(value, str) else str(value.status),
)
def test_a_refusal_says_why_once_and_names_nobody(refused: CoderRefused, said: str) -> None:
    assert str(refused) == said
