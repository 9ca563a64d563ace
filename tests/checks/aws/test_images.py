"""What the image's registry and ECR hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import EXCEPTIONS, Answers, aws, results, same, site
from tests.model.given import structure
from workshop.checks.aws.images import ImageDigests

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
INDEX = '{"schemaVersion": 2}'
DIGEST = f"sha256:{hashlib.sha256(INDEX.encode()).hexdigest()}"
MANIFEST = "Registry GET /v2/coder/coder-preview/manifests/"
IMAGE = {**structure("image"), "digest": DIGEST}
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="http://issuer.test/token",service="ghcr.io",scope="pull"'}
IN_ECR = {"ecr describe_images": {"imageDetails": [{"imageDigest": DIGEST}]}}
PUBLISHED = {f"{MANIFEST}{DIGEST}": (200, INDEX), f"{MANIFEST}latest": (200, INDEX)}
IMAGES: Mapping[str, tuple[Answers, Mapping[str, Any]]] = {
    "everywhere": (PUBLISHED, IN_ECR),
    "nowhere": ({}, {"ecr describe_images": EXCEPTIONS.ImageNotFoundException()}),
    "no repository": (PUBLISHED, {"ecr describe_images": EXCEPTIONS.RepositoryNotFoundException()}),
    "another": ({f"{MANIFEST}{DIGEST}": (200, "{}"), f"{MANIFEST}latest": (200, INDEX)}, IN_ECR),
    "moved on": ({**PUBLISHED, f"{MANIFEST}latest": (200, "{}")}, IN_ECR),
    "the tag is gone": ({f"{MANIFEST}{DIGEST}": (200, INDEX)}, IN_ECR),
    "broken": ({f"{MANIFEST}{DIGEST}": (503, "")}, {"ecr describe_images": KeyError("imageDetails")}),
    "requires a login without saying where": ({f"{MANIFEST}{DIGEST}": (401, "")}, IN_ECR),
}


@pytest.mark.parametrize("name", IMAGES)
def test_of_images(name: str, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    answers, operations = IMAGES[name]
    asked = aws(monkeypatch, operations)
    same(results(ImageDigests(), site(answers, image=IMAGE), "", OHIO), snapshot)
    ids = {"repositoryName": "coder-preview", "imageIds": [{"imageDigest": DIGEST}]}
    assert ("ecr", OREGON, "describe_images", ids) in asked.asked


def test_of_images_without_an_account(monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    aws(monkeypatch, {"ecr describe_images": EXCEPTIONS.ImageNotFoundException()})
    here = site(PUBLISHED, image=IMAGE)
    without = here.settings.model_copy(update={"account": None})
    same(results(ImageDigests(), replace(here, settings=without), OHIO), snapshot)


def test_an_image_that_is_not_pinned(monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    aws(monkeypatch, IN_ECR)
    same(results(ImageDigests(), site(image={**IMAGE, "digest": None})), snapshot)


@pytest.mark.parametrize("field", ["token", "access_token"])
def test_a_registry_that_wants_a_token_is_given_one(
    field: str, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    aws(monkeypatch, IN_ECR)
    issued = {"Issuer GET /token?service=ghcr.io&scope=pull": (200, {field: "t"})}
    path = f"{MANIFEST}{DIGEST}"
    here = site({path: [(401, "", CHALLENGE), (200, INDEX)], f"{MANIFEST}latest": (200, INDEX)}, image=IMAGE)
    source: Any = here.systems.published("registry.test/any")[0]
    made: list[Any] = []

    def issuer(**arguments: Any) -> Any:  # noqa: ANN401 - as the service's
        made.append(type(source)(**{**arguments, "answers": issued}))
        object.__setattr__(made[-1], "name", "Issuer")
        return made[-1]

    monkeypatch.setattr("workshop.checks.published.Service", issuer)
    same(results(ImageDigests(), here, ""), snapshot)
    first, second = source.sent[:2]
    assert "Authorization" not in first.headers
    assert second.headers["Authorization"] == "Bearer t"
    same(first.headers["Accept"], snapshot(name="accepted"))
    assert made[0].if_refused == "give Registry a token"


BASE = {"source": "ghcr.io/example/base-ws", "repository": "base-ws", "tag": "1", "digest": DIGEST}


def test_a_workspace_image_that_is_mirrored_is_looked_at_too(
    monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    asked = aws(monkeypatch, IN_ECR)
    here = site(PUBLISHED, image=IMAGE, mirror={"images": [BASE]})
    same(results(ImageDigests(), here, "", OHIO), snapshot)
    ids = {"repositoryName": "base-ws", "imageIds": [{"imageDigest": DIGEST}]}
    assert ("ecr", OREGON, "describe_images", ids) in asked.asked
