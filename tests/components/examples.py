"""Examples of every component: the contract holds for EXAMPLES; VARIANTS add what other args declare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pulumi import ResourceHook, ResourceHookArgs, ResourceOptions

from components.admission import Admission, AdmissionArgs
from components.coder_proxy import CoderProxy, CoderProxyArgs
from components.coder_server import CoderServer, CoderServerArgs
from components.component import Component
from components.dns_records import DnsRecord, DnsRecords, DnsRecordsArgs
from components.event.admission import EventAdmission
from components.event.dead_man import DeadMan
from components.event.keeper import Keeper
from components.event.keeper_access import KeeperAccess
from components.event.keeper_rights import KeeperRights
from components.event.keeper_role import KeeperRole
from components.event.namespace import EventNamespace
from components.event.saved_work import SavedWork
from components.event.workspace_bounds import WorkspaceBounds
from components.image_registry import Destination, ImageRegistry, ImageRegistryArgs, Replication
from components.litellm import LiteLLM, LiteLLMArgs
from components.previous_node_pool import PreviousNodePool, PreviousNodePoolArgs
from components.provisioners import Provisioners, ProvisionersArgs
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
from tests.components import event_examples, rotation_examples
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
    """A deletion hook that lets everything go."""


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


EXAMPLES = (
    Example(
        kind=Provisioners,
        args=PROVISIONERS,
        package="kubernetes",
        declare=lambda opts: Provisioners("us-east-2", PROVISIONERS, opts),
    ),
    Example(kind=LiteLLM, args=LITELLM, package="kubernetes", declare=lambda opts: LiteLLM("us-east-2", LITELLM, opts)),
    Example(
        kind=CoderServer,
        args=SERVER,
        package="kubernetes",
        declare=lambda opts: CoderServer("us-east-2", SERVER, opts),
    ),
    Example(
        kind=CoderProxy, args=PROXY, package="kubernetes", declare=lambda opts: CoderProxy("us-east-2", PROXY, opts)
    ),
    Example(
        kind=WorkspaceNodes,
        args=NODES,
        package="kubernetes",
        declare=lambda opts: WorkspaceNodes("us-east-2", NODES, ResourceHook("is-empty", allow), opts),
    ),
    Example(
        kind=WarmNodes,
        args=WARM,
        package="kubernetes",
        declare=lambda opts: WarmNodes("us-east-2", WARM, opts),
    ),
    Example(
        kind=PreviousNodePool,
        args=PREVIOUS,
        package="kubernetes",
        declare=lambda opts: PreviousNodePool("us-east-2", PREVIOUS, opts),
    ),
    Example(
        kind=Admission,
        args=ADMISSION,
        package="kubernetes",
        declare=lambda opts: Admission("us-east-2", ADMISSION, opts),
    ),
    Example(
        kind=ImageRegistry,
        args=REGISTRY,
        package="aws",
        declare=lambda opts: ImageRegistry("us-east-2", REGISTRY, opts),
    ),
    Example(
        kind=DnsRecords,
        args=RECORDS,
        package="cloudflare",
        declare=lambda opts: DnsRecords("us-east-2", RECORDS, opts),
    ),
    Example(
        kind=RotationKey,
        args=rotation_examples.KEY,
        package="aws",
        declare=lambda opts: RotationKey("us-east-2", rotation_examples.KEY, opts),
    ),
    Example(
        kind=RotationIssue,
        args=rotation_examples.ISSUE,
        package="kubernetes",
        declare=lambda opts: RotationIssue("us-east-2", rotation_examples.ISSUE, opts),
    ),
    Example(
        kind=RotationNamespace,
        args=rotation_examples.NAMESPACE,
        package="kubernetes",
        declare=lambda opts: RotationNamespace("us-east-2", rotation_examples.NAMESPACE, opts),
    ),
    Example(
        kind=RotationCopies,
        args=rotation_examples.COPIES,
        package="kubernetes",
        declare=lambda opts: RotationCopies("us-east-2", rotation_examples.COPIES, opts),
    ),
    Example(
        kind=RotationSwitch,
        args=rotation_examples.SWITCH,
        package="kubernetes",
        declare=lambda opts: RotationSwitch("us-east-2", rotation_examples.SWITCH, opts),
    ),
    Example(
        kind=RotationSuspension,
        args=rotation_examples.SUSPENSION,
        package="kubernetes",
        declare=lambda opts: RotationSuspension("us-east-2", rotation_examples.SUSPENSION, opts),
    ),
    Example(
        kind=RotationVerified,
        args=rotation_examples.VERIFIED,
        package="kubernetes",
        declare=lambda opts: RotationVerified("us-east-2", rotation_examples.VERIFIED, opts),
    ),
    Example(
        kind=RotationCheck,
        args=rotation_examples.CHECK,
        package="kubernetes",
        declare=lambda opts: RotationCheck("us-east-2", rotation_examples.CHECK, opts),
    ),
    Example(
        kind=RotationRevocation,
        args=rotation_examples.REVOCATION,
        package="kubernetes",
        declare=lambda opts: RotationRevocation("us-east-2", rotation_examples.REVOCATION, opts),
    ),
    Example(
        kind=RotationAdmission,
        args=rotation_examples.ADMISSION,
        package="kubernetes",
        declare=lambda opts: RotationAdmission("us-east-2", rotation_examples.ADMISSION, opts),
    ),
    Example(
        kind=RotationNetwork,
        args=rotation_examples.NETWORK,
        package="kubernetes",
        declare=lambda opts: RotationNetwork("us-east-2", rotation_examples.NETWORK, opts),
    ),
    Example(
        kind=SavedWork,
        args=event_examples.SAVED_WORK,
        package="aws",
        declare=lambda opts: SavedWork("us-east-2", event_examples.SAVED_WORK, opts),
    ),
    Example(
        kind=KeeperRole,
        args=event_examples.ROLE,
        package="aws",
        declare=lambda opts: KeeperRole("us-east-2", event_examples.ROLE, opts),
    ),
    Example(
        kind=KeeperAccess,
        args=event_examples.ACCESS,
        package="aws",
        declare=lambda opts: KeeperAccess("us-east-2", event_examples.ACCESS, opts),
    ),
    Example(
        kind=EventNamespace,
        args=event_examples.EVENT_NAMESPACE,
        package="kubernetes",
        declare=lambda opts: EventNamespace("us-east-2", event_examples.EVENT_NAMESPACE, opts),
    ),
    Example(
        kind=KeeperRights,
        args=event_examples.RIGHTS,
        package="kubernetes",
        declare=lambda opts: KeeperRights("us-east-2", event_examples.RIGHTS, opts),
    ),
    Example(
        kind=Keeper,
        args=event_examples.KEEPER_ARGS,
        package="kubernetes",
        declare=lambda opts: Keeper("us-east-2", event_examples.KEEPER_ARGS, opts),
    ),
    Example(
        kind=EventAdmission,
        args=event_examples.ADMISSION,
        package="kubernetes",
        declare=lambda opts: EventAdmission("us-east-2", event_examples.ADMISSION, opts),
    ),
    Example(
        kind=WorkspaceBounds,
        args=event_examples.BOUNDS,
        package="kubernetes",
        declare=lambda opts: WorkspaceBounds("us-east-2", event_examples.BOUNDS, opts),
    ),
    Example(
        kind=DeadMan,
        args=event_examples.DEAD_MAN,
        package="kubernetes",
        declare=lambda opts: DeadMan("us-east-2", event_examples.DEAD_MAN, opts),
    ),
)
