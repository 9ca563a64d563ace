"""Images get from where they are published to every region, with regctl and the sandbox's registries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from tests.images.world import ACCOUNT, LONDON, OHIO, OREGON, REGIONS, World, request_of
from workshop.images.ecr import Ecr
from workshop.images.prune import prune
from workshop.model.images.mirroring import Arrival, State
from workshop.model.images.sources import registry_host
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.servers.faults import Fault, plant_faults
from workshop.sandbox.servers.registries.publish import publish, publish_about

pytestmark = [pytest.mark.regctl, pytest.mark.slow]

FIRST, NEXT = made_image("v2.25.1+3d7d3b9"), made_image("v2.26.0+1234567")
AT_HOME = registry_host(ACCOUNT, OHIO)


def test_what_is_published_arrives_everywhere_byte_for_byte_and_only_once(images: World) -> None:
    image = images.image("once")
    digest = publish(images.paths, image.source, image.tag, NEXT)
    foreseen = images.mirror(image, is_dry=True)
    assert [one.state for one in foreseen.images] == [State.WOULD_COPY]
    changes = ("PUT /", "PATCH /", "POST /v2", "POST PutImage")
    assert [one for one in images.asked if one.startswith(changes)] == []

    (found,) = images.mirror(image).images

    assert (found.digest, found.state, found.problem) == (digest, State.COPIED, "")
    assert found.regions == {OHIO: Arrival.HOME, OREGON: Arrival.PRESENT, LONDON: Arrival.PRESENT}
    assert images.is_whole_everywhere(found)

    images.asked.clear()
    for is_dry in (True, False):
        (again,) = images.mirror(image, is_dry=is_dry).images
        assert (again.state, again.tag, again.regions) == (State.UNCHANGED, found.tag, found.regions)
    assert [one for one in images.asked if one.startswith(changes)] == []
    assert images.downloads() == []


def test_what_is_pinned_comes_too_though_the_tag_has_moved_on(images: World) -> None:
    image = images.image("pinned", is_replicated=False)
    pinned = publish(images.paths, image.source, image.tag, FIRST)
    newest = publish(images.paths, image.source, image.tag, NEXT)

    report = images.mirror(image.model_copy(update={"digest": pinned}))

    assert [one.digest for one in report.images] == [newest, pinned]
    assert all(images.is_whole_everywhere(one) for one in report.images)


def test_what_is_pinned_stays_good_when_its_source_has_deleted_it(images: World) -> None:
    image = images.image("deleted", is_replicated=False)
    pinned = publish(images.paths, image.source, image.tag, FIRST)
    newest = publish(images.paths, image.source, image.tag, NEXT)
    deleted = {f"/v2/{image.source}/manifests/{pinned}": Fault(status=404)}
    image = image.model_copy(update={"digest": pinned})

    plant_faults(images.paths, deleted)
    first = {one.digest: one for one in images.mirror(image).images}
    plant_faults(images.paths, {})
    images.mirror(image)
    plant_faults(images.paths, deleted)
    again = {one.digest: one for one in images.mirror(image).images}

    assert (first[newest].state, first[pinned].state) == (State.COPIED, State.FAILED)
    plant_faults(images.paths, {})
    assert [again[one].state for one in (newest, pinned)] == [State.UNCHANGED] * 2
    assert images.is_whole_everywhere(again[pinned])


def test_what_replication_does_not_bring_is_copied(images: World) -> None:
    unknown, failing, late = (images.image("unknown", is_replicated=False), images.image("fails"), images.image("late"))
    for image in (unknown, failing, late):
        publish(images.paths, image.source, image.tag, NEXT)
    slow = {f"/replication/{LONDON}": Fault(delay_seconds=3600), "/replication": Fault(delay_seconds=0.1)}

    (never_sent,) = images.mirror(unknown).images
    plant_faults(images.paths, {**slow, f"/replication/{LONDON}": Fault(status=500)})
    (failed,) = images.mirror(failing).images
    plant_faults(images.paths, slow)
    (waited_for,) = images.mirror(late, patience_seconds=1).images

    assert never_sent.regions == {OHIO: Arrival.HOME, OREGON: Arrival.COPIED, LONDON: Arrival.COPIED}
    for found in (failed, waited_for):
        assert found.regions == {OHIO: Arrival.HOME, OREGON: Arrival.PRESENT, LONDON: Arrival.COPIED}
    assert all(images.is_whole_everywhere(found) for found in (never_sent, failed, waited_for))


def test_signatures_and_attestations_come_along_also_later(images: World) -> None:
    image = images.image("signed")
    digest = publish(images.paths, image.source, image.tag, NEXT)
    tag = f"sha256-{digest.removeprefix('sha256:')}.att"
    attached = publish_about(images.paths, image.source, digest, b"one", tag)
    images.mirror(image)
    again = publish_about(images.paths, image.source, digest, b"another", tag)

    (found,) = images.mirror(image).images

    assert (found.state, found.problem) == (State.UNCHANGED, "")
    for region in REGIONS:
        assert images.tags(region, image.repository)[tag] == again
        host = registry_host(ACCOUNT, region)
        assert images.referrers(host, image.repository, digest) == sorted([attached, again])


def test_a_registry_that_is_busy_is_given_the_time_that_it_asks_for(images: World) -> None:
    image = images.image("busy", is_replicated=False)
    publish(images.paths, image.source, image.tag, NEXT)
    busy = Fault(status=429, times=2, headers=(("Retry-After", "1"),))
    plant_faults(images.paths, {"/v2/ghcr.io": busy, f"/v2/{AT_HOME}": busy.model_copy(update={"times": 1})})

    (found,) = images.mirror(image).images

    assert (found.state, found.problem) == (State.COPIED, "")


def test_after_half_an_upload_only_what_is_missing_is_sent(images: World) -> None:
    image = images.image("half", is_replicated=False)
    publish(images.paths, image.source, image.tag, NEXT)
    cut = {f"/v2/{AT_HOME}/{image.repository}/blobs/uploads/": Fault(is_cut=True, times=1)}
    arrived: set[str] = set()

    def plant() -> None:
        arrived.update(images.blobs_of(AT_HOME, image.repository))
        images.asked.clear()
        plant_faults(images.paths, cut)

    images.before_blob(4, plant)

    (found,) = images.mirror(image).images

    assert (found.state, found.problem) == (State.COPIED, "")
    assert arrived
    assert not any(blob in unquote(sent) for blob in arrived for sent in images.uploads() if AT_HOME in sent)
    assert images.is_whole_everywhere(found)


def test_a_source_that_answers_other_bytes_is_not_believed(images: World) -> None:
    image = images.image("bytes", is_replicated=False)
    publish(images.paths, image.source, image.tag, NEXT)
    plant_faults(images.paths, {"/v2/ghcr.io/example/bytes/blobs/": Fault(body="other bytes")})

    (found,) = images.mirror(image).images

    assert (found.state, images.tags(OHIO, image.repository)) == (State.FAILED, {})
    assert "digest" in found.problem


def test_one_that_fails_keeps_no_other_from_being_copied(images: World) -> None:
    gone, image = images.image("gone", is_replicated=False), images.image("stays", is_replicated=False)
    elsewhere = images.image("elsewhere", is_replicated=False).model_copy(update={"source": "registry.example.com/a/b"})
    publish(images.paths, image.source, image.tag, NEXT)

    report = images.mirror(gone, elsewhere, image)

    assert [one.state for one in report.images] == [State.FAILED, State.FAILED, State.COPIED]
    assert "ghcr.io/example/gone:latest: its source has no such tag" in report.line()
    assert "the sandbox has no registry registry.example.com" in report.line()


STEPS = (
    "POST /v2/{home}/{name}/blobs/uploads/",
    "PUT /v2/{home}/{name}/blobs/uploads/",
    "PUT /v2/{home}/{name}/manifests/",
    "PUT /v2/{home}/{name}/manifests/{digest}",
    "POST PutImage",
    "PUT /v2/{replica}/{name}/blobs/uploads/",
    "PUT /v2/{replica}/{name}/manifests/{digest}",
    "POST PutImage",
)
"""In the order in which a run that has to copy to a replica gets to them."""


def test_killed_at_every_step_it_goes_on_and_no_tag_names_less_than_all(images: World) -> None:
    image = images.image("killed", is_replicated=False)
    digest = publish(images.paths, image.source, image.tag, NEXT)
    names = {"home": AT_HOME, "replica": registry_host(ACCOUNT, OREGON), "name": image.repository, "digest": digest}
    for step in STEPS:
        arrived = images.blobs_of(AT_HOME, image.repository)
        images.asked.clear()
        assert images.killed_before(step.format(**names), request_of(image)), f"no run got to {step}"
        assert not any(blob in unquote(sent) for blob in arrived for sent in images.uploads() if AT_HOME in sent)
        for region in REGIONS:
            for tagged in images.tags(region, image.repository).values():
                assert list(images.bytes_of(registry_host(ACCOUNT, region), image.repository, tagged))

    (found,) = images.mirror(image).images

    assert found.state in (State.COPIED, State.UNCHANGED)
    assert images.is_whole_everywhere(found)
    assert len(images.tags(OHIO, image.repository)) == 1


def test_images_of_which_none_changed_transfer_nothing(images: World) -> None:
    many = [images.image(f"many-{number}") for number in range(10)]
    for image in many:
        publish(images.paths, image.source, image.tag, NEXT)
    images.mirror(*many)
    images.asked.clear()

    report = images.mirror(*many)

    assert {one.state for one in report.images} == {State.UNCHANGED}
    assert images.uploads() + images.downloads() == []
    assert len(images.asked) <= 25 * len(many)


def test_old_copies_go_from_every_region_and_what_is_pinned_stays(images: World) -> None:
    image = images.image("pruned", is_replicated=False)
    digests: list[str] = []
    for number in range(3):
        digests.append(publish(images.paths, image.source, image.tag, made_image(f"v2.2{number}.0")))
        images.mirror(image)
    pinned, _old, newest = digests
    keep = frozenset([pinned, newest])  # pushed in one second: either could be the newest
    registries = {region: Ecr(ACCOUNT, region, client) for region, client in images.ecr.items()}
    later = datetime.now(UTC) + timedelta(days=40)
    images.asked.clear()

    foreseen = prune(registries, [image.repository], keep, later, is_dry=True)
    assert "POST BatchDeleteImage" not in images.asked
    done = prune(registries, [image.repository], keep, later, is_dry=False)

    assert done == foreseen
    assert [one.region for one in done] == list(REGIONS)
    for region in REGIONS:
        assert set(images.tags(region, image.repository).values()) == keep
        for kept in (pinned, newest):
            assert list(images.bytes_of(registry_host(ACCOUNT, region), image.repository, kept))
    assert prune(registries, [image.repository], keep, later, is_dry=False) == ()
