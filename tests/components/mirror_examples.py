"""Args of what mirrors images, for the contract test."""

from __future__ import annotations

from components.image_mirror import ImageMirrorArgs, ImageMirrorRolesArgs
from tests.components.rotation_examples import IMAGE

MIRROR_ROLES = ImageMirrorRolesArgs(
    account="123456789012",
    oidc_issuer="oidc.eks.us-east-2.amazonaws.com/id/1",
    regions=("us-east-2", "us-west-2"),
    repositories=("coder-preview", "base-ws"),
    permissions_boundary="workshop-boundary",
)
MIRROR = ImageMirrorArgs(
    image=IMAGE,
    request="{}",
    schedule="17 */6 * * *",
    role_arn="arn:aws:iam::123456789012:role/ai-coder-workshop-image-mirror",
)
