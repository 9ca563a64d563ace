"""Which of LiteLLM's refusals say that a key is no good."""

from __future__ import annotations

import json

import pytest

from workshop.model.litellm import error_message, refuses_key


def body(kind: str, message: str = "") -> bytes:
    return json.dumps({"error": {"type": kind, "message": message, "param": "key", "code": "401"}}).encode()


@pytest.mark.parametrize(
    "answer",
    [
        body("token_not_found_in_db", "Authentication Error, Invalid proxy server token passed."),
        body("expired_key", "Authentication Error - Expired Key."),
        body("not_found_error", "Key not found in database"),
        body("auth_error", "Authentication Error, Key is blocked. Update via `/key/unblock` if you're admin."),
        body(
            "auth_error",
            "Authentication Error, LiteLLM Virtual Key expected. Received=x, expected to start with 'sk-'.",
        ),
        body("auth_error", "Authentication Error, No api key passed in."),
    ],
)
def test_preflight_2_these_do(answer: bytes) -> None:
    assert refuses_key(answer)


@pytest.mark.parametrize(
    "answer",
    [
        body("auth_error", "Authentication Error, All connection attempts failed"),
        body("auth_error", "Authentication Error, Can't reach database server at `db:5432`"),
        body("no_db_connection", "No DB Connected"),
        body("budget_exceeded", "Budget has been exceeded!"),
        body("", ""),
        b"",
        b"<html>401 Authorization Required</html>",
        b'{"error": "unauthorized"}',
        b'{"detail": "Unauthorized"}',
    ],
)
def test_preflight_2_these_do_not(answer: bytes) -> None:
    assert not refuses_key(answer)


def test_its_words_are_repeated_on_one_line() -> None:
    assert error_message(body("auth_error", "Can't reach\n database")) == "Can't reach database"
    assert error_message(b"<html>") == ""
