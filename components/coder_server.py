"""The Coder server: image and pods of the control plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import ResourceHookBinding, ResourceOptions

from components.component import Component
from components.patches import release_patch
from workshop.model.plan.workloads import Deployment


@dataclass(frozen=True, kw_only=True)
class CoderServerArgs:
    """What one region's server runs.

    repository: ECR repository in this region, with its registry's host; digest: the pinned index digest;
    observed_digests: by region, the digest that its registry answered, for policies to compare.
    """

    replicas: int
    deployment: Deployment
    repository: str
    digest: str
    observed_digests: Mapping[str, str]


class CoderServer(Component):
    """Declares which image the control plane runs, by digest from its own region, and in how many pods.

    hooks: before a change, whether anybody could see afterwards that it works; after it, where nothing follows, whether
    it does.

    Outputs: replicas (pods), image (reference by digest).
    """

    def __init__(
        self, name: str, args: CoderServerArgs, hooks: ResourceHookBinding, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__(name, args, opts)
        image = f"{args.repository}@{args.digest}"
        hooked = self.child_options(hooks=hooks)
        release_patch(self.child_name("server"), args.deployment, args.replicas, image, hooked)
        self.register_outputs({"replicas": args.replicas, "image": image})
