"""What mirrors images (docs/images.md): declared where workshop:mirror is set, in the control plane's cluster."""

from __future__ import annotations

from pulumi import ResourceOptions

from components.image_mirror import ImageMirror, ImageMirrorArgs, ImageMirrorRoles, ImageMirrorRolesArgs
from workshop.model.images.mirroring import mirror_request
from workshop.model.images.sources import sources
from workshop.model.names import IMAGE_MIRROR
from workshop.model.settings.regions import Role
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.observe.providers import Providers


def declare_image_mirror(settings: Settings, providers: Providers) -> None:
    """The roles, then what takes one of them on."""
    if settings.mirror is None:
        return
    home = next(region for region in settings.regions if region.role is Role.CONTROL_PLANE)
    account = given(settings.account)
    roles = ImageMirrorRolesArgs(
        account=account,
        oidc_issuer=given(home.cluster.oidc_issuer),
        regions=tuple(region.name for region in settings.regions),
        repositories=tuple(source.image.repository for source in sources(settings)),
        permissions_boundary=settings.rotation.permissions_boundary,
    )
    declared = ImageMirrorRoles(home.name, roles, ResourceOptions(provider=providers.aws[home.name]))
    args = ImageMirrorArgs(
        image=given(settings.rotation.image),
        request=mirror_request(settings).text(),
        schedule=settings.mirror.schedule,
        role_arn=f"arn:aws:iam::{account}:role/{IMAGE_MIRROR}",
    )
    in_cluster = ResourceOptions(provider=providers.kubernetes[home.name], depends_on=[declared])
    ImageMirror(home.name, args, in_cluster)
