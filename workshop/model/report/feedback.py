"""What participants answered to a survey, from the table that it is exported to. Whatever is in it, it is only read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from statistics import fmean
from typing import Final

from workshop.model.event.roster.encoding import NotText, rows_of
from workshop.model.legible import one_line
from workshop.model.report.section import Part

MOST_ANSWERS: Final = 5000
MOST_QUESTIONS: Final = 100
_MOST_CHOICES: Final = 12
"""Different answers to a question with choices; with more it is one to which people write."""

_OTHERS: Final = "others"
_LETTERS: Final = 500
_PERSONAL: Final = re.compile(
    r"e-?mail|\bname\b|timestamp|time ?stamp|zeitstempel|address|username|\bdate\b|submitted|response ?id|^id$|^ip\b",
    re.IGNORECASE,
)
"""Of whom and when: nothing of it is counted."""

_OVERALL: Final = re.compile(r"satisf|overall|rating|rate the|how (?:was|did you like)|recommend", re.IGNORECASE)
_NUMBER: Final = re.compile(
    r"\s*(\d{1,2}(?:[.,]\d{1,2})?)\s*(?:/\s*(?:5|10)|of (?:5|10)|stars?|[-:\u2013\u2014].*)?\s*", re.DOTALL
)


class FeedbackError(Exception):
    """Why there is nothing to read."""


class Kind(StrEnum):
    """How a question was answered."""

    RATING = "rating"
    CHOICE = "choice"
    COMMENT = "comment"


def _number(text: str) -> float | None:
    found = _NUMBER.fullmatch(text)
    return None if found is None else float(found[1].replace(",", "."))


class Question(Part):
    """answers: how many gave one. mean: of a rating; scale: 5 or 10, its highest. counts: of a choice or rating, by
    answer. comments: what people wrote, or empty without comments."""

    text: str
    kind: Kind
    answers: int
    mean: float | None = None
    scale: int | None = None
    counts: Mapping[str, int] = {}
    comments: tuple[str, ...] = ()


class Feedback(Part):
    """answers: people who answered. rating: of five, the mean of the question about the whole; None without one.

    left_out: columns that say who answered, or when.
    """

    answers: int
    rating: float | None
    questions: tuple[Question, ...]
    left_out: tuple[str, ...]

    def without_comments(self) -> Feedback:
        """The same; what people wrote may say who they are, and so may an answer that only one of them chose."""
        return self.model_copy(update={"questions": tuple(_anonymous(one) for one in self.questions)})


def read_feedback(data: bytes) -> Feedback:
    """Everything in a table with a line of questions and a line for each person. Raises FeedbackError."""
    rows = _rows(data)
    questions, answers = rows[0], rows[1:]
    if not answers:
        raise FeedbackError("nobody has answered: there is no line below the questions")
    if len(answers) > MOST_ANSWERS or len(questions) > MOST_QUESTIONS:
        raise FeedbackError(
            f"{len(answers)} answers to {len(questions)} questions are more than {MOST_ANSWERS} and {MOST_QUESTIONS}"
        )
    named = [(one_line(question, _LETTERS) or f"column {place}") for place, question in enumerate(questions, 1)]
    found = [
        _question(question, [row[place] for row in answers if place < len(row) and row[place]])
        for place, question in enumerate(named)
        if not _PERSONAL.search(question)
    ]
    ratings = [one for one in found if one.kind is Kind.RATING and one.mean is not None and one.scale]
    overall = next((one for one in ratings if _OVERALL.search(one.text)), None)
    return Feedback(
        answers=len(answers),
        rating=None if overall is None else round((overall.mean or 0) * 5 / (overall.scale or 5), 2),
        questions=tuple(found),
        left_out=tuple(question for question in named if _PERSONAL.search(question)),
    )


def _anonymous(one: Question) -> Question:
    if one.kind is not Kind.CHOICE:
        return one.model_copy(update={"comments": ()})
    counts = {answer: number for answer, number in one.counts.items() if number > 1}
    others = one.answers - sum(counts.values())
    return one.model_copy(update={"counts": counts | ({_OTHERS: others} if others else {})})


def _rows(data: bytes) -> list[list[str]]:
    try:
        rows = rows_of(data)
    except NotText as error:
        raise FeedbackError(str(error)) from None
    if not rows:
        raise FeedbackError("it is empty")
    return rows


def _question(text: str, given: Sequence[str]) -> Question:
    numbers = [_number(one) for one in given]
    rated = [one for one in numbers if one is not None and one <= 10]
    if given and len(rated) == len(given):
        scale = 10 if max(rated) > 5 else 5
        counts = dict(sorted(Counter(f"{one:g}" for one in rated).items(), key=lambda each: float(each[0])))
        return Question(
            text=text, kind=Kind.RATING, answers=len(given), mean=round(fmean(rated), 2), scale=scale, counts=counts
        )
    said = [one_line(one, _LETTERS) for one in given]
    counts = Counter(said)
    is_choice = 0 < len(counts) <= _MOST_CHOICES and max(map(len, counts)) <= 60 and len(counts) * 2 <= len(said)
    if is_choice:
        return Question(
            text=text,
            kind=Kind.CHOICE,
            answers=len(said),
            counts=dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))),
        )
    return Question(text=text, kind=Kind.COMMENT, answers=len(said), comments=tuple(said))
