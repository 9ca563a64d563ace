"""Patches: each owns one field of an object that Terraform or Helm made, and nothing else of it."""

from __future__ import annotations

from pulumi import ResourceOptions
from pulumi_kubernetes.apps.v1 import DeploymentPatch, DeploymentSpecPatchArgs
from pulumi_kubernetes.core.v1 import ContainerPatchArgs, PodSpecPatchArgs, PodTemplateSpecPatchArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaPatchArgs

from workshop.model.names import FIELD_MANAGER
from workshop.model.workloads import Deployment


def patch_annotations(field: str) -> dict[str, str]:
    """Annotations of a forced patch of one field.

    Helm owns the field, so the patch is refused unless forced; the manager's name is random unless set. One manager
    a field, since server-side apply drops what a manager's next patch of the same object leaves out.
    """
    return {
        "pulumi.com/patchForce": "true",
        "pulumi.com/patchFieldManager": f"{FIELD_MANAGER}-{field}",
    }


def replica_patch(name: str, deployment: Deployment, replicas: int, opts: ResourceOptions) -> DeploymentPatch:
    """Owns the number of pods."""
    return _patch(name, deployment, "replicas", DeploymentSpecPatchArgs(replicas=replicas), opts)


def image_patch(name: str, deployment: Deployment, image: str, opts: ResourceOptions) -> DeploymentPatch:
    """Owns the image of one container. Containers merge by name: a wrong name would add one."""
    container = ContainerPatchArgs(name=deployment.container, image=image)
    template = PodTemplateSpecPatchArgs(spec=PodSpecPatchArgs(containers=[container]))
    return _patch(name, deployment, "image", DeploymentSpecPatchArgs(template=template), opts)


def _patch(
    name: str, deployment: Deployment, field: str, spec: DeploymentSpecPatchArgs, opts: ResourceOptions
) -> DeploymentPatch:
    # Retained: with nobody owning the field any more the server would fall back to its default, one replica.
    retained = ResourceOptions.merge(opts, ResourceOptions(retain_on_delete=True))
    metadata = ObjectMetaPatchArgs(
        namespace=deployment.namespace, name=deployment.name, annotations=patch_annotations(field)
    )
    return DeploymentPatch(name, metadata=metadata, spec=spec, opts=retained)
