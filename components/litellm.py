"""LiteLLM: how many pods proxy the participants' requests to language models."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ResourceOptions

from components.component import Component
from components.patches import replica_patch
from workshop.model.plan.workloads import Deployment


@dataclass(frozen=True, kw_only=True)
class LiteLLMArgs:
    """replicas: pods, from the plan; deployment: where they run."""

    replicas: int
    deployment: Deployment


class LiteLLM(Component):
    """Declares how many LiteLLM pods run; owns that number and nothing else.

    Outputs: replicas (pods).
    """

    def __init__(self, name: str, args: LiteLLMArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        replica_patch(self.child_name("litellm-replicas"), args.deployment, args.replicas, self.child_options())
        self.register_outputs({"replicas": args.replicas})
