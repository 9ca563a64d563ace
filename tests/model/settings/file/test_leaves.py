"""Two versions of a file, value by value."""

from __future__ import annotations

import pytest

from workshop.model.settings.file.leaves import changed_leaves, leaves


def changed(before: str | None, after: str | None) -> list[tuple[str, str, str]]:
    return list(changed_leaves(leaves(before), leaves(after)))


def test_every_value_that_differs_has_its_path() -> None:
    before = "a: {b: [1, {c: true}], d: x}\ne: 1\nf: ''\nh: same\nj: [1]\nk: null\n"
    after = "a: {b: [2, {c: true}, null]}\nf: y\nh: same\ni: []\nj: [2]\nk: {}\n"
    assert changed(before, after) == [
        ("a.b[0]", "1", "2"),
        ("a.b[2]", "", "null"),
        ("a.d", "x", ""),
        ("e", "1", ""),
        ("f", '""', "y"),
        ("i", "", "[]"),
        ("j[0]", "1", "2"),
        ("k", "null", "{}"),
    ]


def test_entries_go_by_their_name_so_that_one_more_shifts_none() -> None:
    before = "regions:\n- {name: b, share: 1}\n"
    after = "regions:\n- {name: a, share: 2}\n- {name: b, share: 1}\n"
    assert changed(before, after) == [("regions[a].name", "", "a"), ("regions[a].share", "", "2")]
    assert changed("records: [{host: x, ttl: 60}]", "records: [{host: x, ttl: 61}]") == [("records[x].ttl", "60", "61")]
    twice = "records: [{host: x, target: 1}, {host: x, target: 2}]"
    assert changed(twice, twice.replace("2", "3")) == [("records[1].target", "2", "3")]


def test_texts_of_a_list_go_by_themselves() -> None:
    assert changed("must_exist: [a, b]", "must_exist: [b]") == [("must_exist[a]", "in the list", "")]
    assert changed("a: [x, x]", "a: [x]") == [("a[0]", "x", ""), ("a[1]", "x", ""), ("a[x]", "", "in the list")]


def test_writing_makes_no_difference() -> None:
    assert changed("a: 20\nb: [x, y]\n", '# why\nb: ["y", x]\na: "20"\n') == []


@pytest.mark.parametrize("text", [None, "", "# nothing\n"])
def test_what_says_nothing_has_no_values(text: str | None) -> None:
    assert leaves(text) == {}


def test_what_cannot_be_read_differs_from_all_else() -> None:
    ((path, before, after),) = changed("[", "")
    assert (path, after) == ("the whole file", "")
    assert before.startswith("can't be read: ")


def test_what_is_encrypted_is_never_shown() -> None:
    first, second, none = (f"config: {{w:a: {value}}}" for value in ("{secure: v1:x}", "{secure: v1:y}", "{}"))
    differs = "(encrypted) and not the same"
    assert changed(first, second) == [("config.w:a.secure", differs, differs)]
    assert ("config.w:a.secure", "(encrypted)", "") in changed(first, none)


def test_long_values_are_shown_where_they_differ() -> None:
    texts = ["x" * 5000 + tail + "z" * 5000 for tail in ("a", "b")]
    ((_, before, after),) = changed(*(f"a: {text}" for text in texts))
    for shown, tail in ((before, "a"), (after, "b")):
        assert len(shown) < 450
        assert f"x{tail}z" in shown
        assert shown.startswith("... x")
        assert shown.endswith("z ... (10001 characters)")
