"""Whether two builds can have different database schemas."""

from __future__ import annotations

import pytest

from workshop.model.images.build import Build, has_same_schema

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def test_the_same_digest_is_the_same_build() -> None:
    assert has_same_schema(Build(digest=A), Build(digest=A))


@pytest.mark.parametrize("version", ["v2.27.1", "2.27.1", "2.28.0-devel+1a2b3c4d5", "v2.28.0-rc.0+1a2b3c4"])
def test_a_release_and_a_commit_are_one_source_however_often_they_are_built(version: str) -> None:
    assert has_same_schema(Build(digest=A, version=version), Build(digest=B, version=version))


def test_the_same_revision_is_the_same_source() -> None:
    assert has_same_schema(Build(digest=A, revision="1a2b3c4"), Build(digest=B, revision="1a2b3c4"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("v2.27.1", "v2.27.2"),
        ("2.28.0-devel+1a2b3c4", "2.28.0-devel+5d6e7f8"),
        ("2.28.0-devel", "2.28.0-devel"),
        ("latest", "latest"),
        ("", ""),
        (None, None),
        ("v2.27.1", None),
    ],
)
def test_nothing_else_proves_that_the_schema_stays(one: str | None, other: str | None) -> None:
    assert not has_same_schema(Build(digest=A, version=one, revision=""), Build(digest=B, version=other, revision=""))


def test_people_read_the_version_and_enough_of_the_digest() -> None:
    assert Build(digest=A, version="v2.27.1").name == "v2.27.1 (aaaaaaaaaaaa)"
    assert Build(digest=A).name == "aaaaaaaaaaaa"
