"""What the autoscaler and Prometheus read, in one region's cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs
from pulumi_kubernetes.core.v1 import (
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    HTTPGetActionArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    SecretKeySelectorArgs,
    ServicePortArgs,
    ServiceSpecArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components.component import Component
from components.network_policies import declare_network_policy
from components.pods import container, metadata, restricted_pod, service_account
from workshop.model.names import EXPORTER, EXPORTER_ACCOUNT, MANAGED_BY_LABEL, MARK

_MODULE: Final = "workshop.exporter"
_LABELS: Final = {MANAGED_BY_LABEL: MARK, "app.kubernetes.io/name": EXPORTER}


@dataclass(frozen=True, kw_only=True)
class ExporterArgs:
    """image: of the project. request: of workshop.exporter, as JSON. port: on which it answers.

    token_variable, secret_name, secret_key: in which variable it finds its token for Coder, and the Secret in its own
    namespace that holds it; Pulumi does not see it. ports: that it reaches anywhere, over TCP. coder_namespace: whose
    Pods it reaches, where Coder is in this cluster. readers: namespaces whose Pods may ask it.

    watches: whether it looks at its own cluster too, by its account's rights. role_arn: the IAM role that it takes on.
    litellm: variable, name and key of a Secret beside it for LiteLLM's key.
    """

    image: str
    request: str
    port: int
    token_variable: str
    secret_name: str
    secret_key: str
    ports: tuple[int, ...]
    coder_namespace: str | None
    readers: tuple[str, ...]
    watches: bool = False
    role_arn: str | None = None
    litellm: tuple[str, str, str] | None = None


class Exporter(Component):
    """Declares the exporter, which may change nothing in the cluster, in a namespace of its own, and who may ask it.

    `up` does not wait for it: its Secret may be made once the namespace is there.

    Outputs: service (its name in the cluster, and that of its namespace).
    """

    def __init__(self, name: str, args: ExporterArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        namespace = kubernetes.core.v1.Namespace(
            self.child_name("exporter-namespace"),
            metadata=metadata(EXPORTER, labels={"pod-security.kubernetes.io/enforce": "restricted"}),
            opts=self.child_options(),
        )
        inside = self.child_options(depends_on=[namespace])
        coder = (args.coder_namespace,) if args.coder_namespace else ()
        readers = (args.readers, args.port)
        declare_network_policy(self, "exporter-network", EXPORTER, args.ports, coder, inside, readers)
        account = service_account(
            self, EXPORTER_ACCOUNT, EXPORTER, args.role_arn, asks_cluster=args.watches, after=[namespace]
        )
        kubernetes.apps.v1.Deployment(
            self.child_name("exporter"),
            metadata=metadata(EXPORTER, EXPORTER, annotations={"pulumi.com/skipAwait": "true"}),
            spec=DeploymentSpecArgs(
                replicas=1,
                strategy=DeploymentStrategyArgs(type="Recreate"),
                selector=LabelSelectorArgs(match_labels=_LABELS),
                template=_template(args),
            ),
            opts=self.child_options(depends_on=[account]),
        )
        kubernetes.core.v1.Service(
            self.child_name("exporter-service"),
            metadata=metadata(
                EXPORTER,
                EXPORTER,
                labels={"app.kubernetes.io/name": EXPORTER},
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=ServiceSpecArgs(
                selector=_LABELS,
                ports=[ServicePortArgs(name="http", port=80, target_port="http")],
                # Not Ready means that an upstream is away, which whoever asks is to hear from the exporter itself.
                publish_not_ready_addresses=True,
            ),
            opts=self.child_options(depends_on=[namespace]),
        )
        self.register_outputs({"service": EXPORTER})


def _template(args: ExporterArgs) -> PodTemplateSpecArgs:
    secrets = [(args.token_variable, args.secret_name, args.secret_key), *([args.litellm] if args.litellm else [])]
    env = [
        EnvVarArgs(name=variable, value_from=EnvVarSourceArgs(secret_key_ref=SecretKeySelectorArgs(name=name, key=key)))
        for variable, name, key in secrets
    ]
    only = container(args.image, "export", args.request, env, module=_MODULE, memory="512Mi")
    only.volume_mounts = [VolumeMountArgs(name="tmp", mount_path="/tmp")]  # noqa: S108 - where its kubeconfig is
    only.ports = [ContainerPortArgs(name="http", container_port=args.port)]
    only.readiness_probe = ProbeArgs(http_get=HTTPGetActionArgs(path="/readyz", port="http"), period_seconds=10)
    scratch = VolumeArgs(name="tmp", empty_dir=EmptyDirVolumeSourceArgs(size_limit="1Mi"))
    spec = restricted_pod(only, EXPORTER_ACCOUNT, restart_policy="Always", volumes=[scratch])
    spec.automount_service_account_token = args.watches
    return PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=_LABELS), spec=spec)
