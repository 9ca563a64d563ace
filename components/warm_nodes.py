"""Nodes that stand ready before people come, in one region's cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pulumi_kubernetes as kubernetes
from pulumi import Resource, ResourceOptions
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs
from pulumi_kubernetes.batch.v1 import CronJobSpecArgs, JobTemplateSpecArgs
from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    ContainerArgs,
    EmptyDirVolumeSourceArgs,
    LocalObjectReferenceArgs,
    PodAffinityTermArgs,
    PodAntiAffinityArgs,
    PodSchedulingGateArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ResourceRequirementsArgs,
    TolerationArgs,
    TopologySpreadConstraintArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components.admission_policies import by_accounts, constraints, declare_policy
from components.component import Component
from components.network_policies import declare_network_policy
from components.pods import container, grant, job_spec, metadata, pod, restricted_pod, service_account
from workshop.model.names import MANAGED_BY_LABEL, MARK, NODE_TAINT, WARM_GATE, WARM_NODES

_MODULE: Final = "workshop.warm"
_HTTPS: Final = 443
_FOLDER: Final = "/warm"
_PROGRAM: Final = f"{_FOLDER}/done"
_A_DAY: Final = "86400"
_LABELS: Final = {MANAGED_BY_LABEL: MARK, "app.kubernetes.io/name": WARM_NODES}
_OURS: Final = LabelSelectorArgs(match_labels=_LABELS)
_OPENING: Final = f"{MARK}-warm-open"
_VALUE: Final = -10
"""Below every pod that says nothing of its priority, which has 0."""


@dataclass(frozen=True, kw_only=True)
class WarmNodesArgs:
    """image: of the project. images: that workspaces run. pull_secrets: with which they are pulled.

    node_pool: whose nodes are started. cpu, memory, ephemeral_storage: of all workspaces that share a node, as
    Kubernetes writes quantities. request and schedule: of the CronJob. service_account: under which it scales the
    Deployment.
    """

    image: str
    images: tuple[str, ...]
    pull_secrets: tuple[str, ...]
    node_pool: str
    cpu: str
    memory: str
    ephemeral_storage: str
    request: str
    schedule: str
    service_account: str


class WarmNodes(Component):
    """Declares a Deployment of no pods, each of which takes a whole node, and a CronJob that scales it for a while.

    The number of pods is the CronJob's from then on. The pods pull images and make room for whoever comes early; they
    are alone in a namespace of their own, where nobody's ServiceAccount is to be borrowed but the CronJob's.

    Outputs: deployment and cron_job (their names in the cluster).
    """

    def __init__(self, name: str, args: WarmNodesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        namespace = kubernetes.core.v1.Namespace(
            self.child_name("warm-namespace"),
            metadata=metadata(WARM_NODES, labels={"pod-security.kubernetes.io/enforce": "restricted"}),
            opts=self.child_options(),
        )
        inside = self.child_options(depends_on=[namespace])
        declare_network_policy(self, "warm-network", WARM_NODES, (_HTTPS,), (), inside)
        priority = kubernetes.scheduling.v1.PriorityClass(
            self.child_name("warm-priority"),
            metadata=metadata(WARM_NODES),
            value=_VALUE,
            preemption_policy="Never",
            description="Pods that hold nodes for workspaces which are to come.",
            opts=self.child_options(),
        )
        deployment = kubernetes.apps.v1.Deployment(
            self.child_name("warm-nodes"),
            metadata=metadata(WARM_NODES, WARM_NODES, annotations={"pulumi.com/skipAwait": "true"}),
            spec=DeploymentSpecArgs(
                replicas=0,
                revision_history_limit=0,
                # A pod more, as a rolling update has for a while, would start a node more.
                strategy=DeploymentStrategyArgs(type="Recreate"),
                selector=_OURS,
                template=PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=_LABELS), spec=_pod(args)),
            ),
            opts=self.child_options(depends_on=[namespace, priority], ignore_changes=["spec.replicas"]),
        )
        self._declare_cron_job(args, [namespace, deployment])
        self.register_outputs({"deployment": WARM_NODES, "cron_job": WARM_NODES})

    def _declare_cron_job(self, args: WarmNodesArgs, after: list[Resource]) -> None:
        """What scales the Deployment, and its rights: that one number, and to see what is there."""
        account = (WARM_NODES, args.service_account)
        spec = _opening(args.service_account)
        bound = declare_policy(self, _OPENING, spec, {"policyName": _OPENING, "validationActions": ["Deny"]})
        first = [*after, *bound, service_account(self, args.service_account, WARM_NODES, after=after)]
        scale = {"api_groups": ["apps"], "resources": ["deployments/scale"], "resource_names": [WARM_NODES]}
        pods = {"api_groups": [""], "resources": ["pods"], "verbs": ["list", "patch"]}
        first += grant(self, account, WARM_NODES, [{**scale, "verbs": ["get", "patch"]}, pods], after)
        first += grant(self, account, None, [{"api_groups": [""], "resources": ["nodes"], "verbs": ["list"]}])
        only = pod(args.image, "up", args.request, args.service_account, module=_MODULE)
        kubernetes.batch.v1.CronJob(
            self.child_name("warm-cron-job"),
            metadata=metadata(WARM_NODES, WARM_NODES),
            spec=CronJobSpecArgs(
                schedule=args.schedule,
                time_zone="Etc/UTC",
                concurrency_policy="Forbid",
                # Of what was missed while the API was down, only the last run matters.
                starting_deadline_seconds=300,
                successful_jobs_history_limit=1,
                failed_jobs_history_limit=3,
                job_template=JobTemplateSpecArgs(spec=job_spec(only, backoff_limit=0)),
            ),
            opts=self.child_options(depends_on=first),
        )


def _opening(service_account: str) -> dict[str, Any]:
    """Of the pods that it may patch, the CronJob's account takes the gate away and no more: not their images."""
    same = ("containers", "?initContainers", "?ephemeralContainers", "serviceAccountName", "tolerations")
    return {
        **constraints("", "v1", "pods", "UPDATE", namespaces=(WARM_NODES,)),
        "matchConditions": [by_accounts(WARM_NODES, service_account)],
        "validations": [
            {
                "expression": " && ".join(f"object.spec.{one} == oldObject.spec.{one}" for one in same),
                "message": "this account takes the gate from before a pod, and changes nothing else of it",
            }
        ],
    }


def _pod(args: WarmNodesArgs) -> PodSpecArgs:
    """Takes a node, all of it and no other's; a zone without capacity must not stop it."""
    main = container(args.image, "stay", _A_DAY, module=_MODULE)
    wanted = {"cpu": args.cpu, "memory": args.memory, "ephemeral-storage": args.ephemeral_storage}
    main.resources = ResourceRequirementsArgs(requests=wanted)
    folder = VolumeArgs(name="warm", empty_dir=EmptyDirVolumeSourceArgs(size_limit="1Mi"))
    spec = restricted_pod(main, "default", restart_policy="Always", volumes=[folder])
    spec.automount_service_account_token = False
    spec.priority_class_name = WARM_NODES
    spec.scheduling_gates = [PodSchedulingGateArgs(name=WARM_GATE)]
    spec.termination_grace_period_seconds = 0
    spec.node_selector = {"karpenter.sh/nodepool": args.node_pool}
    spec.tolerations = [
        TolerationArgs(key=NODE_TAINT["key"], operator="Equal", value=NODE_TAINT["value"], effect=NODE_TAINT["effect"])
    ]
    alone = PodAffinityTermArgs(topology_key="kubernetes.io/hostname", label_selector=_OURS)
    spec.affinity = AffinityArgs(
        pod_anti_affinity=PodAntiAffinityArgs(required_during_scheduling_ignored_during_execution=[alone])
    )
    spec.topology_spread_constraints = [
        TopologySpreadConstraintArgs(
            max_skew=1,
            topology_key="topology.kubernetes.io/zone",
            when_unsatisfiable="ScheduleAnyway",
            label_selector=_OURS,
        )
    ]
    spec.image_pull_secrets = [LocalObjectReferenceArgs(name=name) for name in args.pull_secrets] or None
    spec.init_containers = _pulling(args) if args.images else None
    return spec


def _pulling(args: WarmNodesArgs) -> list[ContainerArgs]:
    """One container an image, which the kubelet pulls for it; it runs a program of ours, as the image may have none."""
    mount = VolumeMountArgs(name="warm", mount_path=_FOLDER)
    first = container(args.image, "place", _PROGRAM, module=_MODULE)
    first.volume_mounts = [mount]
    pulling = [container(image, f"pull-{index}", "") for index, image in enumerate(args.images)]
    for one in pulling:
        one.command, one.args = [_PROGRAM], None
        one.volume_mounts = [VolumeMountArgs(name="warm", mount_path=_FOLDER, read_only=True)]
    return [first, *pulling]
