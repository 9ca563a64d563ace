"""One resource of each kind that the stack declares; the second time it changes, replaces and drops some."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps.v1 import DeploymentPatch

config = pulumi.Config("kinds")
is_first = config.require("phase") == "one"
ZONE = "0123456789abcdef0123456789abcdef"
endpoint = config.require("aws")
clouds = aws.Provider(
    "aws",
    region="us-west-2",
    access_key=config.require("token"),
    secret_key=config.require("token"),
    endpoints=[{"ecr": endpoint}],
)
cluster = kubernetes.Provider("kubernetes", kubeconfig=config.require("kubeconfig"), context="coder-ohio")
zone = cloudflare.Provider("cloudflare", api_token=config.require("token"), base_url=config.require("cloudflare"))
on_aws, on_cluster, on_zone = (pulumi.ResourceOptions(provider=provider) for provider in (clouds, cluster, zone))

repository = aws.ecr.Repository("repository", name="kinds" if is_first else "kinds-renamed", opts=on_aws)
rules = [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan",
          "countNumber": 1}, "action": {"type": "expire"}}]  # fmt: skip
aws.ecr.LifecyclePolicy("lifecycle", repository=repository.name, policy=json.dumps({"rules": rules}), opts=on_aws)
aws.ecr.ReplicationConfiguration(
    "replication",
    replication_configuration={
        "rules": [
            {"destinations": [{"region": "eu-west-2" if is_first else "us-east-2", "registry_id": "123456789012"}]}
        ]
    },
    opts=on_aws,
)
cloudflare.DnsRecord(
    "record",
    zone_id=ZONE,
    name="kinds.coder.com",
    type="CNAME",
    ttl=300 if is_first else 60,
    content="a.test",
    opts=on_zone,
)
if is_first:
    cloudflare.DnsRecord(
        "going", zone_id=ZONE, name="going.coder.com", type="A", ttl=300, content="192.0.2.1", opts=on_zone
    )
DeploymentPatch(
    "patch",
    metadata={
        "namespace": "litellm",
        "name": "litellm",
        "annotations": {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "kinds"},
    },
    spec={"replicas": 9 if is_first else 11},
    opts=on_cluster,
)
node_class = CustomResource(
    "class",
    api_version="karpenter.k8s.aws/v1",
    kind="EC2NodeClass",
    metadata={"name": "kinds"},
    spec={"role": "one" if is_first else "two"},
    opts=on_cluster,
)
CustomResource(
    "pool",
    api_version="karpenter.sh/v1",
    kind="NodePool",
    metadata={"name": "kinds" if is_first else "kinds-renamed"},
    spec={"weight": 7},
    opts=pulumi.ResourceOptions(provider=cluster, depends_on=[node_class]),
)
