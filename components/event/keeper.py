"""The keeper of the event: one Pod in the control plane's cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs
from pulumi_kubernetes.core.v1 import (
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    PodTemplateSpecArgs,
    SecretKeySelectorArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components.component import Component
from components.pods import container, metadata, restricted_pod, service_account
from workshop.model.names import MANAGED_BY_LABEL, MARK

_NAME_LABEL: Final = "app.kubernetes.io/name"
_JOURNAL: Final = "/var/lib/workshop"
"""Where the keeper notes what it does while the database is away; lost with the Pod."""


@dataclass(frozen=True, kw_only=True)
class KeeperArgs:
    """keeper: name of the Deployment and of its ServiceAccount, in this namespace. image: of the project.

    request: of `workshop.event keep`, as JSON. role_arn: the IAM role. secrets: by environment variable, name and key
    of the Secret in the namespace that holds its value; Pulumi doesn't see them.
    """

    keeper: str
    namespace: str
    image: str
    request: str
    role_arn: str
    secrets: Mapping[str, tuple[str, str]]


class Keeper(Component):
    """Declares the Deployment that keeps time and money, never two Pods at a time, and its ServiceAccount.

    `up` does not wait for it: its Secrets may be made once the namespace is there.

    Outputs: deployment (its name).
    """

    def __init__(self, name: str, args: KeeperArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        account = service_account(self, args.keeper, args.namespace, args.role_arn)
        env = [
            EnvVarArgs(
                name=variable,
                value_from=EnvVarSourceArgs(secret_key_ref=SecretKeySelectorArgs(name=secret, key=key)),
            )
            for variable, (secret, key) in args.secrets.items()
        ]
        only = container(args.image, "keep", args.request, env, module="workshop.event", memory="512Mi")
        only.volume_mounts = [VolumeMountArgs(name="journal", mount_path=_JOURNAL)]
        only.working_dir = _JOURNAL
        journal = VolumeArgs(name="journal", empty_dir=EmptyDirVolumeSourceArgs(size_limit="1Gi"))
        labels = {MANAGED_BY_LABEL: MARK, _NAME_LABEL: args.keeper}
        kubernetes.apps.v1.Deployment(
            self.child_name("keeper"),
            metadata=metadata(args.keeper, args.namespace, labels=labels, annotations={"pulumi.com/skipAwait": "true"}),
            spec=DeploymentSpecArgs(
                replicas=1,
                strategy=DeploymentStrategyArgs(type="Recreate"),
                selector=LabelSelectorArgs(match_labels=labels),
                template=PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(labels=labels),
                    spec=restricted_pod(only, args.keeper, restart_policy="Always", volumes=[journal]),
                ),
            ),
            opts=self.child_options(depends_on=[account]),
        )
        self.register_outputs({"deployment": args.keeper})
