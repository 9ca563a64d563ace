"""What one region's cluster runs, read through the Kubernetes API; nothing here can change it."""

from __future__ import annotations

import os
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from pathlib import Path
from typing import Any, Self, TypeAlias

from lightkube import ApiError, Client, ConfigError, KubeConfig, generic_resource
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Namespace, Node, Pod, Service
from lightkube.utils.quantity import parse_quantity
from pydantic import BaseModel, Field

from workshop.model.names import MANAGED_BY_LABEL, MARK
from workshop.model.observations import ExistingObject, PatchTarget
from workshop.model.workspace_pods import NODE_POOL_LABEL, is_unfinished, is_workspace, labels_of, takes_workspaces
from workshop.observe.look_up import NotFound
from workshop.observe.project import in_project

Kind: TypeAlias = Any
"""A resource class of lightkube, whose annotations leave them partly unknown."""

Manifest: TypeAlias = Mapping[str, Any]
"""An object as the API answers it."""

_generic: Any = generic_resource


def _cluster_wide(group: str, kind: str, plural: str) -> Kind:
    """A kind that lightkube doesn't bring; its registry outlives this module, which an engine imports anew each run."""
    known = _generic.get_generic_resource(f"{group}/v1", kind)
    return known or _generic.create_global_resource(group, "v1", kind, plural)


def _namespaced(group: str, version: str, kind: str, plural: str) -> Kind:
    """The same for a kind in namespaces, which is answered whole: lightkube's own classes drop newer fields."""
    known = _generic.get_generic_resource(f"{group}/{version}", kind)
    return known or _generic.create_namespaced_resource(group, version, kind, plural)


CRON_JOB = _namespaced("batch", "v1", "CronJob", "cronjobs")
SCALED_OBJECT = _namespaced("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects")
NODE_POOL = _cluster_wide("karpenter.sh", "NodePool", "nodepools")
DEFINITION = _cluster_wide("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions")
NODE_CLASS = _cluster_wide("karpenter.k8s.aws", "EC2NodeClass", "ec2nodeclasses")


def _learn_kubeconfigs() -> None:
    """Has lightkube's decoder learn what a kubeconfig is made of, in one thread.

    It learns a type when it first meets it, and when two threads do that at once the process crashes (msgspec 0.22):
    preflight asks all clusters at the same time.
    """
    one = {"cluster": {}, "context": {"cluster": ""}, "user": {}}
    configuration: Any = KubeConfig
    configuration.from_dict({f"{what}s": [{"name": "", what: body}] for what, body in one.items()})


_learn_kubeconfigs()


class _Address(BaseModel):
    hostname: str | None = None


class _LoadBalancer(BaseModel):
    ingress: tuple[_Address, ...] = ()


class _Status(BaseModel):
    """A Service's, as far as it is read."""

    load_balancer: _LoadBalancer = Field(default=_LoadBalancer(), alias="loadBalancer")


class Cluster:
    """Answers what this project asks of a cluster.

    Every method raises lightkube.ApiError or a transport error where the API doesn't answer, and those that ask for
    one object raise NotFound, with the names that exist, where the API answers that there is none.
    """

    def __init__(self, kubeconfig: str | None, context: str | None) -> None:
        """Takes one context of a kubeconfig; unset, of the files that KUBECONFIG names or of the usual one.

        Raises lightkube.ConfigError when there is no such file or context. No request is made yet.
        """
        files = (
            [str(in_project(kubeconfig))]
            if kubeconfig
            else os.environ.get("KUBECONFIG", "~/.kube/config").split(os.pathsep)
        )
        configs = [KubeConfig.from_file(Path(file).expanduser()) for file in files if file]
        config = next((config for config in configs if context in config.contexts), None)
        if config is None:
            raise ConfigError(f"no context {context} in {os.pathsep.join(files)}")
        chosen: Any = config.get(context_name=context)
        if chosen.cluster.server.startswith("http://"):
            chosen.cluster.insecure = True  # nothing to verify, and a machine's authorities take a while to load
        self._client: Any = Client(config=chosen)
        weakref.finalize(self, self._client.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._client.close()

    def uid(self) -> str:
        """The cluster's identity: the UID of its namespace kube-system."""
        return self._get(Namespace, "kube-system")["metadata"]["uid"]

    def patch_target(self, namespace: str, name: str) -> PatchTarget:
        """A Deployment, its containers and what they run."""
        spec = self._get(Deployment, name, namespace)["spec"]
        containers: list[dict[str, Any]] = spec["template"]["spec"]["containers"]
        strategy = spec.get("strategy", {})
        rolling: dict[str, Any] = strategy.get("rollingUpdate") or {}
        return PatchTarget(
            namespace=namespace,
            name=name,
            containers=tuple(container["name"] for container in containers),
            images={container["name"]: container.get("image", "") for container in containers},
            replicas=spec.get("replicas", 1),
            grace_seconds=spec["template"]["spec"].get("terminationGracePeriodSeconds", 30),
            strategy=strategy.get("type", "RollingUpdate"),
            max_surge=str(rolling.get("maxSurge", "25%")),
            max_unavailable=str(rolling.get("maxUnavailable", "25%")),
        )

    def prometheus_operator(self) -> bool:
        """That the cluster knows the operator's rules."""
        return bool(self._get(DEFINITION, "prometheusrules.monitoring.coreos.com"))

    def scaled_object_fields(self) -> frozenset[str]:
        """What KEDA's definition of ScaledObjects knows of their spec, field by field."""
        found = self._get(DEFINITION, "scaledobjects.keda.sh")
        schemas = [
            one["schema"]["openAPIV3Schema"]
            for one in found["spec"]["versions"]
            if one["name"] == "v1alpha1" and one["served"]
        ]
        return frozenset(name for one in schemas for name in _fields(one["properties"]["spec"].get("properties") or {}))

    def scaled_object(self, namespace: str, name: str) -> Manifest:
        """What KEDA scales something by, and what it says of it."""
        return self._get(SCALED_OBJECT, name, namespace)

    def pod_of_cron_job(self, namespace: str, name: str) -> Manifest:
        """The Pod spec in a CronJob's template."""
        return self._get(CRON_JOB, name, namespace)["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    def node_pool(self, name: str) -> ExistingObject:
        """A Karpenter node pool."""
        return _existing(self._get(NODE_POOL, name))

    def vcpu_of_pool(self, name: str) -> int:
        """vCPU that a node pool's nodes have now, as Karpenter counts them."""
        resources = self._get(NODE_POOL, name).get("status", {}).get("resources", {})
        return ceil(parse_quantity(resources.get("cpu", "0")) or 0)

    def node_class(self, name: str) -> ExistingObject:
        """An EC2 node class."""
        return _existing(self._get(NODE_CLASS, name))

    def nodes_of_pool(self, pool: str) -> tuple[str, ...]:
        """Names of a node pool's nodes."""
        return _names(self._list(Node, labels={NODE_POOL_LABEL: pool}))

    def load_balancers(self, namespace: str) -> tuple[str, ...]:
        """Hosts of the load balancers that a namespace's Services have been given."""
        hosts: set[str] = set()
        for service in self._list(Service, namespace=namespace):
            status = _Status.model_validate(service.get("status") or {})
            hosts |= {one.hostname.lower().rstrip(".") for one in status.load_balancer.ingress if one.hostname}
        return tuple(sorted(hosts))

    def running_workspaces(self, pools: Iterable[str]) -> Mapping[str, int]:
        """Workspace pods by the node pool they run on, "" for a node of none; finished and unplaced ones not.

        pools: node pools that take workspaces, beside all whose nodes carry the workspaces' taint.
        """
        chosen = frozenset(pools)
        pods = self._list(Pod, namespace="*")
        nodes = {node["metadata"]["name"]: node for node in self._list(Node)}
        running: Counter[str] = Counter()
        for pod in pods:
            name = pod["spec"].get("nodeName")
            node = nodes.get(name or "", {"metadata": {}})
            if name and is_unfinished(pod) and is_workspace(pod, is_on_workspace_node=takes_workspaces(node, chosen)):
                running[labels_of(node).get(NODE_POOL_LABEL, "")] += 1
        return dict(running)

    def _get(self, kind: Kind, name: str, namespace: str | None = None) -> Manifest:
        try:
            return self._client.get(kind, name, namespace=namespace).to_dict()
        except ApiError as error:
            if error.status.code != 404:
                raise
            raise NotFound(self._known(kind, namespace)) from error

    def _known(self, kind: Kind, namespace: str | None) -> tuple[str, ...]:
        """Names of all objects of a kind; none where the cluster doesn't know the kind."""
        try:
            return _names(self._list(kind, namespace=namespace))
        except ApiError as error:
            if error.status.code != 404:
                raise
            return ()

    def _list(
        self, kind: Kind, *, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> Iterable[Manifest]:
        selector = dict(labels) if labels else None
        return [found.to_dict() for found in self._client.list(kind, namespace=namespace, labels=selector)]


def _fields(properties: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """The names in a schema's properties, and below, as paths."""
    for name, schema in properties.items():
        yield f"{before}{name}"
        yield from _fields(schema.get("properties") or {}, f"{before}{name}.")


def _existing(manifest: Manifest) -> ExistingObject:
    owner = labels_of(manifest).get(MANAGED_BY_LABEL, "")
    return ExistingObject(
        is_ours=owner == MARK,
        spec=manifest.get("spec", {}),
        owner=owner,
        annotations={**(manifest["metadata"].get("annotations") or {})},
    )


def _names(manifests: Iterable[Manifest]) -> tuple[str, ...]:
    return tuple(sorted(manifest["metadata"]["name"] for manifest in manifests))
