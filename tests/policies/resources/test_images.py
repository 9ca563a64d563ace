"""Container images in declared resources, wherever they stand."""

from __future__ import annotations

import pytest

from policies.framework.reading import Reading, Unreadable
from policies.resources.images import parse_image
from tests.policies.declared import DIGEST


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("nginx", "nginx", None, None),
        ("nginx:1.27", "nginx", "1.27", None),
        ("library/nginx:1.27", "library/nginx", "1.27", None),
        ("ghcr.io/coder/coder:v2", "coder/coder", "v2", None),
        ("localhost/a", "a", None, None),
        ("registry:5000/a/b:1", "a/b", "1", None),
        (f"ghcr.io/coder/coder:v2@{DIGEST}", "coder/coder", "v2", DIGEST),
        (f"coder@{DIGEST}", "coder", None, DIGEST),
    ],
)
def test_references_are_taken_apart(text: str, repository: str, tag: str | None, digest: str | None) -> None:
    image = parse_image(text, Reading(text, "image"))

    assert (image.text, image.path, image.repository, image.tag, image.digest) == (
        text,
        "image",
        repository,
        tag,
        digest,
    )


@pytest.mark.parametrize("text", ["a b", ":1", "ghcr.io/", "a@", "a@sha256:5a", f"a@{DIGEST}0", "@" + DIGEST])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as raised:
        parse_image(text, Reading(text, "image"))

    assert raised.value.fault == "wrong type"
    assert raised.value.problem == f"image is '{text}', not an image reference"
