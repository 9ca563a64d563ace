"""One of each Kubernetes kind that the stack declares; the second time it changes, replaces and drops some."""

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.admissionregistration.v1 import (
    ValidatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicyBindingSpecArgs,
)
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps.v1 import DeploymentPatch
from pulumi_kubernetes.core.v1 import ConfigMap

from tests.policies.declared import node_class, node_pool

config = pulumi.Config("kinds")
name, is_first = config.require("name"), config.require("phase") == "one"
cluster = kubernetes.Provider("kubernetes", kubeconfig=config.require("kubeconfig"), context="coder-ohio")
opts = pulumi.ResourceOptions(provider=cluster)

DeploymentPatch(
    "patch",
    metadata={
        "namespace": "default",
        "name": name,
        "annotations": {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "kinds"},
    },
    spec={"replicas": 2 if is_first else 1},
    opts=opts,
)
made = CustomResource(
    "class",
    api_version="karpenter.k8s.aws/v1",
    kind="EC2NodeClass",
    metadata={"name": name, "labels": {"kinds": name}},
    spec={**node_class().inputs["spec"], "role": "one" if is_first else "two"},
    opts=opts,
)
CustomResource(
    "pool",
    api_version="karpenter.sh/v1",
    kind="NodePool",
    metadata={"name": name if is_first else f"{name}-renamed", "labels": {"kinds": name}},
    spec={**node_pool().inputs["spec"], "weight": 7},
    opts=pulumi.ResourceOptions(provider=cluster, depends_on=[made]),
)
ConfigMap(
    "map",
    metadata={"namespace": "default", "name": name, "labels": {"kinds": name}},
    data={"phase": config.require("phase")},
    opts=opts,
)
if is_first:
    ValidatingAdmissionPolicyBinding(
        "going",
        metadata={"name": name, "labels": {"kinds": name}},
        spec=ValidatingAdmissionPolicyBindingSpecArgs(policy_name=name, validation_actions=["Warn"]),
        opts=opts,
    )
