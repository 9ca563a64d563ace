"""Resources that pass every policy, for tests to break."""

from __future__ import annotations

from typing import Any

from policies.pack.testing import Resource

DIGEST = "sha256:" + "5a" * 32
OTHER_DIGEST = "sha256:" + "b4" * 32
IMAGE = f"123456789012.dkr.ecr.us-east-2.amazonaws.com/coder-preview@{DIGEST}"

FORCED = {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "ai-coder-workshop-image"}


def ebs(size: str) -> dict[str, Any]:
    """A gp3 volume."""
    return {"volumeSize": size, "volumeType": "gp3", "encrypted": True, "deleteOnTermination": True}


def node_class(name: str = "workshop-class", **spec: object) -> Resource:
    """Bottlerocket with 3 workspaces a node: 224 GiB where the kubelet looks, more than 60 % free at peak."""
    return Resource(
        type="kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
        name=name,
        inputs={
            "apiVersion": "karpenter.k8s.aws/v1",
            "kind": "EC2NodeClass",
            "metadata": {"name": "workshop-workspaces"},
            "spec": {
                "amiFamily": "Bottlerocket",
                "amiSelectorTerms": [{"alias": "bottlerocket@v1.44.0"}],
                "role": "workshop-node",
                "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "coder"}}],
                "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "coder"}}],
                "blockDeviceMappings": [
                    {"deviceName": "/dev/xvda", "ebs": ebs("4Gi")},
                    {"deviceName": "/dev/xvdb", "ebs": ebs("224Gi")},
                ],
                "kubelet": {"maxPods": 9},
                **spec,
            },
        },
    )


def server(image: str = IMAGE, name: str = "coder-server") -> Resource:
    """A Deployment's image, as a component of ours patches it."""
    return Resource(
        type="kubernetes:apps/v1:DeploymentPatch",
        name=name,
        inputs={
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "coder", "namespace": "coder", "annotations": FORCED},
            "spec": {"template": {"spec": {"containers": [{"name": "coder", "image": image}]}}},
        },
    )


def coder_component(kind: str = "CoderServer", name: str = "server", digest: str = DIGEST) -> Resource:
    """A component that says what was observed in each region's registry."""
    return Resource(
        type=f"workshop:components:{kind}",
        name=name,
        inputs={
            "region": "us-east-2",
            "replicas": 2,
            "repository": "123456789012.dkr.ecr.us-east-2.amazonaws.com/coder-preview",
            "digest": digest,
            "observed_digests": {"us-east-2": DIGEST, "us-west-2": DIGEST, "eu-west-2": DIGEST},
        },
    )


def node_pool(name: str = "workshop-pool", **spec: object) -> Resource:
    """On-demand nodes in us-east-2 that hold the plan for 20 users."""
    return Resource(
        type="kubernetes:karpenter.sh/v1:NodePool",
        name=name,
        inputs={
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodePool",
            "metadata": {"name": "workshop-workspaces"},
            "spec": {
                "limits": {"cpu": "80", "memory": "320Gi"},
                "disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "30m"},
                "template": {
                    "spec": {
                        "nodeClassRef": {
                            "group": "karpenter.k8s.aws",
                            "kind": "EC2NodeClass",
                            "name": "workshop-workspaces",
                        },
                        "expireAfter": "Never",
                        "requirements": [
                            one_of("karpenter.sh/capacity-type", "on-demand"),
                            one_of("kubernetes.io/arch", "amd64"),
                            one_of("node.kubernetes.io/instance-type", "c6a.4xlarge", "m6a.4xlarge"),
                            one_of("topology.kubernetes.io/zone", "us-east-2c"),
                        ],
                    }
                },
                **spec,
            },
        },
    )


def one_of(key: str, *values: str) -> dict[str, Any]:
    """A requirement."""
    return {"key": key, "operator": "In", "values": list(values)}


def patch_of(whole: Resource, **spec: object) -> Resource:
    """A patch of somebody else's object that sets these fields of its spec."""
    return Resource(
        type=f"{whole.type}Patch", name=whole.name, inputs={"metadata": whole.inputs["metadata"], "spec": spec}
    )


def replicas(count: object, namespace: str = "coder-ws", deployment: str = "coder-provisioner") -> Resource:
    """How many pods a Deployment has, as a component of ours patches it."""
    return Resource(
        type="kubernetes:apps/v1:DeploymentPatch",
        name=f"{namespace}-replicas",
        inputs={
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": deployment, "namespace": namespace, "annotations": FORCED},
            "spec": {"replicas": count},
        },
    )


def record(name: str = "ai.coder.com", target: str = "coder-ohio.elb.us-east-2.amazonaws.com") -> Resource:
    """A host of us-east-2."""
    return Resource(
        type="cloudflare:index/dnsRecord:DnsRecord",
        name=name,
        inputs={"zoneId": "0" * 32, "name": name, "type": "CNAME", "content": target, "ttl": 300, "proxied": False},
        protect=True,
    )


def repository(name: str = "coder-preview") -> Resource:
    """Tags that do not move but `latest`, scanned on push."""
    return Resource(
        type="aws:ecr/repository:Repository",
        name=name,
        inputs={
            "name": name,
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{"filter": "latest", "filterType": "WILDCARD"}],
            "imageScanningConfiguration": {"scanOnPush": True},
        },
        protect=True,
    )


def replication(*regions: str) -> Resource:
    """Every repository of the sandbox to these regions."""
    return Resource(
        type="aws:ecr/replicationConfiguration:ReplicationConfiguration",
        name="replication",
        inputs={
            "replicationConfiguration": {
                "rules": [
                    {
                        "destinations": [
                            {"region": region, "registryId": "123456789012"}
                            for region in regions or ("us-west-2", "eu-west-2")
                        ],
                        "repositoryFilters": [
                            {"filter": prefix, "filterType": "PREFIX_MATCH"}
                            for prefix in ("base", "claude", "goose", "fetch", "coder", "rotate")
                        ],
                    }
                ]
            }
        },
        protect=True,
    )


def cluster_role(**rule: object) -> Resource:
    """Rights in a cluster by one rule."""
    return Resource(type="kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", inputs={"rules": [rule]})
