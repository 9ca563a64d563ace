"""What a registry says of an image, and what is believed of it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.checks.quick import Answers, services
from workshop.checks.published import BUNDLE, Attached, published_attachments, published_build
from workshop.checks.service import Inconclusive, Service
from workshop.model.images.build import Build

NAME = "coder/coder-preview"
LABELS = {"org.opencontainers.image.version": "v2.27.1", "org.opencontainers.image.revision": "1a2b3c4"}


def digest(content: str) -> str:
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


CONFIG = json.dumps(
    {"os": "linux", "architecture": "amd64", "created": "2026-09-28T08:00:00Z", "config": {"Labels": LABELS}}
)
OWN = json.dumps({"config": {"digest": digest(CONFIG), "size": 500}, "layers": [{"size": 1000}, {"size": 24}]})
INDEX = json.dumps(
    {
        "manifests": [
            {"digest": "sha256:arm", "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": digest(OWN), "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": "sha256:provenance", "platform": {"os": "unknown", "architecture": "unknown"}},
        ]
    }
)
BUNDLED = '{"mediaType": "a bundle"}'
ATTESTATION = json.dumps({"layers": [{"digest": digest(BUNDLED)}]})
REFERRERS = json.dumps(
    {
        "manifests": [
            {"digest": digest(ATTESTATION), "artifactType": f"{BUNDLE}.v0.3+json"},
            {"digest": "sha256:sbom", "artifactType": "application/spdx+json"},
        ]
    }
)
BUILD = Build(
    digest=digest(INDEX),
    version="v2.27.1",
    revision="1a2b3c4",
    built_at=datetime(2026, 9, 28, 8, tzinfo=UTC),
    size_bytes=1524,
    platforms=("linux/arm64", "linux/amd64"),
    manifest=digest(OWN),
)


def at(path: str) -> str:
    return f"Registry GET /v2/{NAME}/{path}"


def holding(*contents: str, kind: str = "manifests") -> dict[str, Any]:
    return {at(f"{kind}/{digest(content)}"): (200, content) for content in contents}


IMAGE = {**holding(INDEX, OWN), **holding(CONFIG, kind="blobs")}


def registry(answers: Answers) -> Service:
    return services(answers)[0].published(f"ghcr.io/{NAME}")[0]


def build_of(answers: Answers, content: str = INDEX) -> Build | None:
    return published_build(registry(answers), NAME, digest(content))


def test_an_image_says_of_which_source_it_is_built_and_when() -> None:
    assert build_of(IMAGE) == BUILD


def test_an_image_of_one_platform_needs_no_index() -> None:
    found = build_of(IMAGE, OWN)
    assert found is not None
    assert (found.platforms, found.manifest, found.version) == (("linux/amd64",), digest(OWN), "v2.27.1")


def test_annotations_of_the_index_say_it_first() -> None:
    index = json.dumps({**json.loads(INDEX), "annotations": {"org.opencontainers.image.version": "v2.27.2"}})
    found = build_of({**IMAGE, **holding(index)}, index)
    assert found is not None
    assert (found.version, found.revision) == ("v2.27.2", "1a2b3c4")


def test_an_image_that_says_nothing_is_no_more_than_its_digest() -> None:
    index = json.dumps({"manifests": [{"digest": "sha256:arm", "platform": {"os": "linux", "architecture": "arm64"}}]})
    assert build_of(holding(index), index) == Build(digest=digest(index), platforms=("linux/arm64",))


def test_what_is_not_there_is_none() -> None:
    assert build_of({}) is None


@pytest.mark.parametrize(
    "broken", [at(f"manifests/{digest(INDEX)}"), at(f"manifests/{digest(OWN)}"), at(f"blobs/{digest(CONFIG)}")]
)
def test_other_bytes_than_the_digest_says_are_never_read(broken: str) -> None:
    with pytest.raises(Inconclusive, match=r"^Registry answers sha256:\w+ for coder/coder-preview@sha256"):
        build_of({**IMAGE, broken: (200, "{}")})


def test_an_answer_that_is_no_manifest_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="Registry sent an unexpected response"):
        build_of(holding("nonsense"), "nonsense")


def test_a_blob_elsewhere_is_followed_without_the_registrys_token(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {**IMAGE, at(f"blobs/{digest(CONFIG)}"): (307, "", {"Location": "http://store.test/1"})}
    source: Any = registry(answers)
    asked: list[httpx.Request] = []

    def elsewhere(**arguments: Any) -> Any:  # noqa: ANN401 - as the service's
        made = type(source)(**{**arguments, "name": "Store", "answers": {"Store GET /1": (200, CONFIG)}, "sent": asked})
        assert not made.header
        return made

    monkeypatch.setattr("workshop.checks.published.Service", elsewhere)
    assert published_build(source, NAME, digest(INDEX)) == BUILD
    assert [str(one.url) for one in asked] == ["http://store.test/1"]


@pytest.mark.parametrize("where", [f"referrers/{digest(INDEX)}", f"manifests/{digest(INDEX).replace(':', '-')}"])
def test_bundles_are_found_by_the_api_or_by_the_tag_that_stands_in_for_it(where: str) -> None:
    answers = {at(where): (200, REFERRERS), **holding(ATTESTATION), **holding(BUNDLED, kind="blobs")}
    found = published_attachments(registry(answers), NAME, digest(INDEX))
    assert found == Attached(bundles=(BUNDLED.encode(),), others=())


@pytest.mark.parametrize("kind", ["sig", "att"])
def test_cosigns_own_layout_is_seen(kind: str) -> None:
    tag = f"{digest(INDEX).replace(':', '-')}.{kind}"
    found = published_attachments(registry({at(f"manifests/{tag}"): (200, "{}")}), NAME, digest(INDEX))
    assert found == Attached(bundles=(), others=(tag,))


def test_nothing_attached_is_nothing() -> None:
    assert published_attachments(registry({}), NAME, digest(INDEX)) == Attached(bundles=(), others=())


def test_a_registry_that_does_not_answer_proves_nothing() -> None:
    answers = {at(f"referrers/{digest(INDEX)}"): (503, "")}
    with pytest.raises(Inconclusive, match="answered 503"):
        published_attachments(registry(answers), NAME, digest(INDEX))
