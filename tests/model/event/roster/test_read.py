"""Who may come, whatever made the file; and what is said of a line that can't be used, never what stands in it."""

from __future__ import annotations

import pytest

from workshop.model.event.roster.export import csv_text
from workshop.model.event.roster.problems import RosterError
from workshop.model.event.roster.read import read_roster

SCENARIO = """Name,Type,ValidDays,CanInvite,Transferable,DeviceBound,MaxDevices
Participant_01,read_only,7,no,no,yes,2
Participant_02,read_only,7,no,yes,no,
"""


def test_everybody_in_the_order_of_their_seats() -> None:
    text = "\ufeffEmail, account ,accepted,name\r\nada@example.com,,,Ada\r\n\r\nbob@example.com, bob-2 ,NO,\r\n"
    ada, bob = read_roster(text.encode(), 2).people
    assert (ada.email, ada.account, ada.accepted, ada.name) == ("ada@example.com", None, None, "Ada")
    assert (bob.email, bob.account, bob.accepted, bob.name) == ("bob@example.com", "bob-2", False, "")


def test_the_scenarios_columns() -> None:
    first, second = read_roster(SCENARIO.encode(), 2).people
    assert (first.name, first.email, first.valid_days, first.max_devices) == ("Participant_01", None, 7, 2)
    assert (first.transferable, first.device_bound) == (False, True)
    assert (second.transferable, second.device_bound, second.max_devices) == (True, False, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_whatever_the_encoding_the_separator_and_the_lines_ends(encoding: str, separator: str, end: str) -> None:
    lines = (("E-Mail", "Full Name", "EXTERNAL"), ("zoe@example.com", "Zoë Łąk" if "utf" in encoding else "Zoë", "Yes"))
    data = end.join(separator.join(line) for line in lines).encode(encoding)
    (zoe,) = read_roster(data, 1).people
    assert (zoe.email, zoe.name[:3], zoe.external) == ("zoe@example.com", "Zoë", True)


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ('sep=;\nemail;name\na@example.com;"A;B"\n', "a@example.com"),
        ("name,email,\nA,a@example.com,,\n", "a@example.com"),
        ("email,name\na@example.com\n", "a@example.com"),
        ("email\nAda <a@example.com>\n", "a@example.com"),
        ("email\nmailto:a@example.com\n", "a@example.com"),
        ("email\n'+a@example.com\n", "+a@example.com"),
        ("email,account\n,ada\n", None),
    ],
)
def test_what_is_taken(text: str, email: str | None) -> None:
    (person,) = read_roster(text.encode(), 1).people
    assert person.email == email


def test_columns_that_are_none_of_a_rosters_are_named() -> None:
    assert read_roster(b"email,Company,phone\na@example.com,X,1\n", 1).ignored == ("Company", "phone")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("email\nada\n", "line 2: email must be an e-mail address"),
        ("email\nada@example.com\nADA@example.com\n", "line 3: has the email of line 2"),
        ("email,account\na@example.com,ada\nb@example.com,Ada\n", "line 3: has the account of line 2"),
        ("name\nAda\nada\n", "line 3: has the name of line 2"),
        ("email,account\na@example.com,no spaces\n", "line 2: account must be a username in Coder"),
        (f"email,account\na@example.com,{'a' * 33}\n", "line 2: account must be a username in Coder"),
        ("email,GitHub username\na@example.com,-a\n", "line 2: github must be a username on GitHub"),
        ("email,accepted\na@example.com,perhaps\n", "line 2: accepted must be yes or no"),
        (f"email,name\na@example.com,{'a' * 129}\n", "line 2: name must have 128 characters at most"),
        ("email,name\na@example.com,A\x1b[31m\n", "line 2: name must have 128 characters at most, all of which can"),
        ("email,name\na@example.com,A\u202e\n", "line 2: name must have 128 characters at most, all of which can"),
        ("email,name\n,Ada\n", "line 2: email must be an e-mail address"),
        ("name,external\n,yes\n", "line 2: nothing says who it is"),
        ("email,external\na@example.com,1,2\n", "line 2: has more values than there are columns"),
        ("name,type\nA,admin\n", "line 2: Type must be participant, read_only or read_write: staff are invited"),
        ("name,can invite\nA,yes\n", "line 2: CanInvite must be no"),
        ("name,valid_days,MaxDevices\nA,0,21\n", "line 2: MaxDevices must be a number from 1 to 20"),
        ("name,valid_days,MaxDevices\nA,0,21\n", "line 2: ValidDays must be a number from 1 to 365"),
        ("e@mail\nada@example.com\n", "line 1: must be the columns' names"),
        ("email,acount\na@example.com,ada\n", "line 1: no column is called acount; is account meant?"),
        ("email,mail\na@example.com,\n", "line 1: two columns are the email"),
        ('email,name\na@example.com,"A\n', "line 2: quotation marks or line ends in it can't be read"),
        ("email\n", "nobody is in it"),
        ("", "nobody is in it"),
        ("email\n" + "".join(f"p{n}@example.com\n" for n in range(4)), "4 people are more than the 3 seats"),
        ("email\n" + "x\n" * 3 + "a@example.com\nx\n", "lines 2-4, 6: email must be"),
    ],
)
def test_what_is_wrong_is_said_by_line(text: str, reason: str) -> None:
    with pytest.raises(RosterError) as refused:
        read_roster(text.encode(), 3)
    assert reason in str(refused.value)
    assert "perhaps" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"email\n" + b"\x81@example.com\n", "it is no text in UTF-8, UTF-16 or Windows-1252"),
        (b"email\n" + b"x" * 5_000_000, "it is larger than 4 MiB"),
        (b"\xff\xfee", "it is no text"),
    ],
)
def test_what_is_no_roster_at_all(data: bytes, reason: str) -> None:
    with pytest.raises(RosterError, match=reason):
        read_roster(data, 3)


def test_nothing_that_is_exported_acts_in_a_spreadsheet_and_it_is_read_again() -> None:
    text = csv_text(["name", "email"], [['=HYPERLINK("http://x.example.com")', "-ada@example.com"]])
    assert text == 'name,email\n"\'=HYPERLINK(""http://x.example.com"")",\'-ada@example.com\n'
    (person,) = read_roster(text.encode(), 1).people
    assert (person.name, person.email) == ('=HYPERLINK("http://x.example.com")', "-ada@example.com")
