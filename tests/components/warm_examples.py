"""Arguments of the warm nodes' example."""

from __future__ import annotations

from components.warm_nodes import WarmNodesArgs
from tests.components import rotation_examples

DIGEST = f"sha256:{'ab' * 32}"

WARM = WarmNodesArgs(
    image=rotation_examples.IMAGE,
    images=(f"ghcr.io/example/base@{DIGEST}", f"ghcr.io/example/claude@{DIGEST}"),
    node_pool="workshop-workspaces",
    cpu="12",
    memory="24Gi",
    ephemeral_storage="60Gi",
    request="{}",
    schedule="* 10-11 2 10 *",
    service_account="warm-nodes",
)
