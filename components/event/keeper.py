"""The keeper of the event: one Pod in the control plane's cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi_kubernetes as kubernetes
from pulumi import Resource, ResourceOptions
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs
from pulumi_kubernetes.core.v1 import (
    ConfigMapVolumeSourceArgs,
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
from workshop.model.event.keeper import MAIL_TEMPLATES_VARIABLE
from workshop.model.names import MANAGED_BY_LABEL, MARK

_NAME_LABEL: Final = "app.kubernetes.io/name"
_JOURNAL: Final = "/var/lib/workshop"
"""Where the keeper notes what it does while the database is away; lost with the Pod."""

_MAIL: Final = "/etc/workshop-mail"
"""Where the event's own mail templates are; the kubelet follows changes of them."""


@dataclass(frozen=True, kw_only=True)
class KeeperArgs:
    """keeper: name of the Deployment and of its ServiceAccount, in this namespace. image: of the project.

    request: of `workshop.event keep`, as JSON. role_arn: the IAM role. secrets: by environment variable, name and key
    of the Secret in the namespace that holds its value; Pulumi doesn't see them. mail_templates: the event's own, by
    file name; they are in the folder that this variable names.
    """

    keeper: str
    namespace: str
    image: str
    request: str
    role_arn: str
    secrets: Mapping[str, tuple[str, str]]
    mail_templates: Mapping[str, str] = field(default_factory=dict[str, str])


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
        volumes = [VolumeArgs(name="journal", empty_dir=EmptyDirVolumeSourceArgs(size_limit="1Gi"))]
        mounts = [VolumeMountArgs(name="journal", mount_path=_JOURNAL)]
        before = [account]
        if args.mail_templates:
            name = f"{args.keeper}-mail"
            before.append(self._mail_templates(name, args))
            volumes.append(VolumeArgs(name="mail", config_map=ConfigMapVolumeSourceArgs(name=name)))
            mounts.append(VolumeMountArgs(name="mail", mount_path=_MAIL, read_only=True))
            env.append(EnvVarArgs(name=MAIL_TEMPLATES_VARIABLE, value=_MAIL))
        only = container(args.image, "keep", args.request, env, module="workshop.event", memory="512Mi")
        only.volume_mounts = mounts
        only.working_dir = _JOURNAL
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
                    spec=restricted_pod(only, args.keeper, restart_policy="Always", volumes=volumes),
                ),
            ),
            opts=self.child_options(depends_on=before),
        )
        self.register_outputs({"deployment": args.keeper})

    def _mail_templates(self, name: str, args: KeeperArgs) -> Resource:
        return kubernetes.core.v1.ConfigMap(
            self.child_name("mail-templates"),
            metadata=metadata(name, args.namespace),
            data=dict(args.mail_templates),
            opts=self.child_options(),
        )
