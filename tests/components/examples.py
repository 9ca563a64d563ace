"""Examples of every component: the contract holds for EXAMPLES; VARIANTS add what other args declare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pulumi import ResourceHook, ResourceHookArgs, ResourceHookBinding, ResourceOptions

from components.admission import Admission, AdmissionArgs
from components.coder_proxy import CoderProxy, CoderProxyArgs
from components.coder_server import CoderServer, CoderServerArgs
from components.component import Component
from components.dns_records import DnsRecord, DnsRecords, DnsRecordsArgs
from components.event.admission import EventAdmission
from components.event.dead_man import DeadMan
from components.event.door import Door
from components.event.keeper import Keeper
from components.event.keeper_access import KeeperAccess
from components.event.keeper_rights import KeeperRights
from components.event.keeper_role import KeeperRole
from components.event.namespace import EventNamespace
from components.event.saved_work import SavedWork
from components.event.workspace_bounds import WorkspaceBounds
from components.exporter import Exporter
from components.image_mirror import ImageMirror, ImageMirrorRoles
from components.image_registry import Destination, ImageRegistry, ImageRegistryArgs, Replication
from components.litellm import LiteLLM, LiteLLMArgs
from components.monitoring.alert_rules import AlertRules
from components.monitoring.dashboards import Dashboards
from components.monitoring.exporter_rights import ExporterRights, ExporterRole
from components.monitoring.scraping import Scraping
from components.previous_node_pool import PreviousNodePool, PreviousNodePoolArgs
from components.provisioners import Provisioners, ProvisionersArgs
from components.queue_scaling import QueueScaling
from components.rotation.admission import RotationAdmission
from components.rotation.auto_resume import RotationSwitch
from components.rotation.check import RotationCheck
from components.rotation.copies import RotationCopies
from components.rotation.issue import RotationIssue
from components.rotation.key import RotationKey
from components.rotation.namespace import RotationNamespace
from components.rotation.network import RotationNetwork
from components.rotation.revoke import RotationRevocation
from components.rotation.suspension import RotationSuspension
from components.rotation.verified import RotationVerified
from components.warm_nodes import WarmNodes
from components.workspace_nodes import WorkspaceNodes, WorkspaceNodesArgs
from tests.components import event_examples, monitoring_examples, rotation_examples
from tests.components.mirror_examples import MIRROR, MIRROR_ROLES
from tests.components.scaling_examples import EXPORTER, QUEUE_SCALING
from tests.components.warm_example import WARM
from workshop.model.names import MARK
from workshop.model.plan.workloads import Deployment
from workshop.model.window.disruption import Hold
from workshop.model.window.drift import LiveNodes

DIGEST = f"sha256:{'ab' * 32}"
CODER = Deployment(namespace="coder", name="coder", container="coder")
REPOSITORY = "123456789012.dkr.ecr.us-east-2.amazonaws.com/coder-preview"
OBSERVED = {"us-east-2": DIGEST, "us-west-2": DIGEST}

PROVISIONERS = ProvisionersArgs(
    replicas={"coder": 12, "demo": 2},
    deployments={
        "coder": Deployment(namespace="coder-ws", name="coder-provisioner", container="coder-provisioner"),
        "demo": Deployment(namespace="coder-ws-demo", name="coder-provisioner", container="coder-provisioner"),
    },
)
LITELLM = LiteLLMArgs(replicas=6, deployment=Deployment(namespace="litellm", name="litellm", container="litellm"))
SERVER = CoderServerArgs(replicas=2, deployment=CODER, repository=REPOSITORY, digest=DIGEST, observed_digests=OBSERVED)
PROXY = CoderProxyArgs(replicas=3, deployment=CODER, repository=REPOSITORY, digest=DIGEST, observed_digests=OBSERVED)
NODES = WorkspaceNodesArgs(
    instance_types=("c6a.4xlarge", "m6a.4xlarge"),
    zones=("us-east-2c",),
    ami_family="Bottlerocket",
    ami_version="1.44.0",
    device="/dev/xvdb",
    volume_gib=224,
    max_pods=9,
    limit_vcpu=80,
    limit_memory_gib=320,
    node_role="coder-ohio-karpenter-node",
    subnet_tags={"subnet.coder.io/coder-ws-all/owned-by": "coder-ohio"},
    security_group_tags={"karpenter.sh/discovery": "coder-ohio"},
    adopt={},
    live=LiveNodes(),
    annotations={"ai-coder-workshop/phase": "running"},
    hold=Hold(schedule="0 17 30 11 *", duration="30h0m"),
)
ADMISSION = AdmissionArgs(
    action="warn",
    storage_gib=20,
    workspace_namespaces=("coder-ws", "coder-ws-demo"),
    coder=CODER,
)
PREVIOUS = PreviousNodePoolArgs(node_pool="coder-ws-all")
REGISTRY = ImageRegistryArgs(
    repositories=("base-ws", "coder-preview"),
    pinned_repository="coder-preview",
    replications=(
        Replication(destinations=(Destination(region="us-west-2", registry_id="123456789012"),), prefixes=("base-ws",)),
    ),
    adopt={},
)
RECORDS = DnsRecordsArgs(
    zone_id="0123456789abcdef0123456789abcdef",
    records=tuple(
        DnsRecord(
            resource=f"us-east-2-{child}",
            host=host,
            kind="CNAME",
            target="coder-ohio.elb.us-east-2.amazonaws.com",
            ttl_seconds=300,
            comment=MARK,
        )
        for child, host in (("host", "ai.coder.com"), ("wildcard", "*.ai.coder.com"))
    ),
    adopt={},
)


def allow(_args: ResourceHookArgs) -> None:
    """A hook that lets everything pass."""


def before_update(name: str) -> ResourceHookBinding:
    """One that lets everything pass, before a change."""
    return ResourceHookBinding(before_update=[ResourceHook(name, allow)])


@dataclass(frozen=True, kw_only=True)
class Example:
    """kind and args of a component, and the package whose provider serves its children. case: what is special."""

    kind: type[Component]
    args: object
    package: str
    declare: Callable[[ResourceOptions], Component]
    case: str = ""

    @property
    def id(self) -> str:
        """How tests name it."""
        return f"{self.kind.__name__}-{self.case}".rstrip("-")


def example(kind: type[Component], args: object, package: str = "kubernetes") -> Example:
    """One that takes its name, these args, and options."""
    declare: Any = kind
    return Example(kind=kind, args=args, package=package, declare=lambda opts: declare("us-east-2", args, opts))


EXAMPLES = (
    example(Provisioners, PROVISIONERS),
    example(LiteLLM, LITELLM),
    Example(
        kind=CoderServer,
        args=SERVER,
        package="kubernetes",
        declare=lambda opts: CoderServer("us-east-2", SERVER, before_update("is-seen"), opts),
    ),
    Example(
        kind=CoderProxy,
        args=PROXY,
        package="kubernetes",
        declare=lambda opts: CoderProxy("us-east-2", PROXY, before_update("works"), opts),
    ),
    Example(
        kind=WorkspaceNodes,
        args=NODES,
        package="kubernetes",
        declare=lambda opts: WorkspaceNodes("us-east-2", NODES, ResourceHook("is-empty", allow), opts),
    ),
    example(WarmNodes, WARM),
    example(Exporter, EXPORTER),
    example(AlertRules, monitoring_examples.ALERT_RULES),
    example(Dashboards, monitoring_examples.DASHBOARDS),
    example(Scraping, monitoring_examples.SCRAPING),
    example(ExporterRights, monitoring_examples.RIGHTS),
    example(ExporterRole, monitoring_examples.ROLE, "aws"),
    example(QueueScaling, QUEUE_SCALING),
    example(PreviousNodePool, PREVIOUS),
    example(Admission, ADMISSION),
    example(ImageRegistry, REGISTRY, "aws"),
    example(ImageMirrorRoles, MIRROR_ROLES, "aws"),
    example(ImageMirror, MIRROR),
    example(DnsRecords, RECORDS, "cloudflare"),
    example(RotationKey, rotation_examples.KEY, "aws"),
    example(RotationIssue, rotation_examples.ISSUE),
    example(RotationNamespace, rotation_examples.NAMESPACE),
    example(RotationCopies, rotation_examples.COPIES),
    example(RotationSwitch, rotation_examples.SWITCH),
    example(RotationSuspension, rotation_examples.SUSPENSION),
    example(RotationVerified, rotation_examples.VERIFIED),
    example(RotationCheck, rotation_examples.CHECK),
    example(RotationRevocation, rotation_examples.REVOCATION),
    example(RotationAdmission, rotation_examples.ADMISSION),
    example(RotationNetwork, rotation_examples.NETWORK),
    example(SavedWork, event_examples.SAVED_WORK, "aws"),
    example(KeeperRole, event_examples.ROLE, "aws"),
    example(KeeperAccess, event_examples.ACCESS, "aws"),
    example(EventNamespace, event_examples.EVENT_NAMESPACE),
    example(KeeperRights, event_examples.RIGHTS),
    example(Door, event_examples.DOOR),
    example(Keeper, event_examples.KEEPER_ARGS),
    example(EventAdmission, event_examples.ADMISSION),
    example(WorkspaceBounds, event_examples.BOUNDS),
    example(DeadMan, event_examples.DEAD_MAN),
)
