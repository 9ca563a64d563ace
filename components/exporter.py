"""What the autoscaler and Prometheus read, in one region's cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs
from pulumi_kubernetes.core.v1 import (
    ContainerPortArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    HTTPGetActionArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    SecretKeySelectorArgs,
    ServicePortArgs,
    ServiceSpecArgs,
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


class Exporter(Component):
    """Declares the exporter, which may do nothing in the cluster, in a namespace of its own, and who may ask it.

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
        account = service_account(self, EXPORTER_ACCOUNT, EXPORTER, asks_cluster=False)
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
            metadata=metadata(EXPORTER, EXPORTER, annotations={"pulumi.com/skipAwait": "true"}),
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
    token = EnvVarArgs(
        name=args.token_variable,
        value_from=EnvVarSourceArgs(secret_key_ref=SecretKeySelectorArgs(name=args.secret_name, key=args.secret_key)),
    )
    only = container(args.image, "export", args.request, [token], module=_MODULE)
    only.ports = [ContainerPortArgs(name="http", container_port=args.port)]
    only.readiness_probe = ProbeArgs(http_get=HTTPGetActionArgs(path="/healthz", port="http"), period_seconds=10)
    spec = restricted_pod(only, EXPORTER_ACCOUNT, restart_policy="Always")
    spec.automount_service_account_token = False
    return PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=_LABELS), spec=spec)
