"""What copies images to the registries: a CronJob in the control plane's cluster, and the roles that let it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions
from pulumi_kubernetes.batch.v1 import CronJobSpecArgs, JobTemplateSpecArgs
from pulumi_kubernetes.core.v1 import EmptyDirVolumeSourceArgs, VolumeArgs, VolumeMountArgs

from components.aws_roles import boundary_arn, pod_role, trust_of_account
from components.component import Component
from components.network_policies import declare_network_policy
from components.pods import container, job_spec, metadata, restricted_pod, service_account
from workshop.model.images.mirroring import RUN
from workshop.model.names import IMAGE_MIRROR, IMAGE_PRUNER, IMAGES_NAMESPACE

_HTTPS: Final = 443
_RUN_SECONDS: Final = int(RUN.total_seconds())
_MIRRORING: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeImageReplicationStatus",
    "ecr:DescribeImageScanFindings",
    "ecr:DescribeImages",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:ListImages",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""What pushing and pulling takes (Amazon ECR User Guide, "IAM permissions for pushing an image"), and looking."""

_PRUNING: Final = ("ecr:BatchDeleteImage", "ecr:BatchGetImage", "ecr:DescribeImages")


@dataclass(frozen=True, kw_only=True)
class ImageMirrorRolesArgs:
    """account: AWS account. oidc_issuer: of the cluster whose Pods mirror. regions, repositories: where, and which.

    permissions_boundary: name of the account's policy beyond which no role may go, unset: none.
    """

    account: str
    oidc_issuer: str
    regions: tuple[str, ...]
    repositories: tuple[str, ...]
    permissions_boundary: str | None = None


class ImageMirrorRoles(Component):
    """Declares who may push copies, which only the CronJob's Pods are, and who may delete them: people, by hand.

    Neither may do what the other does, and no key of either lasts.

    Outputs: mirror and pruner (names of the roles).
    """

    def __init__(self, name: str, args: ImageMirrorRolesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        boundary = boundary_arn(args.account, args.permissions_boundary)
        copies = [
            f"arn:aws:ecr:{region}:{args.account}:repository/{repository}"
            for region in args.regions
            for repository in args.repositories
        ]
        pod_role(
            self,
            IMAGE_MIRROR,
            trust_of_account(args.account, args.oidc_issuer, IMAGES_NAMESPACE, IMAGE_MIRROR),
            "mirror",
            [
                {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
                {"Effect": "Allow", "Action": list(_MIRRORING), "Resource": copies},
            ],
            boundary,
        )
        pod_role(
            self,
            IMAGE_PRUNER,
            _trust_of_people(args.account),
            "prune",
            [{"Effect": "Allow", "Action": list(_PRUNING), "Resource": copies}],
            boundary,
        )
        self.register_outputs({"mirror": IMAGE_MIRROR, "pruner": IMAGE_PRUNER})


@dataclass(frozen=True, kw_only=True)
class ImageMirrorArgs:
    """image: of the project. request: of workshop.images, as JSON. schedule: cron fields, UTC. role_arn: its role."""

    image: str
    request: str
    schedule: str
    role_arn: str


class ImageMirror(Component):
    """Declares the CronJob that mirrors images, alone in a namespace of its own; it may do nothing in the cluster.

    Outputs: cron_job (its name, and that of its account).
    """

    def __init__(self, name: str, args: ImageMirrorArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        namespace = kubernetes.core.v1.Namespace(
            self.child_name("images-namespace"),
            metadata=metadata(IMAGES_NAMESPACE, labels={"pod-security.kubernetes.io/enforce": "restricted"}),
            opts=self.child_options(),
        )
        inside = self.child_options(depends_on=[namespace])
        declare_network_policy(self, "images-network", IMAGES_NAMESPACE, (_HTTPS,), (), inside)
        account = service_account(
            self, IMAGE_MIRROR, IMAGES_NAMESPACE, args.role_arn, asks_cluster=False, after=[namespace]
        )
        only = container(args.image, "mirror", args.request, module="workshop.images", memory="512Mi")
        only.volume_mounts = [VolumeMountArgs(name="tmp", mount_path="/tmp")]  # noqa: S108 - where its passwords are
        scratch = VolumeArgs(name="tmp", empty_dir=EmptyDirVolumeSourceArgs(medium="Memory", size_limit="16Mi"))
        spec = job_spec(restricted_pod(only, IMAGE_MIRROR, volumes=[scratch]), backoff_limit=2)
        spec.active_deadline_seconds = _RUN_SECONDS
        kubernetes.batch.v1.CronJob(
            self.child_name("image-mirror"),
            metadata=metadata(IMAGE_MIRROR, IMAGES_NAMESPACE),
            spec=CronJobSpecArgs(
                schedule=args.schedule,
                time_zone="Etc/UTC",
                concurrency_policy="Forbid",
                starting_deadline_seconds=_RUN_SECONDS,
                successful_jobs_history_limit=1,
                failed_jobs_history_limit=3,
                job_template=JobTemplateSpecArgs(spec=spec),
            ),
            opts=self.child_options(depends_on=[namespace, account]),
        )
        self.register_outputs({"cron_job": IMAGE_MIRROR})


def _trust_of_people(account: str) -> dict[str, Any]:
    """Whoever of the account IAM lets take it on."""
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return {"Version": "2012-10-17", "Statement": [statement]}
