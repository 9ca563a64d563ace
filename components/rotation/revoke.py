"""The end of the window's key, by a Job beside LiteLLM."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ResourceOptions

from components.component import Component
from components.pods import job, master_key_variable, pod, service_account


@dataclass(frozen=True, kw_only=True)
class RotationRevocationArgs:
    """window: its id. image: of workshop.rotation. order: the Job's request, as JSON.

    namespace: LiteLLM's. master_secret_name, master_secret_key: where LiteLLM's master key is.
    """

    window: str
    image: str
    order: str
    namespace: str
    service_account: str
    master_secret_name: str
    master_secret_key: str


class RotationRevocation(Component):
    """Declares the Job that revokes the window's key. It has no rights, in the cluster or at AWS, but the master key.

    Outputs: window (its id).
    """

    def __init__(self, name: str, args: RotationRevocationArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        account = service_account(self, args.service_account, args.namespace, asks_cluster=False)
        env = [master_key_variable(args.master_secret_name, args.master_secret_key)]
        job(
            self,
            "revoke",
            pod(args.image, "revoke", args.order, args.service_account, env),
            namespace=args.namespace,
            window=args.window,
            opts=self.child_options(depends_on=[account]),
        )
        self.register_outputs({"window": args.window})
