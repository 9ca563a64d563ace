"""The CronJob that mirrors images: declared by `up`, run as its cluster would, and its copies everywhere."""

from __future__ import annotations

import json
from collections.abc import Generator

import pytest

from tests.end_to_end.sandbox import Ran, workshop
from tests.end_to_end.world import registry
from tests.sandbox.servers_for_tests import running
from workshop.model.names import IMAGE_MIRROR, IMAGES_NAMESPACE
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import Kubelet
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.seed.systems import IMAGE_DIGEST
from workshop.sandbox.servers.registries.publish import publish

pytestmark = [pytest.mark.slow, pytest.mark.regctl]

HOME = "coder-ohio"
REGIONS = ("us-east-2", "us-west-2", "eu-west-2")


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("mirror")) as paths:
        config = {"workshop:users": "20", "workshop:mirror": json.dumps({"schedule": "17 */6 * * *"})}
        write_whole(paths.overrides, json.dumps({"sandbox": config}))
        yield paths


def done(ran: Ran) -> Ran:
    assert ran.exit_code == 0, (ran.document["error"], ran.document["violations"])
    return ran


def test_what_is_published_is_in_every_region_after_its_run(sandbox: SandboxPaths) -> None:
    done(workshop(sandbox, "up"))
    digest = publish(sandbox, "ghcr.io/coder/coder-preview", "latest", made_image("v2.26.0+1234567"))
    kubelet = Kubelet(sandbox, HOME, ManifestStore(sandbox.clusters / HOME))

    job = kubelet.run_cron_job(IMAGES_NAMESPACE, IMAGE_MIRROR)

    assert [one["type"] for one in job["status"]["conditions"]] == ["SuccessCriteriaMet", "Complete"], job["status"]
    for region in REGIONS:
        with registry(sandbox, region) as ecr:
            (found,) = ecr.describe_images(repositoryName="coder-preview", imageIds=[{"imageDigest": digest}])[
                "imageDetails"
            ]
        (tag,) = found["imageTags"]
        assert tag.startswith("latest-20")
        assert tag.endswith(digest.removeprefix("sha256:")[:12])
    # What is pinned is there under its own tag as well, and nothing that `up` declares has changed.
    assert done(workshop(sandbox, "up")).changed == frozenset()

    by_hand = done(workshop(sandbox, "images", "mirror")).document["images"]
    assert [(one["digest"], one["state"], len(one["regions"])) for one in by_hand] == [
        (digest, "unchanged", 3),
        (IMAGE_DIGEST, "unchanged", 3),
    ]
    assert done(workshop(sandbox, "images", "prune")).document["pruned"] == []
