"""What is copied, and under which tag."""

from __future__ import annotations

from datetime import date

import pytest

from tests.model.given import settings
from workshop.model.images.mirroring import (
    MirroredImage,
    MirrorReport,
    State,
    mirror_request,
    own_tag,
    own_tag_among,
)

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
OWN = "latest-20241001-0123456789ab"


def test_a_copys_tag_has_source_day_and_digest() -> None:
    assert own_tag("latest", date(2024, 10, 1), DIGEST) == OWN
    assert len(own_tag("v" * 128, date(2024, 10, 1), DIGEST)) == 128


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (("latest", OWN), OWN),
        (("latest", "0123456789ab", "latest-20241001-0123456789ac", f"{OWN}-x", "latest-2024101-0123456789ab"), None),
        ((), None),
    ],
)
def test_its_own_tag_is_found_among_others(tags: tuple[str, ...], found: str | None) -> None:
    assert own_tag_among(tags, DIGEST) == found


def test_a_request_names_every_image_and_region() -> None:
    base = {"source": "ghcr.io/example/base-ws", "repository": "base-ws", "tag": "1"}
    request = mirror_request(settings(mirror={"images": [base]}))
    assert (request.account, request.home) == ("123456789012", "us-east-2")
    assert request.replicas == ("us-west-2", "eu-west-2")
    assert [image.repository for image in request.images] == ["coder-preview", "base-ws"]


def test_a_report_is_one_line() -> None:
    image = MirroredImage(source="a:1", repository="a", digest=DIGEST, tag=OWN, state=State.COPIED)
    failed = image.model_copy(update={"source": "b:1", "state": State.FAILED, "problem": "b:1 is gone"})
    assert MirrorReport(images=(image, failed)).line() == "2 images: 1 copied, 1 failed; b:1: b:1 is gone"
    assert MirrorReport(images=(image,)).failed == ()
