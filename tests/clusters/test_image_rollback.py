"""An image that crashes on real API servers: what runs goes on, and the command that goes back goes back."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import pytest

from tests.dns.checkout import Checkout, checkout
from tests.end_to_end.sandbox import REGIONS
from tests.end_to_end.world import registry
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.servers.faults import Fault, plant_faults
from workshop.sandbox.servers.registries.publish import publish

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

BAD = made_image("v2.26.0+1234567", "1234567")
REFERENCE = f"123456789012.dkr.ecr.us-east-2.amazonaws.com/coder-preview@{BAD.digest}"


@dataclass(frozen=True)
class Story:
    """What `up` said of the image that crashes, and how many of the server's pods were ready then, by digest."""

    refused: str
    ready: dict[str, int]
    back: str
    ready_again: dict[str, int]


def ready(paths: SandboxPaths) -> dict[str, int]:
    store = ApiServerStore(Api("coder-ohio", api_servers(paths)["coder-ohio"]))
    found: dict[str, int] = {}
    for pod in store.list(kind_of("v1", "Pod"), "coder"):
        conditions = pod.get("status", {}).get("conditions", [])
        digest = str(pod["spec"]["containers"][0]["image"]).rpartition("@")[2]
        is_ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
        found[digest] = found.get(digest, 0) + is_ready
    return found


@pytest.fixture(scope="module")
def here(clusters: SandboxPaths, tmp_path_factory: pytest.TempPathFactory) -> Generator[Checkout]:
    """A checkout whose files may change, on the sandbox of the clusters."""
    ensure_running(clusters)
    with checkout(tmp_path_factory.mktemp("images") / "checkout") as own:
        one = Checkout(folder=own.folder, port=clusters.port, data=clusters.folder)
        try:
            one.said("up", "--users", "9")
            yield one
        finally:
            plant_faults(clusters, {})
            one.run("destroy")
            stop(clusters)


@pytest.fixture(scope="module")
def story(here: Checkout, clusters: SandboxPaths) -> Story:
    publish(clusters, "ghcr.io/coder/coder-preview", "latest", BAD)
    for region in REGIONS:
        with registry(clusters, region) as ecr:
            ecr.put_image(repositoryName="coder-preview", imageManifest=BAD.index.decode(), imageTag="crashes")
    plant_faults(clusters, {f"/images/{REFERENCE}": Fault(status=500)})
    here.said("images", "promote", "--override", "schema-change")
    refused = here.said("up", exit_code=2)
    left = ready(clusters)
    back = here.said("images", "rollback", "--override", "schema-change")
    return Story(refused=refused, ready=left, back=back, ready_again=ready(clusters))


def test_an_image_that_crashes_leaves_the_pods_that_run(story: Story, here: Checkout) -> None:
    assert "coder/coder: not all of its 2 pods run" in story.refused
    assert "images rollback" in story.refused
    assert story.ready.pop(BAD.digest) == 0
    assert list(story.ready.values()) == [2]


def test_the_command_that_it_names_goes_back(story: Story, here: Checkout) -> None:
    assert "Going back from v2.26.0+1234567" in story.back
    assert list(story.ready_again.values()) == [2]
    assert BAD.digest not in story.ready_again
    assert BAD.digest not in (here.folder / "Pulumi.sandbox.yaml").read_text("utf-8")
