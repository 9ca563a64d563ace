"""image-pinned: every image that the stack declares is named by its digest."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import CONFIGURATION
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.resources.images import declared_images

CLOUD_KINDS = frozenset(
    {
        "aws:lambda/function:Function",
        "aws:apprunner/service:Service",
        "docker:index/container:Container",
        "docker:index/service:Service",
    }
)


def declares_images(token: str) -> bool:
    """Whether resources of this type run container images: every Kubernetes object, and a few others."""
    return (token.startswith("kubernetes:") and not CONFIGURATION(token)) or token in CLOUD_KINDS


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """Each image that has no digest."""
    for image in declared_images(declared):
        if image.digest is None:
            yield Problem(
                problem=f"{image.path} is '{image.text}', which has no digest",
                fix=f"declare it as {image.text}@sha256:DIGEST (find it with crane digest {image.text})",
            )


IMAGE_PINNED = Policy(
    id="image-pinned",
    title="Every image is named by its digest.",
    why="a tag can move between two pods' starts, so that they run different code",
    fix="Append @sha256:DIGEST to the image, with the digest of the image index.",
    source="facts of 30 September: `latest` was pulled at different times; Kubernetes documentation, Images",
    applies_to=declares_images,
    judge=judge,
    is_general=True,
)
