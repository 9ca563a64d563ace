"""Coder's searches, `q=owner:ada status:running lab`, and its pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from workshop.sandbox.servers.coder.refusals import Refusal, invalid_query

T = TypeVar("T")

_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')


def search_terms(query: str, what: str, known: set[str]) -> Mapping[str, str]:
    """The terms of a search; under "" what is given without a name. Raises Refusal for a term that Coder lacks."""
    terms: dict[str, str] = {}

    def wrong(field: str, detail: str) -> Refusal:
        return Refusal(400, f"Invalid {what} search query.", validations=[(field, detail)])

    for word in _WORD.findall(query.lower()):
        bare = re.sub(r'"[^"]*"', "", word)
        if bare.count(":") > 1:
            raise wrong("q", f"Query element {_quoted(word)} can only contain 1 ':'")
        name, colon, value = word.partition(":")
        if not colon:
            name, value = "", name
        value = value.strip('"')
        if name and name not in known:
            raise wrong(name, f"{_quoted(name)} is not a valid query param")
        if name in terms and name:
            raise wrong(
                name,
                f"Query param {_quoted(name)} provided more than once, found 2 times. "
                "Only provide 1 instance of this query param.",
            )
        terms[name] = value
    return terms


def invalid_value(what: str, field: str, value: str) -> Refusal:
    """Of a term whose value is none of those that there are."""
    detail = f"Query param {_quoted(field)} has invalid value: {_quoted(value)} is not a valid value"
    return Refusal(400, f"Invalid {what} search query.", validations=[(field, detail)])


def page(found: Sequence[T], query: Mapping[str, str]) -> list[T]:
    """By limit and offset; no limit, or 0, is all. Raises Refusal for what is no number."""
    limit, offset = _number("limit", query), _number("offset", query)
    return list(found[offset : offset + limit] if limit else found[offset:])


def _number(field: str, query: Mapping[str, str]) -> int:
    text = query.get(field, "")
    if not text:
        return 0
    try:
        number = int(text)
    except ValueError:
        raise invalid_query(field, f"strconv.ParseInt: parsing {_quoted(text)}: invalid syntax") from None
    if number < 0:
        raise invalid_query(field, "value is negative")
    return number


def _quoted(text: str) -> str:
    return f'"{text}"'
