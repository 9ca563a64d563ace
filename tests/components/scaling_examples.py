"""Args of what lets provisioners follow the queue, for the contract test."""

from __future__ import annotations

from dataclasses import replace

from components.exporter import ExporterArgs
from components.queue_scaling import QueueScalingArgs
from tests.components.rotation_examples import IMAGE
from workshop.model.plan.workloads import Deployment

EXPORTER = ExporterArgs(
    image=IMAGE,
    request="{}",
    port=8080,
    token_variable="CODER_SESSION_TOKEN",
    secret_name="exporter-coder",
    secret_key="token",
    ports=(),
    coder_namespace="coder",
    readers=("keda",),
)
FROM_AFAR = replace(EXPORTER, ports=(443,), coder_namespace=None)
QUEUE_SCALING = QueueScalingArgs(
    deployment=Deployment(namespace="coder-ws", name="coder-provisioner", container="coder-provisioner"),
    floor=12,
    baseline=6,
    ceiling=60,
    drain_seconds=600,
    url="http://ai-coder-workshop-exporter.ai-coder-workshop-exporter.svc.cluster.local/queue/us-east-2",
)
