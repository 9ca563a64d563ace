"""Resources that pass every policy, for tests to break."""

from __future__ import annotations

from typing import Any

from policies.testing import Resource

DIGEST = "sha256:" + "5a" * 32
OTHER_DIGEST = "sha256:" + "b4" * 32
IMAGE = f"123456789012.dkr.ecr.us-east-2.amazonaws.com/coder-preview@{DIGEST}"


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
            "metadata": {"name": "coder", "namespace": "coder"},
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
