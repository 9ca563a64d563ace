"""Copies of the window's key in the workspace namespaces of one region."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import Resource, ResourceOptions

from components.component import Component
from components.pods import grant, job, pod, service_account


@dataclass(frozen=True, kw_only=True)
class RotationCopiesArgs:
    """window: its id. image: of workshop.rotation. order: the Job's request, as JSON.

    namespace: where the Job runs. role_arn: the IAM role that may read the stored key. workspace_namespaces: where the
    copies are; secret_name: of the Secret in each; cron_job: of what would overwrite it.
    """

    window: str
    image: str
    order: str
    namespace: str
    service_account: str
    role_arn: str
    workspace_namespaces: tuple[str, ...]
    secret_name: str
    cron_job: str


class RotationCopies(Component):
    """Declares the Job that writes the stored key into each Secret, with its rights.

    The account serves the Job that verifies the copies, too (components/rotation/verified.py).

    Outputs: window (its id).
    """

    def __init__(self, name: str, args: RotationCopiesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        first: list[Resource] = [service_account(self, args.service_account, args.namespace, args.role_arn)]
        rules = [
            {
                "api_groups": [""],
                "resources": ["secrets"],
                "resource_names": [args.secret_name],
                "verbs": ["get", "patch"],
            },
            {
                "api_groups": ["batch"],
                "resources": ["cronjobs"],
                "resource_names": [args.cron_job],
                "verbs": ["get"],
            },
            {"api_groups": ["batch"], "resources": ["jobs"], "verbs": ["list"]},
        ]
        for namespace in args.workspace_namespaces:
            first += grant(self, (args.namespace, args.service_account), namespace, rules)
        job(
            self,
            "copy",
            pod(args.image, "copy", args.order, args.service_account),
            namespace=args.namespace,
            window=args.window,
            opts=self.child_options(depends_on=first),
        )
        self.register_outputs({"window": args.window})
