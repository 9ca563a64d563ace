"""Registrations, as whatever form exports them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.model.event.roster.problems import RosterError
from workshop.model.event.roster.read import read_roster
from workshop.model.event.roster.registrations import read_registrations

FORM = """Timestamp;Email Address;First Name;Last name;Will you attend?;Company
2026-09-01;ada@example.com;Ada;Lovelace;Yes;A
2026-09-02;bob@example.com;Bob;;No;B
2026-09-02;cy@example.com;=cmd();;yes;C

2026-09-03;ADA@example.com;Ada;King;;A
2026-09-03;nobody;Di;;yes;
2026-09-04;eve@example.com;Eve;;waitlisted;
"""


def test_who_comes_is_in_the_roster_once() -> None:
    found = read_registrations(FORM.encode())
    assert found.people == (("ADA@example.com", "Ada King"), ("cy@example.com", "=cmd()"))
    assert (found.repeated, found.not_coming, found.wrong_rows) == (1, 2, (6,))


def test_the_roster_is_read_and_has_no_formula() -> None:
    text = read_registrations(FORM.encode()).roster()
    assert "'=cmd()" in text
    people = read_roster(text.encode(), 10).people
    assert [(one.email, one.name) for one in people] == [("ADA@example.com", "Ada King"), ("cy@example.com", "=cmd()")]


def test_who_cancels_later_is_out_again() -> None:
    found = read_registrations(b"mail,status\nada@example.com,\nbob@example.com,ok\nADA@example.com,Cancelled\n")
    assert [address for address, _ in found.people] == ["bob@example.com"]


def test_a_column_may_ask_the_other_way_round() -> None:
    found = read_registrations(b"Name,E-mail,Cancelled?\nAda,ada@example.com,no\nBob,bob@example.com,yes\n")
    assert found.people == (("ada@example.com", "Ada"),)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no column is called email"),
        (b"name\nAda\n", "no column is called email"),
        (b"email\nnobody\n", "nobody in it comes"),
        (b"\xff\xfe\x00", "it is no text"),
    ],
    ids=["empty", "no-addresses", "nobody", "no-text"],
)
def test_what_is_none_is_said(data: bytes, why: str) -> None:
    with pytest.raises(RosterError, match=why):
        read_registrations(data)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"email,name\n{text}".encode(errors="ignore")))
def test_whatever_is_in_it_there_is_a_roster_or_a_reason(data: bytes) -> None:
    with suppress(RosterError):
        assert read_registrations(data).roster().startswith("email,name\n")
