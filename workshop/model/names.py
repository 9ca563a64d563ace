"""Names and marks that this project puts on what it owns."""

MARK = "ai-coder-workshop"
"""Who owns it: label app.kubernetes.io/managed-by, tag managed-by, DNS comment, field manager."""


def record_mark(scope: str) -> str:
    """The mark in a DNS record's comment, one for each scope, so that a record has one owner."""
    return MARK if scope == "all" else f"{MARK}/{scope}"


def is_marked(comment: str, scope: str) -> bool:
    """Whether a DNS record's comment says that a stack of this scope owns it."""
    mark = record_mark(scope)
    return comment == mark or comment.endswith(f"({mark})")


MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
MANAGED_BY_TAG = "managed-by"
FIELD_MANAGER = MARK

PHASE_ANNOTATION = f"{MARK}/phase"
WINDOW_ANNOTATION = f"{MARK}/window"
USERS_ANNOTATION = f"{MARK}/users"
"""Annotations of our node pool: phase and window, where one is set, and for how many users it is."""

EVENT_ANNOTATION = f"{MARK}/event"
"""Of our node pool: the event that was declared with it, and until when its keeper and saved work are kept."""

STOPPED_ANNOTATION = f"{MARK}/stopped"
"""Of our node pool: the event for which it was stopped, and when. `up` leaves such a pool alone."""

EVENT_NAMESPACE = f"{MARK}-event"
"""Where the keeper of an event runs, and what stops its nodes when the keeper is silent."""

KEEPER = f"{MARK}-keeper"
"""The keeper's Deployment, ServiceAccount and IAM role, and its user in the other regions' clusters."""

WORKSPACE_BOUNDS = f"{MARK}-workspace-bounds"
"""The admission policy, and its binding, that refuse workspaces which are larger than an event has planned."""

DOOR = f"{MARK}-door"
"""The Deployment that serves people's page, and all that leads to it."""

DEAD_MAN = "event-dead-man"
"""The ServiceAccount of the CronJobs that stop the pool of an event whose keeper is silent."""

STOP_MANAGER = f"{FIELD_MANAGER}-stop"
"""Field manager of the limit by which an event's pool is stopped."""

WARM_NODES = f"{MARK}-warm"
"""The Deployment whose pods start nodes before people come, its namespace, and the PriorityClass of its pods."""

WARM_GATE = f"{MARK}/node-is-missing"
"""The scheduling gate of these pods: nothing starts a node for them until it is taken away."""

WARM_KEEPER = "warm-nodes"
"""The ServiceAccount of the CronJob that scales it."""

EXPORTER = f"{MARK}-exporter"
"""What the autoscaler and Prometheus read: its Deployment, Service and namespace."""

CODER_METRICS = "coder-metrics"
"""The Service by which Prometheus reads Coder's metrics."""

ALERT_RULES = f"{MARK}-alerts"
"""The PrometheusRule, in the namespace of the settings."""

EXPORTER_ACCOUNT = "exporter"
"""The ServiceAccount of the exporter, which may do nothing in a cluster."""

QUEUE_SCALER = f"{MARK}-provisioners"
"""The ScaledObject by which KEDA scales provisioners, in their namespace."""

NODE_POOL = "workshop-workspaces"
NODE_CLASS = "workshop-workspaces"

WORKSPACE_POD_LABELS = {"app.kubernetes.io/name": "coder-workspace"}
"""What distinguishes workspace pods from others in their namespaces; templates set it (Coder's examples do)."""

NODE_LABELS = {
    "node.coder.io/instance": "coder-v2",
    "node.coder.io/managed-by": "karpenter",
    "node.coder.io/name": "coder",
    "node.coder.io/part-of": "coder",
    "node.coder.io/used-for": "coder-ws-all",
}
"""Labels of the existing workspace pool, so that templates land on ours unchanged (coder/ai.coder.com at 6a071df)."""

NODE_TAINT = {"key": "dedicated", "value": "coder-ws", "effect": "NoSchedule"}
"""Taint of the existing workspace pool (coder/ai.coder.com at 6a071df)."""

IMAGES_NAMESPACE = f"{MARK}-images"
IMAGE_MIRROR = f"{MARK}-image-mirror"
"""CronJob, ServiceAccount and role of what copies images to the registries."""

IMAGE_PRUNER = f"{MARK}-image-prune"
"""The role that may delete copies; people take it on."""
