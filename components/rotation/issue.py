"""A LiteLLM key that outlives the window, issued by a Job beside LiteLLM."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ResourceOptions
from pulumi_kubernetes.core.v1 import EnvVarArgs

from components.component import Component
from components.pods import job, master_key_variable, pod, service_account
from workshop.model.rotation import ALERT_VARIABLE


@dataclass(frozen=True, kw_only=True)
class RotationIssueArgs:
    """window: its id. image: of workshop.rotation. order: the Job's request, as JSON.

    alert_usd: what the key may spend before it is worth an alert. namespace: LiteLLM's. role_arn: the IAM role that may
    write the stored key. master_secret_name, master_secret_key: where LiteLLM's master key is.
    """

    window: str
    image: str
    order: str
    alert_usd: int
    namespace: str
    service_account: str
    role_arn: str
    master_secret_name: str
    master_secret_key: str


class RotationIssue(Component):
    """Declares the Job that issues and stores the key. Pulumi sees neither that key nor LiteLLM's master key.

    Outputs: window (its id).
    """

    def __init__(self, name: str, args: RotationIssueArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        account = service_account(self, args.service_account, args.namespace, args.role_arn, asks_cluster=False)
        env = [
            master_key_variable(args.master_secret_name, args.master_secret_key),
            EnvVarArgs(name=ALERT_VARIABLE, value=str(args.alert_usd)),
        ]
        job(
            self,
            "issue",
            pod(args.image, "issue", args.order, args.service_account, env),
            namespace=args.namespace,
            window=args.window,
            opts=self.child_options(depends_on=[account]),
        )
        self.register_outputs({"window": args.window})
