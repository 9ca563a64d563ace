"""Who may come, and what is said of a line that can't be used; never what stands in it."""

from __future__ import annotations

import pytest

from workshop.model.event.roster import RosterError, read_roster


def test_everybody_in_the_order_of_their_seats() -> None:
    text = "\ufeffEmail, account ,accepted,name\r\nada@example.com,,,Ada\r\n\r\nbob@example.com, bob-2 ,NO,\r\n"
    ada, bob = read_roster(text, 2)
    assert (ada.email, ada.account, ada.accepted, ada.name) == ("ada@example.com", None, "yes", "Ada")
    assert (bob.email, bob.account, bob.accepted, bob.name) == ("bob@example.com", "bob-2", "no", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("email\nada\n", "line 2: email must be an e-mail address"),
        ("email\nada@example.com\nADA@example.com\n", "line 3: has the email of line 2"),
        ("email,account\na@example.com,ada\nb@example.com,ada\n", "line 3: has the account of line 2"),
        ("email,account\na@example.com,no spaces\n", "line 2: account must be a username in Coder"),
        (f"email,account\na@example.com,{'a' * 33}\n", "line 2: account must be a username in Coder"),
        ("email,accepted\na@example.com,perhaps\n", "line 2: accepted must be yes or no"),
        (f"email,name\na@example.com,{'a' * 129}\n", "line 2: name must have 128 characters at most"),
        ("email,name\na@example.com\n", "line 2: has not as many values as line 1 has names"),
        ("email,phone\na@example.com,1\n", "line 1: must be the columns' names"),
        ("email\n", "nobody is in it"),
        ("email\n" + "".join(f"p{n}@example.com\n" for n in range(4)), "4 people are more than the 3 seats"),
        ("email\n" + "x\n" * 12, "and 3 more"),
    ],
)
def test_what_is_wrong_is_said_by_line(text: str, reason: str) -> None:
    with pytest.raises(RosterError) as refused:
        read_roster(text, 3)
    assert reason in str(refused.value)
    assert "perhaps" not in str(refused.value)
