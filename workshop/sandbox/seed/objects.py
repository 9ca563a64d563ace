"""The objects of one cluster before this project touches it: Helm's, Terraform's and the cluster's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final, TypeAlias

from workshop.model.names import NODE_TAINT
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Settings, Workload
from workshop.sandbox.json_values import Json
from workshop.sandbox.seed.keda import SCALED_OBJECTS
from workshop.sandbox.seed.rotation import rotation_objects

Owned: TypeAlias = tuple[str, dict[str, Json]]
"""Field manager and manifest."""

_HELM: Final = "terraform-provider-helm_v2.17.0_x5"
"""Helm names managers after the program that it runs in: Terraform's provider at the version ai.coder.com pins."""

_TERRAFORM: Final = "HashiCorp"
_TERRAFORM_MANIFEST: Final = "Terraform"
"""Terraform's Kubernetes provider: by its user agent, and where it applies a manifest as it is."""

_EKS: Final = "eks"

_PROVISIONER_ACCOUNT: Final = "coder"

_SERVER_RESOURCES: Final = (("2000m", "4Gi"), ("4000m", "8Gi"))
_PROXY_RESOURCES: Final = (("250m", "512Mi"), ("500m", "1Gi"))
_PROVISIONER_RESOURCES: Final = (("250m", "512Mi"), ("500m", "1Gi"))
_LITELLM_RESOURCES: Final = (("250m", "512Mi"), ("2", "4Gi"))


def objects_of(settings: Settings, region: Region, master_key: str) -> Iterator[Owned]:
    """Every object of the region's cluster, with the manager that owns its fields. master_key: LiteLLM's."""
    yield from _namespaces(settings, region)
    yield from _coder(settings, region)
    for organization in settings.organizations if region.hosts_provisioners else ():
        yield _service_account(organization.namespace)
        yield _provisioner(organization.namespace, organization.minimum_provisioners)
    if region.role is Role.CONTROL_PLANE:
        yield _litellm(settings.litellm)
    yield from rotation_objects(settings, region, master_key)
    yield from _karpenter(region)
    yield "helm", SCALED_OBJECTS


def _namespaces(settings: Settings, region: Region) -> Iterator[Owned]:
    is_control_plane = region.role is Role.CONTROL_PLANE
    names = ["kube-system", "default", "karpenter"]
    names += [settings.server.namespace, settings.litellm.namespace] if is_control_plane else [settings.proxy.namespace]
    names += [organization.namespace for organization in settings.organizations if region.hosts_provisioners]
    for name in dict.fromkeys(names):
        metadata: dict[str, Json] = {"name": name, "labels": {"kubernetes.io/metadata.name": name}}
        if name == "kube-system" and region.cluster.uid:
            metadata["uid"] = region.cluster.uid
        manager = _EKS if name in ("kube-system", "default") else _TERRAFORM
        yield manager, {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _coder(settings: Settings, region: Region) -> Iterator[Owned]:
    is_control_plane = region.role is Role.CONTROL_PLANE
    workload = settings.server if is_control_plane else settings.proxy
    image = f"{settings.image.source}:{settings.image.tag}"
    resources = _SERVER_RESOURCES if is_control_plane else _PROXY_RESOURCES
    release = "coder" if is_control_plane else "coder-v2"
    yield _deployment(workload, image, 2, release, "coder", resources, ports={"http": 8080})
    labels = _helm_labels("coder", release)
    yield (
        _HELM,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "coder", "namespace": workload.namespace, "labels": labels},
            "spec": {
                "type": "LoadBalancer",
                "loadBalancerClass": "service.k8s.aws/nlb",
                "selector": {"app.kubernetes.io/instance": release, "app.kubernetes.io/name": "coder"},
                "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}],
            },
            "status": {"loadBalancer": {"ingress": [{"hostname": region.load_balancer_host}]}},
        },
    )


def _provisioner(namespace: str, replicas: int) -> Owned:
    workload = Workload(
        namespace=namespace, deployment="coder-provisioner", container="coder-provisioner", replicas=replicas
    )
    image = "ghcr.io/coder/coder:v2.25.1"
    name = "coder-provisioner"
    manager, manifest = _deployment(workload, image, replicas, name, name, _PROVISIONER_RESOURCES)
    manifest["spec"]["template"]["spec"] |= {
        "serviceAccountName": _PROVISIONER_ACCOUNT,
        "terminationGracePeriodSeconds": 600,
    }
    return manager, manifest


def _service_account(namespace: str) -> Owned:
    """The provisioners' chart has it; without it no pod of theirs is admitted."""
    name = "coder-provisioner"
    metadata = {"name": _PROVISIONER_ACCOUNT, "namespace": namespace, "labels": _helm_labels(name, name)}
    return _HELM, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def _litellm(workload: Workload) -> Owned:
    image = "ghcr.io/berriai/litellm:v1.72.6-stable"
    _, manifest = _deployment(workload, image, 4, "litellm", "litellm", _LITELLM_RESOURCES, ports={"http": 4000})
    manifest["metadata"] = {"name": workload.deployment, "namespace": workload.namespace, "labels": {"app": "litellm"}}
    manifest["spec"]["selector"]["matchLabels"] = {"app": "litellm"}
    manifest["spec"]["template"]["metadata"]["labels"] = {"app": "litellm"}
    return _TERRAFORM, manifest


def _deployment(
    workload: Workload,
    image: str,
    replicas: int,
    release: str,
    chart: str,
    resources: tuple[tuple[str, str], tuple[str, str]],
    ports: dict[str, int] | None = None,
) -> Owned:
    (cpu, memory), (cpu_limit, memory_limit) = resources
    labels = _helm_labels(chart, release)
    selector = {key: labels[key] for key in ("app.kubernetes.io/instance", "app.kubernetes.io/name")}
    container: dict[str, Json] = {
        "name": workload.container,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "resources": {
            "requests": {"cpu": cpu, "memory": memory},
            "limits": {"cpu": cpu_limit, "memory": memory_limit},
        },
    }
    if ports:
        container["ports"] = [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports.items()]
    return (
        _HELM,
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": workload.deployment,
                "namespace": workload.namespace,
                "labels": labels,
                "annotations": {
                    "meta.helm.sh/release-name": release,
                    "meta.helm.sh/release-namespace": workload.namespace,
                },
            },
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": selector},
                "template": {"metadata": {"labels": dict(labels)}, "spec": {"containers": [container]}},
            },
        },
    )


def _karpenter(region: Region) -> Iterator[Owned]:
    """As applied, mistakes included: swapped Bottlerocket volumes, a made-up capacity key, a type that isn't."""
    core = "coder-server" if region.role is Role.CONTROL_PLANE else "coder-proxy"
    pools = (
        (core, core, f"{core}-class", ["m5a.xlarge", "m6a.xlarge"], "1m"),
        ("coder-provisioner", "coder-provisioner", "coder-provisioner-class", ["m5a.4xlarge", "m6a.4xlarge"], "1m"),
        ("coder-ws-all", "coder-ws", "coder-ws-class", ["c6a.32xlarge", "c5a.32xlarge"], "30m"),
    )
    for name, taint, node_class, types, idle in pools:
        yield _node_class(region, node_class)
        yield _node_pool(name, taint, node_class, types, idle)
    for index in range(2):
        yield _node(region, f"ip-10-0-{index}-10", core, "m6a.xlarge", ("3920m", "14162Mi", "17Gi"))
    owner, workspaces = _node(region, "ip-10-0-4-10", "coder-ws-all", "c6a.32xlarge", ("127610m", "234021Mi", "44Gi"))
    # As its pool's template has it; the others take pods of Deployments that tolerate nothing here.
    workspaces["spec"]["taints"] = [dict(NODE_TAINT)]
    yield owner, workspaces


def _node_pool(name: str, taint: str, node_class: str, types: list[str], idle: str) -> Owned:
    labels = {
        "node.coder.io/instance": "coder-v2",
        "node.coder.io/managed-by": "karpenter",
        "node.coder.io/name": "coder",
        "node.coder.io/part-of": "coder",
        "node.coder.io/used-for": name,
    }
    reference = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": node_class}
    requirements = [
        {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": types},
        {"key": "kubernetes.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
    ]
    template = {
        "nodeClassRef": reference,
        "requirements": requirements,
        "taints": [{"key": "dedicated", "value": taint, "effect": "NoSchedule"}],
        "expireAfter": "Never",
    }
    spec = {
        "template": {"metadata": {"labels": labels}, "spec": template},
        "disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": idle},
    }
    return (
        _TERRAFORM_MANIFEST,
        {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": name}, "spec": spec},
    )


def _node_class(region: Region, name: str) -> Owned:
    spec: dict[str, Json] = {
        "amiSelectorTerms": [{"alias": "al2023@latest"}],
        "role": region.node_role,
        "subnetSelectorTerms": [{"tags": {region.subnet_selector.tag: region.cluster.name}}],
        "securityGroupSelectorTerms": [{"tags": {region.security_group_selector.tag: region.cluster.name}}],
    }
    if name == "coder-ws-class":
        ebs = {"volumeType": "gp3", "encrypted": False, "deleteOnTermination": True}
        spec["amiSelectorTerms"] = [{"alias": "bottlerocket@latest"}]
        spec["blockDeviceMappings"] = [
            {"deviceName": "/dev/xvda", "ebs": {**ebs, "volumeSize": "1400Gi"}},
            {"deviceName": "/dev/xvdb", "ebs": {**ebs, "volumeSize": "50Gi"}},
        ]
    return (
        _TERRAFORM_MANIFEST,
        {"apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass", "metadata": {"name": name}, "spec": spec},
    )


def _node(region: Region, host: str, pool: str, instance_type: str, allocatable: tuple[str, str, str]) -> Owned:
    name = f"{host}.{region.name}.compute.internal"
    zone = region.zones[0] if region.zones else f"{region.name}a"
    labels = {
        "karpenter.sh/nodepool": pool,
        "karpenter.sh/capacity-type": "on-demand",
        "kubernetes.io/hostname": name,
        "node.kubernetes.io/instance-type": instance_type,
        "topology.kubernetes.io/region": region.name,
        "topology.kubernetes.io/zone": zone,
    }
    cpu, memory, storage = allocatable
    status = {
        "allocatable": {"cpu": cpu, "memory": memory, "ephemeral-storage": storage},
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    # Karpenter starts nothing while it sees a node of a pool that no instance is known of.
    instance = f"i-{hashlib.sha256(name.encode()).hexdigest()[:17]}"
    manifest = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"providerID": f"aws:///{zone}/{instance}"},
        "status": status,
    }
    return "karpenter", manifest


def _helm_labels(chart: str, release: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/instance": release,
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/name": chart,
        "app.kubernetes.io/part-of": chart,
    }
