"""What a region lacks, for whatever reason, it gets: also while other systems are out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.images.world import ACCOUNT, LONDON, OHIO, OREGON, World
from workshop.images.ecr import Ecr
from workshop.images.failure import ImagesFailure
from workshop.images.regctl import Regctl
from workshop.model.images.mirroring import Arrival, State
from workshop.model.images.sources import registry_host
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.servers.faults import Fault, plant_faults
from workshop.sandbox.servers.registries.publish import publish, publish_about

pytestmark = [pytest.mark.regctl, pytest.mark.slow]

IMAGE = made_image("v2.25.1+3d7d3b9")


def test_a_signature_that_a_killed_run_left_out_of_a_region_is_looked_for(images: World) -> None:
    image = images.image("left-out", is_replicated=False)
    digest = publish(images.paths, image.source, image.tag, IMAGE)
    attached = publish_about(images.paths, image.source, digest, b"one")
    images.mirror(image)
    images.ecr[LONDON].batch_delete_image(repositoryName=image.repository, imageIds=[{"imageDigest": attached}])
    at_london = registry_host(ACCOUNT, LONDON)
    assert images.referrers(at_london, image.repository, digest) == []

    (foreseen,) = images.mirror(image, is_dry=True).images
    (found,) = images.mirror(image).images

    assert (foreseen.state, foreseen.regions[LONDON]) == (State.WOULD_COPY, Arrival.MISSING)
    assert (found.state, found.problem) == (State.UNCHANGED, "")
    assert found.regions == {OHIO: Arrival.HOME, OREGON: Arrival.PRESENT, LONDON: Arrival.COPIED}
    assert images.referrers(at_london, image.repository, digest) == [attached]


def test_what_is_at_home_gets_everywhere_while_its_source_is_out(images: World) -> None:
    image = images.image("outage", is_replicated=False)
    image = image.model_copy(update={"digest": publish(images.paths, image.source, image.tag, IMAGE)})
    images.mirror(image)
    where = {"repositoryName": image.repository, "imageIds": [{"imageDigest": image.digest}]}
    images.ecr[LONDON].batch_delete_image(**where)
    plant_faults(images.paths, {"/v2/ghcr.io/example/outage": Fault(status=403)})

    source, pinned = images.mirror(image).images

    assert (source.state, source.digest) == (State.FAILED, "")
    assert "[http 403]" in source.problem
    assert (pinned.state, pinned.regions[LONDON], pinned.problem) == (State.UNCHANGED, Arrival.COPIED, "")
    plant_faults(images.paths, {})
    assert images.is_whole_everywhere(pinned)


def test_a_region_that_is_out_keeps_no_other_from_its_copy(images: World, monkeypatch: pytest.MonkeyPatch) -> None:
    image = images.image("region-out", is_replicated=False)
    publish(images.paths, image.source, image.tag, IMAGE)
    for name in ("password", "images"):
        ask = getattr(Ecr, name)

        def asked(ecr: Ecr, *arguments: str, ask: Any = ask) -> object:  # noqa: ANN401 - either
            if ecr.region == LONDON:
                raise ImagesFailure("London is out: wait")
            return ask(ecr, *arguments)

        monkeypatch.setattr(Ecr, name, asked)

    (found,) = images.mirror(image).images

    assert (found.state, found.problem) == (State.FAILED, f"{LONDON}: London is out: wait")
    assert found.regions == {OHIO: Arrival.HOME, OREGON: Arrival.COPIED, LONDON: Arrival.MISSING}


def test_signatures_that_a_source_does_not_hand_out_are_a_failure_and_the_image_gets_everywhere(images: World) -> None:
    image = images.image("half-out", is_replicated=False)
    digest = publish(images.paths, image.source, image.tag, IMAGE)
    images.mirror(image)
    images.ecr[LONDON].batch_delete_image(repositoryName=image.repository, imageIds=[{"imageDigest": digest}])
    publish_about(images.paths, image.source, digest, b"one")
    plant_faults(images.paths, {f"/v2/{image.source}/blobs/": Fault(status=403)})

    (found,) = images.mirror(image).images

    assert (found.state, found.regions[LONDON]) == (State.FAILED, Arrival.COPIED)
    assert "403" in found.problem


def test_what_does_not_come_though_it_was_copied_is_a_failure(images: World, monkeypatch: pytest.MonkeyPatch) -> None:
    image = images.image("ignored", is_replicated=False)
    publish(images.paths, image.source, image.tag, IMAGE)
    copy = Regctl.copy

    def copied(regctl: Regctl, source: str, target: str) -> None:
        if LONDON not in target:
            copy(regctl, source, target)

    monkeypatch.setattr(Regctl, "copy", copied)

    (found,) = images.mirror(image).images

    assert (found.state, found.regions[LONDON]) == (State.FAILED, Arrival.MISSING)
    assert found.problem == f"{LONDON}: 5 manifests of it did not come: run it again"
