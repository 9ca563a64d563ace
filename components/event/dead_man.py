"""The dead man's switch of one region: stops the event's pool when its end has passed and the keeper is silent."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_kubernetes as kubernetes
from pulumi import Resource, ResourceOptions
from pulumi_kubernetes.batch.v1 import CronJobSpecArgs, JobTemplateSpecArgs

from components.component import Component
from components.event.keeper_rights import pool_rules
from components.pods import grant, job_spec, metadata, pod, service_account
from workshop.model.names import MARK


@dataclass(frozen=True, kw_only=True)
class DeadManArgs:
    """image: of the project. request: of `workshop.event dead-man`, as JSON. namespace: where it runs.

    schedule: of the CronJob. heartbeat: name of the ConfigMap beside it. node_pool: that it may stop.
    """

    image: str
    request: str
    namespace: str
    service_account: str
    schedule: str
    heartbeat: str
    node_pool: str


class DeadMan(Component):
    """Declares a CronJob that does nothing before its request says so, and its rights.

    Outputs: cron_job (its name in the cluster).
    """

    def __init__(self, name: str, args: DeadManArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        account = (args.namespace, args.service_account)
        first: list[Resource] = [service_account(self, args.service_account, args.namespace)]
        heartbeat = {"api_groups": [""], "resources": ["configmaps"], "resource_names": [args.heartbeat]}
        first += grant(self, account, args.namespace, [{**heartbeat, "verbs": ["get"]}])
        first += grant(self, account, None, pool_rules(args.node_pool))
        cron_job_name = f"{MARK}-{args.service_account}"
        only = pod(args.image, "dead-man", args.request, args.service_account, module="workshop.event")
        kubernetes.batch.v1.CronJob(
            self.child_name("dead-man"),
            metadata=metadata(cron_job_name, args.namespace),
            spec=CronJobSpecArgs(
                schedule=args.schedule,
                time_zone="Etc/UTC",
                concurrency_policy="Forbid",
                # Of what was missed while the API was down, only the last run matters.
                starting_deadline_seconds=240,
                successful_jobs_history_limit=1,
                failed_jobs_history_limit=3,
                job_template=JobTemplateSpecArgs(spec=job_spec(only, backoff_limit=0)),
            ),
            opts=self.child_options(depends_on=first),
        )
        self.register_outputs({"cron_job": cron_job_name})
