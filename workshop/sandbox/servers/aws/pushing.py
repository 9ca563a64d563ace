"""PutImage as ECR has it. moto refuses one without a tag where some tags may move, and deletes whom a tag leaves."""

from __future__ import annotations

from typing import Final

from workshop.sandbox.json_values import Json

_MEDIA_TYPE: Final = "application/vnd.oci.image.manifest.v1+json"


def put_image(
    backend: Json,
    repository_name: str,
    image_manifest: str,
    image_tag: str | None,
    image_manifest_mediatype: str | None = None,
    digest: str | None = None,
) -> Json:
    """In place of moto's ECRBackend.put_image."""
    from moto.ecr.exceptions import ImageAlreadyExistsException
    from moto.ecr.models import Image

    repository: Json = backend._get_repository(repository_name)
    same: Json = next((one for one in repository.images if one.image_manifest == image_manifest), None)
    if same and (image_tag is None or image_tag in same.image_tags):
        raise ImageAlreadyExistsException(
            registry_id=repository.registry_id,
            image_tag=image_tag or "",
            digest=same.get_image_digest(),
            repository_name=repository_name,
        )
    if image_tag is not None:
        for left in backend._resolve_image_tag_mutability(repository, image_tag):
            left.remove_tag(image_tag)
    if same:
        same.update_tag(image_tag)
        return same
    media_type = image_manifest_mediatype or _MEDIA_TYPE
    image: Json = Image(backend.account_id, image_tag or "", image_manifest, repository_name, media_type, digest)
    if image_tag is None:
        image.image_tag, image.image_tags = None, []
    repository.images.append(image)
    return image


def complete_moto() -> None:
    """Puts it in."""
    from moto.ecr.models import ECRBackend

    ecr: Json = ECRBackend
    ecr.put_image = put_image
