"""What is refused leaves every file byte for byte; rules refuse without the pack, the pack refuses without rules."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Chapter
from tests.end_to_end.sandbox import files, workshop
from tests.end_to_end.world import registry
from workshop.model.outcome import Outcome
from workshop.model.settings.config import stack_config
from workshop.sandbox.engine.run import run
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.providers.packages import PACKAGES
from workshop.sandbox.seed.images import made_image

pytestmark = pytest.mark.slow

PROGRAMS = Path(__file__).parent / "programs"


def up(
    paths: SandboxPaths,
    *,
    program: Path,
    pack: Path | None,
    stack: str = "sandbox",
    changed: Mapping[str, str] | None = None,
) -> Outcome:
    """`up` of a program on the sandbox's settings, with some of them changed, and with or without the pack."""
    texts = ((CHECKOUT / name).read_text(encoding="utf-8") for name in ("Pulumi.sandbox.yaml", "Pulumi.yaml"))
    endpoints = {"aws": paths.aws_endpoint, "cloudflare": paths.cloudflare_endpoint}
    return run(
        "up",
        project="workshop",
        stack=stack,
        state_file=paths.stacks / f"{stack}.json",
        program=program,
        config={
            **stack_config(*texts),
            "workshop:users": "20",
            "workshop:endpoints": json.dumps(endpoints),
            "workshop:kubeconfig": str(paths.kubeconfig),
            **(changed or {}),
        },
        providers=PACKAGES,
        policy_pack=pack,
        refresh=True,
    )


@contextmanager
def without_the_image(paths: SandboxPaths, region: str) -> Generator[None]:
    """While the block runs one region's registry has another image behind the tag, and the pinned one no more."""
    with registry(paths, region) as ecr:
        found = ecr.batch_get_image(repositoryName="coder-preview", imageIds=[{"imageTag": "latest"}])["images"][0]
        pinned = {"imageDigest": found["imageId"]["imageDigest"]}
        ecr.batch_delete_image(repositoryName="coder-preview", imageIds=[pinned])
        other = made_image("v2.26.0").index.decode()
        ecr.put_image(repositoryName="coder-preview", imageManifest=other, imageTag="latest")
        try:
            yield
        finally:
            ecr.put_image(repositoryName="coder-preview", imageManifest=found["imageManifest"], imageTag="latest")


def told(outcome: Outcome, policy: str) -> str:
    """What this policy or rule refuses, resources and messages."""
    assert outcome.error is None
    return "\n".join(f"{found.resource}: {found.message}" for found in outcome.violations if found.policy == policy)


class TestRulesAlone:
    """The real program, no pack."""

    def test_an_image_that_one_region_lacks(self, sandbox: SandboxPaths, first: Chapter) -> None:
        with without_the_image(sandbox, "eu-west-2"):
            before = files(sandbox)
            outcome = up(sandbox, program=CHECKOUT, pack=None)
            assert files(sandbox) == before
        message = told(outcome, "rules/image-parity")
        assert "eu-west-2" in message
        assert "images mirror" in message

    def test_the_volume_on_the_wrong_device(self, sandbox: SandboxPaths, first: Chapter) -> None:
        before = files(sandbox)
        outcome = up(
            sandbox,
            program=CHECKOUT,
            pack=None,
            changed={"workshop:workspaces": json.dumps({"device": "/dev/xvda"})},
        )
        assert files(sandbox) == before
        message = told(outcome, "rules/ephemeral-device")
        assert "/dev/xvda" in message
        assert "pulumi config set --path" in message


class TestPoliciesAlone:
    """A program that knows no rules and declares the bad resource, with the real pack."""

    @pytest.mark.parametrize(
        ("program", "policy", "named"),
        [
            ("another_image", "image-parity", "eu-west-2"),
            ("wrong_device", "storage-headroom", "/dev/xvdb"),
        ],
    )
    def test_it_is_refused(self, sandbox: SandboxPaths, first: Chapter, program: str, policy: str, named: str) -> None:
        before = files(sandbox)
        outcome = up(sandbox, program=PROGRAMS / program, pack=CHECKOUT / "policies", stack="sandbox-bad")
        assert files(sandbox) == before
        assert not outcome.applied
        assert outcome.is_refused
        assert named in told(outcome, policy)


def test_too_many_users_leave_every_file_as_it_is(sandbox: SandboxPaths, first: Chapter) -> None:
    before = files(sandbox)
    refused = workshop(sandbox, "up", "--users", "61")
    assert refused.exit_code == 1
    assert refused.document["violations"][0]["policy"] == "rules/users-ceiling"
    assert files(sandbox) == before


def test_an_image_that_is_missing_is_refused_by_the_command_and_leaves_every_file_as_it_is(
    sandbox: SandboxPaths, first: Chapter
) -> None:
    with without_the_image(sandbox, "us-west-2"):
        before = files(sandbox)
        refused = workshop(sandbox, "up", "--users", "25")
        assert files(sandbox) == before
    assert refused.exit_code == 1
    assert {violation["policy"] for violation in refused.document["violations"]} >= {"rules/image-parity"}
