"""Answers to a survey, as whatever tool exports them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.model.report.feedback import Feedback, FeedbackError, Kind, Question, read_feedback

ANSWERS = """Timestamp,Email Address,How satisfied are you overall?,Would you come again?,Pace (1-5),What was missing?
2026-10-06,ada@example.com,5,yes,4,"More time, and
coffee"
2026-10-06,bob@example.com,4,yes,3,
2026-10-07,cy@example.com,5,no,3,nothing
2026-10-07,di@example.com,,yes,5,=1+1
"""


def read(text: str) -> Feedback:
    return read_feedback(text.encode())


def question(found: Feedback, place: int) -> Question:
    return found.questions[place]


def test_ratings_have_means_choices_counts_and_comments_words() -> None:
    found = read(ANSWERS)
    assert (found.answers, found.rating) == (4, 4.67)
    assert [one.kind for one in found.questions] == [Kind.RATING, Kind.CHOICE, Kind.RATING, Kind.COMMENT]
    assert question(found, 0).counts == {"4": 1, "5": 2}
    assert question(found, 1).counts == {"yes": 3, "no": 1}
    assert question(found, 3).comments == ("More time, and\\ncoffee", "nothing", "=1+1")


def test_who_answered_and_when_is_left_out() -> None:
    found = read(ANSWERS)
    assert found.left_out == ("Timestamp", "Email Address")
    assert "example.com" not in found.model_dump_json()


def test_without_comments_nothing_that_somebody_wrote_is_left() -> None:
    found = read(ANSWERS).without_comments()
    assert "coffee" not in found.model_dump_json()
    assert question(found, 1).counts == {"yes": 3, "others": 1}


@pytest.mark.parametrize("separator", [";", "\t"], ids=["semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_encodings(separator: str, encoding: str) -> None:
    text = f"Overall{separator}Größe\n4,5{separator}zu groß\n3 / 5{separator}zu groß\n".encode(encoding)
    found = read_feedback(text)
    assert found.rating == 3.75
    assert question(found, 1) == Question(text="Größe", kind=Kind.CHOICE, answers=2, counts={"zu groß": 2})


def test_ratings_of_ten_become_ratings_of_five() -> None:
    assert read("Would you recommend us?\n10\n8\n").rating == 4.5


def test_lines_that_are_too_short_or_blank_are_taken_as_they_are() -> None:
    found = read("Overall,Why\n5\n\n,\n4,good,too much\n")
    assert (found.answers, question(found, 0).answers, question(found, 1).answers) == (2, 2, 1)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"Overall\n", "nobody has answered"),
        (b"Overall\n" + b"5\n" * 5001, "5001 answers to 1 questions are more than"),
        (b"a" * 200_000 + b"\n5", "it is no table"),
        (b"\xff\xfe\x00", "it is no text"),
    ],
    ids=["empty", "no-answers", "too-many", "a-field-without-end", "no-text"],
)
def test_what_is_no_table_is_said(data: bytes, why: str) -> None:
    with pytest.raises(FeedbackError, match=why):
        read_feedback(data)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_is_in_it_there_is_an_answer_or_a_reason(data: bytes) -> None:
    with suppress(FeedbackError):
        found = read_feedback(data)
        assert Feedback.model_validate_json(found.model_dump_json()) == found
