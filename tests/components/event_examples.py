"""Args of what an event leaves to run, for the contract test: those of the sandbox's control plane."""

from __future__ import annotations

from components.event.admission import EventAdmissionArgs
from components.event.dead_man import DeadManArgs
from components.event.door import DoorArgs
from components.event.keeper import KeeperArgs
from components.event.keeper_access import KeeperAccessArgs
from components.event.keeper_rights import KeeperRightsArgs
from components.event.keeper_role import KeeperRoleArgs
from components.event.namespace import EventNamespaceArgs
from components.event.saved_work import SavedWorkArgs
from components.event.workspace_bounds import WorkspaceBoundsArgs
from tests.components.rotation_examples import IMAGE

NAMESPACE = "ai-coder-workshop-event"
KEEPER = "ai-coder-workshop-keeper"
BUCKET = "ai-coder-workshop-123456789012-october"
POOL = "workshop-workspaces"
ROLE_ARN = f"arn:aws:iam::123456789012:role/{KEEPER}"

SAVED_WORK = SavedWorkArgs(bucket=BUCKET, days=31, adopt={})
ROLE = KeeperRoleArgs(
    account="123456789012",
    role=KEEPER,
    oidc_issuer="oidc.eks.us-east-2.amazonaws.com/id/0123",
    namespace=NAMESPACE,
    service_account=KEEPER,
    bucket=BUCKET,
    regions=("us-east-2", "us-west-2"),
    node_pool=POOL,
    clusters=("arn:aws:eks:us-west-2:123456789012:cluster/coder-oregon",),
)
ACCESS = KeeperAccessArgs(cluster="coder-oregon", role_arn=ROLE_ARN, user=KEEPER)
EVENT_NAMESPACE = EventNamespaceArgs(namespace=NAMESPACE, ports=(80, 443, 4000, 5432), namespaces=("coder", "litellm"))
RIGHTS = KeeperRightsArgs(
    keeper=KEEPER,
    account_namespace=NAMESPACE,
    namespace=NAMESPACE,
    heartbeat=KEEPER,
    workspace_namespaces=("coder-ws", "coder-ws-demo"),
    node_pool=POOL,
)
KEEPER_ARGS = KeeperArgs(
    keeper=KEEPER,
    namespace=NAMESPACE,
    image=IMAGE,
    request="{}",
    role_arn=ROLE_ARN,
    secrets={"CODER_SESSION_TOKEN": ("keeper-coder", "token"), "WORKSHOP_EVENT_DATABASE": ("keeper-database", "url")},
    mail_templates={"thanks.txt": "Subject: Thank you\n\nThank you."},
)
DOOR = DoorArgs(
    door="ai-coder-workshop-door",
    namespace=NAMESPACE,
    host="join.coder.com",
    image=IMAGE,
    request="{}",
    port=8080,
    health_path="/healthz",
    database_port=5432,
    secrets={"WORKSHOP_EVENT_DATABASE": ("door-database", "url")},
    ingress_class="alb",
    certificate_arn="arn:aws:acm:us-east-2:123456789012:certificate/0123",
    certificate_secret=None,
)
ADMISSION = EventAdmissionArgs(
    users=(f"system:serviceaccount:{NAMESPACE}:{KEEPER}", f"system:serviceaccount:{NAMESPACE}:event-dead-man"),
    workspace_namespaces=("coder-ws", "coder-ws-demo"),
    container="dev",
    provisioners=("coder-provisioner",),
    node_pool=POOL,
)
DEAD_MAN = DeadManArgs(
    image=IMAGE,
    request="{}",
    namespace=NAMESPACE,
    service_account="event-dead-man",
    schedule="*/5 * * * *",
    heartbeat=KEEPER,
    node_pool=POOL,
)
BOUNDS = WorkspaceBoundsArgs(
    vcpu=4, memory_gib=8, storage_gib=20, namespaces=("coder-ws", "coder-ws-experiment", "coder-ws-demo")
)
