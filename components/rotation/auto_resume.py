"""The auto-resume CronJob of one region: gives back what the window holds, when nobody does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi_kubernetes as kubernetes
from pulumi import Resource, ResourceOptions
from pulumi_kubernetes.batch.v1 import CronJobSpecArgs, JobTemplateSpecArgs

from components.component import Component
from components.pods import grant, job_spec, metadata, pod, service_account
from workshop.model.names import MARK
from workshop.model.rotation import SWITCH_SCHEDULE, CronJob


@dataclass(frozen=True, kw_only=True)
class RotationSwitchArgs:
    """image: of workshop.rotation. order: the Job's request, as JSON. namespace: where it runs.

    cron_jobs: that it may resume. node_pool: that it may reopen. scaled_object: namespace and name of that whose floor
    it may lower; None: there is none.
    """

    image: str
    order: str
    namespace: str
    service_account: str
    cron_jobs: tuple[CronJob, ...]
    node_pool: str
    scaled_object: tuple[str, str] | None = None


class RotationSwitch(Component):
    """Declares a CronJob that does nothing before its request says so, and its rights: to patch these objects.

    Outputs: cron_job (its name in the cluster).
    """

    def __init__(self, name: str, args: RotationSwitchArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        account = (args.namespace, args.service_account)
        first: list[Resource] = [service_account(self, args.service_account, args.namespace)]
        rules: dict[str, list[dict[str, Any]]] = {}
        for cron_job in args.cron_jobs:
            rule = {"api_groups": ["batch"], "resources": ["cronjobs"], "resource_names": [cron_job.name]}
            rules.setdefault(cron_job.namespace, []).append({**rule, "verbs": ["patch"]})
        if args.scaled_object:
            namespace, scaled = args.scaled_object
            rule = {"api_groups": ["keda.sh"], "resources": ["scaledobjects"], "resource_names": [scaled]}
            rules.setdefault(namespace, []).append({**rule, "verbs": ["get", "patch"]})
        for namespace, granted in rules.items():
            first += grant(self, account, namespace, granted)
        pools = {"api_groups": ["karpenter.sh"], "resources": ["nodepools"], "resource_names": [args.node_pool]}
        first += grant(self, account, None, [{**pools, "verbs": ["patch"]}])
        cron_job_name = f"{MARK}-resume"
        kubernetes.batch.v1.CronJob(
            self.child_name("switch"),
            metadata=metadata(cron_job_name, args.namespace),
            spec=CronJobSpecArgs(
                schedule=SWITCH_SCHEDULE,
                time_zone="Etc/UTC",
                concurrency_policy="Forbid",
                # Of what was missed while the API was down, only the last run matters.
                starting_deadline_seconds=300,
                successful_jobs_history_limit=1,
                failed_jobs_history_limit=3,
                job_template=JobTemplateSpecArgs(
                    spec=job_spec(pod(args.image, "resume", args.order, args.service_account), backoff_limit=1)
                ),
            ),
            opts=self.child_options(depends_on=first),
        )
        self.register_outputs({"cron_job": cron_job_name})
