"""Knows no rules: declares a Bottlerocket node class with the large volume on the device for the system."""

import pulumi
import pulumi_kubernetes as kubernetes

config = pulumi.Config("workshop")
region = config.require_object("regions")[0]
kubernetes.apiextensions.CustomResource(
    "swapped-volumes",
    api_version="karpenter.k8s.aws/v1",
    kind="EC2NodeClass",
    metadata={"name": "swapped-volumes"},
    spec={
        "amiFamily": "Bottlerocket",
        "amiSelectorTerms": [{"alias": "bottlerocket@1.44.0"}],
        "role": region["node_role"],
        "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "coder-ohio"}}],
        "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "coder-ohio"}}],
        "blockDeviceMappings": [
            {"deviceName": device, "ebs": {"volumeSize": size, "volumeType": "gp3", "encrypted": True}}
            for device, size in (("/dev/xvda", "1400Gi"), ("/dev/xvdb", "50Gi"))
        ],
        "kubelet": {"maxPods": 9},
    },
    opts=pulumi.ResourceOptions(
        provider=kubernetes.Provider(
            "cluster", kubeconfig=config.require("kubeconfig"), context=region["cluster"]["context"]
        )
    ),
)
