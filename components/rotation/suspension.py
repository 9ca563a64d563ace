"""Whether the CronJobs that rotate LiteLLM's key are suspended."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ResourceOptions
from pulumi_kubernetes.batch.v1 import CronJobPatch, CronJobSpecPatchArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaPatchArgs

from components.component import Component
from components.patches import patch_annotations
from workshop.model.rotation import CronJob


@dataclass(frozen=True, kw_only=True)
class RotationSuspensionArgs:
    """cron_jobs: as observed. is_suspended: what each of them is to be."""

    cron_jobs: tuple[CronJob, ...]
    is_suspended: bool


class RotationSuspension(Component):
    """Declares that CronJobs are suspended, or that they run again, and owns that one field of each.

    Never retained: deleting a patch gives the field back, and the CronJob runs again.

    Outputs: suspended (how many are).
    """

    def __init__(self, name: str, args: RotationSuspensionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for cron_job in args.cron_jobs:
            CronJobPatch(
                self.child_name(f"{cron_job.namespace}-rotation"),
                metadata=ObjectMetaPatchArgs(
                    namespace=cron_job.namespace, name=cron_job.name, annotations=patch_annotations("suspend")
                ),
                spec=CronJobSpecPatchArgs(suspend=args.is_suspended),
                opts=self.child_options(),
            )
        self.register_outputs({"suspended": len(args.cron_jobs) if args.is_suspended else 0})
