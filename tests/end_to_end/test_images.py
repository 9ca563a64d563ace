"""An image from its source to the clusters and back: moved, mirrored, reviewed, rolled out, stopped, rolled back."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.dns.checkout import Checkout, checkout
from tests.model.given import ROOT
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.servers.faults import Fault, plant_faults
from workshop.sandbox.servers.registries.publish import publish

pytestmark = [pytest.mark.regctl, pytest.mark.slow]

IMAGE = "ghcr.io/coder/coder-preview"
GOOD, BAD = made_image("v2.26.0+1234567", "1234567"), made_image("v2.27.0+abcdef0", "abcdef0")
WORKSPACES = "/coder/api/v2/users/me/workspaces"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Generator[Checkout]:
    with checkout(tmp_path_factory.mktemp("images") / "checkout") as one:
        (one.folder / "mirror").symlink_to(ROOT / "mirror")  # by which regctl is found
        one.said("up", "--users", "20")
        yield one


def paths(here: Checkout) -> SandboxPaths:
    return SandboxPaths(checkout=here.folder, folder=here.folder / ".workshop", given_port=here.port)


def running(here: Checkout) -> dict[str, str]:
    """Digest of server or proxy, by cluster."""
    folder = here.folder / ".workshop" / "clusters"
    pattern = re.compile(r"image: \S+/coder-preview@(\S+)")
    return {
        cluster.name: found[1]
        for cluster in folder.iterdir()
        for file in cluster.rglob("*.yaml")
        if (found := pattern.search(file.read_text("utf-8")))
    }


def pin(here: Checkout) -> None:
    """Mirrors what the source has now, and pins it."""
    here.said("images", "mirror")
    here.said("images", "promote", "--override", "schema-change")


def test_a_newer_build_gets_everywhere_once_it_is_mirrored_and_reviewed(here: Checkout) -> None:
    publish(paths(here), IMAGE, "latest", GOOD)
    assert "0 of 3 regions hold it" in here.said("images", "check", exit_code=1)  # the source moved, and nobody pushed

    pin(here)
    here.said("up")

    assert set(running(here).values()) == {GOOD.digest}
    assert "is current" in here.said("images", "check")


def test_a_build_with_which_no_workspace_starts_stops_at_the_server_and_is_taken_back(here: Checkout) -> None:
    publish(paths(here), IMAGE, "latest", BAD)
    pin(here)
    plant_faults(paths(here), {WORKSPACES: Fault(status=500)})

    stopped = here.said("up", exit_code=2)

    assert f"Coder does not work with image {BAD.digest[7:19]} in us-east-2: a workspace could not be tried" in stopped
    assert "scripts/workshop images rollback" in stopped
    assert running(here) == {
        "coder-ohio": BAD.digest,
        "coder-oregon": GOOD.digest,
        "coder-london": GOOD.digest,
    }

    assert "images rollback --override schema-change" in here.said("images", "rollback", exit_code=1)
    assert "Going back from v2.27.0" in here.said("images", "rollback", "--override", "schema-change")

    assert set(running(here).values()) == {GOOD.digest}
    assert GOOD.digest in (here.folder / "Pulumi.sandbox.yaml").read_text("utf-8")
    assert (here.folder / "images" / "sandbox.yaml").read_text("utf-8").count("digest: ") == 3


def test_nobody_gets_another_image_under_the_pinned_digest(here: Checkout, tmp_path: Path) -> None:
    """The incident's hand-made push: whatever a tag leads to, pods run a digest, which no other bytes have."""
    text = (here.folder / "Pulumi.sandbox.yaml").read_text("utf-8")
    assert GOOD.digest in text
    here.edit("Pulumi.sandbox.yaml", GOOD.digest, f"sha256:{'0' * 64}")
    try:
        refused = here.said("up", exit_code=1)
    finally:
        here.edit("Pulumi.sandbox.yaml", f"sha256:{'0' * 64}", GOOD.digest)
    assert "rules/image-parity" in refused
    assert set(running(here).values()) == {GOOD.digest}
