"""Provisioners of one organization in one region that follow its queue of builds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pulumi import ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource

from components.component import Component
from workshop.model.names import MANAGED_BY_LABEL, MARK, QUEUE_SCALER
from workshop.model.plan.scaling import MARGIN, POLL_SECONDS
from workshop.model.plan.workloads import Deployment

FORMULA: Final = f"(pending + running) * {float(MARGIN)}"

_FAILURES: Final = 3
"""After which KEDA falls back: most of a minute, in which the last number holds."""


@dataclass(frozen=True, kw_only=True)
class QueueScalingArgs:
    """deployment: whose pods. floor, ceiling: how many at least and at most; baseline: at least,
    outside the window. drain_seconds: of one that goes.

    url: where the exporter answers with the queue of this region.
    """

    deployment: Deployment
    floor: int
    baseline: int
    ceiling: int
    drain_seconds: int
    url: str


class QueueScaling(Component):
    """Declares the ScaledObject by which KEDA scales a Deployment, between the plan's numbers.

    Up at once, as far as the queue asks; down when so few were enough for a whole drain. Without an answer of the
    exporter's nothing is taken away. Deleted, it leaves as many pods as there are.

    Outputs: scaled_object (its name in the cluster).
    """

    def __init__(self, name: str, args: QueueScalingArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        CustomResource(
            self.child_name("queue-scaling"),
            api_version="keda.sh/v1alpha1",
            kind="ScaledObject",
            metadata={
                "name": QUEUE_SCALER,
                "namespace": args.deployment.namespace,
                "labels": {MANAGED_BY_LABEL: MARK},
                # Forced: the auto-resume CronJob may have lowered the floor.
                "annotations": {"pulumi.com/patchForce": "true"},
            },
            spec=_spec(args),
            opts=self.child_options(),
        )
        self.register_outputs({"scaled_object": QUEUE_SCALER})


def _spec(args: QueueScalingArgs) -> dict[str, Any]:
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": args.deployment.name},
        "minReplicaCount": args.floor,
        "maxReplicaCount": args.ceiling,
        "pollingInterval": POLL_SECONDS,
        "fallback": {"failureThreshold": _FAILURES, "replicas": args.baseline, "behavior": "currentReplicasIfHigher"},
        "advanced": {
            "restoreToOriginalReplicaCount": False,
            "scalingModifiers": {"formula": FORMULA, "target": "1", "metricType": "AverageValue"},
            "horizontalPodAutoscalerConfig": {"behavior": _behavior(args)},
        },
        "triggers": [_trigger(args.url, "pending"), _trigger(args.url, "running")],
    }


def _behavior(args: QueueScalingArgs) -> dict[str, Any]:
    at_once = {"type": "Pods", "value": args.ceiling, "periodSeconds": POLL_SECONDS}
    return {
        "scaleUp": {"stabilizationWindowSeconds": 0, "policies": [at_once]},
        "scaleDown": {"stabilizationWindowSeconds": args.drain_seconds, "policies": [at_once]},
    }


def _trigger(url: str, value: str) -> dict[str, Any]:
    """Both numbers are of one look of the exporter's; it needs no credential."""
    return {
        "type": "metrics-api",
        "name": value,
        "metricType": "AverageValue",
        "metadata": {"url": url, "format": "json", "valueLocation": value, "targetValue": "1"},
    }
