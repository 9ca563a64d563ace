"""Patches: each owns what this project decides of an object that Terraform or Helm made, and nothing else of it.

One patch an object: the provider keeps a patch's annotations on the object itself, so two of them would take each
other's manager for their own, run after run.
"""

from __future__ import annotations

from pulumi import ResourceOptions
from pulumi_kubernetes.apps.v1 import DeploymentPatch, DeploymentSpecPatchArgs
from pulumi_kubernetes.core.v1 import ContainerPatchArgs, PodSpecPatchArgs, PodTemplateSpecPatchArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaPatchArgs

from workshop.model.names import FIELD_MANAGER
from workshop.model.plan.workloads import Deployment


def patch_annotations(field: str) -> dict[str, str]:
    """Annotations of a forced patch. field: what it owns, which its manager is named for.

    Helm owns the field, so the patch is refused unless forced; the manager's name is random unless set.
    """
    return {
        "pulumi.com/patchForce": "true",
        "pulumi.com/patchFieldManager": f"{FIELD_MANAGER}-{field}",
    }


def replica_patch(name: str, deployment: Deployment, replicas: int, opts: ResourceOptions) -> DeploymentPatch:
    """Owns the number of pods."""
    return _patch(name, deployment, "replicas", DeploymentSpecPatchArgs(replicas=replicas), opts)


def release_patch(
    name: str, deployment: Deployment, replicas: int, image: str, opts: ResourceOptions
) -> DeploymentPatch:
    """Owns the number of pods and one container's image. Containers merge by name: a wrong name would add one."""
    container = ContainerPatchArgs(name=deployment.container, image=image)
    template = PodTemplateSpecPatchArgs(spec=PodSpecPatchArgs(containers=[container]))
    spec = DeploymentSpecPatchArgs(replicas=replicas, template=template)
    return _patch(name, deployment, "replicas-and-image", spec, opts)


def _patch(
    name: str, deployment: Deployment, field: str, spec: DeploymentSpecPatchArgs, opts: ResourceOptions
) -> DeploymentPatch:
    # Retained: with nobody owning the number any more the server would fall back to its default, one replica.
    retained = ResourceOptions.merge(opts, ResourceOptions(retain_on_delete=True))
    metadata = ObjectMetaPatchArgs(
        namespace=deployment.namespace, name=deployment.name, annotations=patch_annotations(field)
    )
    return DeploymentPatch(name, metadata=metadata, spec=spec, opts=retained)
