"""Every image that is mirrored."""

from __future__ import annotations

from tests.model.given import settings
from workshop.model.images.sources import registry_host, sources

BASE = {"source": "ghcr.io/example/base-ws", "repository": "base-ws", "tag": "2025.1"}


def test_the_platforms_image_comes_first_and_needs_no_further_setting() -> None:
    (only,) = sources(settings())

    assert (only.setting, only.image.source) == (("image",), "ghcr.io/coder/coder-preview")


def test_workspace_images_are_named_where_their_setting_is() -> None:
    given = settings(mirror={"images": [BASE]})

    assert [(source.setting, source.image.repository) for source in sources(given)] == [
        (("image",), "coder-preview"),
        (("mirror", "images", 0), "base-ws"),
    ]


def test_a_registry_is_an_accounts_in_a_region() -> None:
    assert registry_host("123456789012", "us-east-2") == "123456789012.dkr.ecr.us-east-2.amazonaws.com"
