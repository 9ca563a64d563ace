"""One rotation after the window, run and looked at."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import Resource, ResourceOptions

from components.component import Component
from components.pods import grant, job, pod, service_account
from workshop.model.rotation import CronJob


@dataclass(frozen=True, kw_only=True)
class RotationCheckArgs:
    """step: tells the Job from others of its namespace. window: its id. image: of workshop.rotation.

    order: the Job's request, as JSON. namespace: where it runs. cron_jobs: of which a Job is started. secret_name:
    of the Secret beside each that is read, unset: none is.
    """

    step: str
    window: str
    image: str
    order: str
    namespace: str
    service_account: str
    cron_jobs: tuple[CronJob, ...]
    secret_name: str | None


class RotationCheck(Component):
    """Declares the Job that runs each CronJob's Job once, and its rights, which go when the window is taken out.

    Outputs: window (its id).
    """

    def __init__(self, name: str, args: RotationCheckArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        first: list[Resource] = [service_account(self, args.service_account, args.namespace)]
        for cron_job in args.cron_jobs:
            rules = [
                {
                    "api_groups": ["batch"],
                    "resources": ["cronjobs"],
                    "resource_names": [cron_job.name],
                    "verbs": ["get"],
                },
                {"api_groups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get"]},
            ]
            if args.secret_name:
                secrets = {"api_groups": [""], "resources": ["secrets"], "resource_names": [args.secret_name]}
                rules.append({**secrets, "verbs": ["get"]})
            first += grant(self, (args.namespace, args.service_account), cron_job.namespace, rules)
        job(
            self,
            args.step,
            pod(args.image, "check", args.order, args.service_account),
            namespace=args.namespace,
            window=args.window,
            opts=self.child_options(depends_on=first),
        )
        self.register_outputs({"window": args.window})
