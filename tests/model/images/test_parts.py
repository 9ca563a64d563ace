"""Which manifests make up an image."""

from __future__ import annotations

from tests.model.given import NOON
from workshop.model.images.parts import Entry, parts_of


def named(letter: str) -> str:
    return f"sha256:{letter * 64}"


def entry(lists: str = "", subject: str | None = None, *tags: str) -> Entry:
    return Entry(tags=tags, pushed_at=NOON, lists=tuple(map(named, lists)), subject=subject and named(subject))


def parts(digest: str, **entries: Entry) -> str:
    found = parts_of({named(letter): one for letter, one in entries.items()}, named(digest))
    return "".join(sorted(one[7] for one in found))


def test_an_image_is_what_it_lists_and_what_is_about_that_and_so_on() -> None:
    signature, of_a_part, of_the_signature = entry(subject="a"), entry(subject="b"), entry(subject="d")
    assert parts("a", a=entry("bc"), b=entry(), d=signature, e=of_a_part, f=of_the_signature) == "abcdef"


def test_older_clients_attach_by_tags_and_by_an_index_under_one() -> None:
    by_tag, index = entry("", None, f"sha256-{'a' * 64}.sig"), entry("e", None, f"sha256-{'a' * 64}")
    assert parts("a", a=entry("b"), c=by_tag, d=index, e=entry(), f=entry("", None, "latest")) == "abcde"


def test_nothing_of_another_image_belongs_to_it_though_they_share_a_part() -> None:
    assert parts("a", a=entry("bc"), d=entry("ce"), f=entry(subject="d"), e=entry()) == "abc"
