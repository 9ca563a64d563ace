"""The event's door: the web page for people, in the control plane's cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs
from pulumi_kubernetes.core.v1 import (
    ContainerPortArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    HTTPGetActionArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    SecretKeySelectorArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components.component import Component
from components.pods import container, metadata, restricted_pod, service_account

_NAME_LABEL: Final = "app.kubernetes.io/name"
_DNS_PORT: Final = 53
_ALB: Final = "alb"


@dataclass(frozen=True, kw_only=True)
class DoorArgs:
    """door: name of all its objects, in this namespace. host: under which people reach it. image: of the project.

    request: of `python -m workshop.event door`, as JSON. port: on which it listens; health_path: answers there while it
    runs. database_port: the one thing that it reaches. secrets: by environment variable, name and key of the Secret
    that holds its value; Pulumi doesn't see them.
    ingress_class: what ends its TLS. certificate_arn: of an alb, None where its controller finds one for the host.
    certificate_secret: for other classes, None where they have one of their own.
    """

    door: str
    namespace: str
    host: str
    image: str
    request: str
    port: int
    health_path: str
    database_port: int
    secrets: Mapping[str, tuple[str, str]]
    ingress_class: str
    certificate_arn: str | None
    certificate_secret: str | None


class Door(Component):
    """Declares the Deployment that serves people's page, and the way to it: Service, Ingress and NetworkPolicy.

    Its Pod has no token, and reaches a database and nothing else. Its labels are not those by which the namespace's
    other Pods are let out. `up` does not wait for it: its Secret may be made once the namespace is there.

    Outputs: host (where it is).
    """

    def __init__(self, name: str, args: DoorArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        labels = {_NAME_LABEL: args.door}
        account = service_account(self, args.door, args.namespace, asks_cluster=False)
        self._network(args, labels)
        pod = restricted_pod(_container(args), args.door, restart_policy="Always")
        pod.automount_service_account_token = False
        pod.enable_service_links = False
        kubernetes.apps.v1.Deployment(
            self.child_name("door"),
            metadata=metadata(args.door, args.namespace, labels=labels, annotations={"pulumi.com/skipAwait": "true"}),
            spec=DeploymentSpecArgs(
                replicas=1,  # keeps the pace to Coder for all
                selector=LabelSelectorArgs(match_labels=labels),
                template=PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=labels), spec=pod),
            ),
            opts=self.child_options(depends_on=[account]),
        )
        self._way_in(args, labels)
        self.register_outputs({"host": args.host})

    def _network(self, args: DoorArgs, labels: Mapping[str, str]) -> None:
        names = [{"protocol": protocol, "port": _DNS_PORT} for protocol in ("UDP", "TCP")]
        spec: Any = {
            "pod_selector": {"match_labels": dict(labels)},
            "policy_types": ["Ingress", "Egress"],
            "ingress": [{"ports": [{"protocol": "TCP", "port": args.port}]}],
            "egress": [{"ports": [*names, {"protocol": "TCP", "port": args.database_port}]}],
        }
        kubernetes.networking.v1.NetworkPolicy(
            self.child_name("door-network"),
            metadata=metadata(args.door, args.namespace),
            spec=spec,
            opts=self.child_options(),
        )

    def _way_in(self, args: DoorArgs, labels: Mapping[str, str]) -> None:
        skip = {"pulumi.com/skipAwait": "true"}
        service = kubernetes.core.v1.Service(
            self.child_name("door-service"),
            metadata=metadata(args.door, args.namespace, annotations=skip),
            spec={"selector": dict(labels), "ports": [{"name": "http", "port": 80, "target_port": args.port}]},
            opts=self.child_options(),
        )
        backend = {"service": {"name": args.door, "port": {"name": "http"}}}
        path = {"path": "/", "path_type": "Prefix", "backend": backend}
        spec: Any = {
            "ingress_class_name": args.ingress_class,
            "rules": [{"host": args.host, "http": {"paths": [path]}}],
        }
        if args.certificate_secret is not None:
            spec["tls"] = [{"hosts": [args.host], "secret_name": args.certificate_secret}]
        kubernetes.networking.v1.Ingress(
            self.child_name("door-ingress"),
            metadata=metadata(args.door, args.namespace, annotations={**skip, **_annotations(args)}),
            spec=spec,
            opts=self.child_options(depends_on=[service]),
        )


def _container(args: DoorArgs) -> Any:  # noqa: ANN401 - a ContainerArgs
    env = [
        EnvVarArgs(
            name=variable, value_from=EnvVarSourceArgs(secret_key_ref=SecretKeySelectorArgs(name=secret, key=key))
        )
        for variable, (secret, key) in args.secrets.items()
    ]
    only = container(args.image, "door", args.request, env, module="workshop.event")
    only.ports = [ContainerPortArgs(name="http", container_port=args.port)]
    health = HTTPGetActionArgs(path=args.health_path, port=args.port)
    only.readiness_probe = ProbeArgs(http_get=health, period_seconds=5)
    only.liveness_probe = ProbeArgs(http_get=health, period_seconds=20, initial_delay_seconds=20)
    return only


def _annotations(args: DoorArgs) -> Mapping[str, str]:
    """Of the AWS Load Balancer Controller, where it makes the way in."""
    if args.ingress_class != _ALB:
        return {}
    prefix = "alb.ingress.kubernetes.io"
    certificate = {} if args.certificate_arn is None else {f"{prefix}/certificate-arn": args.certificate_arn}
    return {
        f"{prefix}/scheme": "internet-facing",
        f"{prefix}/target-type": "ip",
        f"{prefix}/listen-ports": json.dumps([{"HTTPS": 443}]),
        f"{prefix}/ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        f"{prefix}/healthcheck-path": args.health_path,
        **certificate,
    }
