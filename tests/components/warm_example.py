"""Args of nodes that stand ready, for the contract test: those of the sandbox's control plane."""

from __future__ import annotations

from components.warm_nodes import WarmNodesArgs
from tests.components.rotation_examples import IMAGE

_DIGEST = f"sha256:{'ab' * 32}"

WARM = WarmNodesArgs(
    image=IMAGE,
    pull_secrets=("registry",),
    images=(f"ghcr.io/example/base@{_DIGEST}", f"ghcr.io/example/claude@{_DIGEST}"),
    node_pool="workshop-workspaces",
    cpu="12",
    memory="24Gi",
    ephemeral_storage="60Gi",
    request="{}",
    schedule="* 10-11 2 10 *",
    service_account="warm-nodes",
)
