"""Args of what holds the rotation, for the contract test: those of the sandbox's control plane."""

from __future__ import annotations

from components.rotation.admission import RotationAdmissionArgs
from components.rotation.auto_resume import RotationSwitchArgs
from components.rotation.check import RotationCheckArgs
from components.rotation.copies import RotationCopiesArgs
from components.rotation.issue import RotationIssueArgs
from components.rotation.key import KeyReader, RotationKeyArgs
from components.rotation.namespace import RotationNamespaceArgs
from components.rotation.network import RotationNetworkArgs
from components.rotation.revoke import RotationRevocationArgs
from components.rotation.suspension import RotationSuspensionArgs
from components.rotation.verified import RotationVerifiedArgs
from workshop.model.rotation import CronJob

IMAGE = f"ghcr.io/example/ai-coder-workshop@sha256:{'0' * 64}"
ORDER = "{}"
WINDOW = "20261002t2200"
ROLE = "arn:aws:iam::123456789012:role/ai-coder-workshop-key-copy-us-east-2"
SWAPPERS = (CronJob(namespace="coder-ws", name="rotate-key"), CronJob(namespace="coder-ws-demo", name="rotate-key"))

KEY = RotationKeyArgs(
    account="123456789012",
    region="us-east-2",
    stored_as="ai-coder-workshop/litellm-key",
    readers={
        "key-copy": KeyReader(
            oidc_issuer="oidc.eks.us-east-2.amazonaws.com/id/0123",
            namespace="ai-coder-workshop",
            service_account="key-copy",
            actions=("secretsmanager:GetSecretValue",),
        )
    },
)
ISSUE = RotationIssueArgs(
    window=WINDOW,
    image=IMAGE,
    order=ORDER,
    alert_usd=780,
    namespace="litellm",
    service_account="key-issue",
    role_arn=ROLE,
    master_secret_name="litellm.env",
    master_secret_key="master",
)
NAMESPACE = RotationNamespaceArgs(namespace="ai-coder-workshop")
COPIES = RotationCopiesArgs(
    window=WINDOW,
    image=IMAGE,
    order=ORDER,
    namespace="ai-coder-workshop",
    service_account="key-copy",
    role_arn=ROLE,
    workspace_namespaces=("coder-ws", "coder-ws-demo"),
    secret_name="litellm",
    cron_job="rotate-key",
)
SWITCH = RotationSwitchArgs(
    image=IMAGE,
    order=ORDER,
    namespace="ai-coder-workshop",
    service_account="rotation-switch",
    cron_jobs=SWAPPERS,
    node_pool="coder-ws-all",
)
SUSPENSION = RotationSuspensionArgs(cron_jobs=SWAPPERS, is_suspended=True)
VERIFIED = RotationVerifiedArgs(
    window=WINDOW, image=IMAGE, order=ORDER, namespace="ai-coder-workshop", service_account="key-copy"
)
CHECK = RotationCheckArgs(
    step="check-swappers",
    window=WINDOW,
    image=IMAGE,
    order=ORDER,
    namespace="ai-coder-workshop",
    service_account="rotation-check",
    cron_jobs=SWAPPERS,
    secret_name="litellm",
)
REVOCATION = RotationRevocationArgs(
    window=WINDOW,
    image=IMAGE,
    order=ORDER,
    namespace="litellm",
    service_account="key-revoke",
    master_secret_name="litellm.env",
    master_secret_key="master",
)
ADMISSION = RotationAdmissionArgs(
    namespace="ai-coder-workshop",
    resuming="rotation-switch",
    checking=("rotation-check", "generator-check"),
    cron_job="rotate-key",
    cron_job_namespaces=("coder-ws", "coder-ws-demo"),
    pods={"coder-ws": {"containers": [{"name": "rotate", "image": "rotate:1", "tty": True}], "priority": 0}},
)
NETWORK = RotationNetworkArgs(namespace="ai-coder-workshop", ports=(443, 4000), litellm_namespace="litellm")
