"""The platform as it was declared on 30 September 2024, for eleven users; each cause can be fixed by its name.

What that day had and this program leaves out (server and LiteLLM sizes, registries, admission) was not a cause and is
declared as it should be.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps.v1 import DeploymentPatch, DeploymentSpecPatchArgs
from pulumi_kubernetes.core.v1 import ContainerPatchArgs, PodSpecPatchArgs, PodTemplateSpecPatchArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaPatchArgs

MENDED = frozenset(pulumi.Config("incident").require("fixed").split(","))
DIGEST = pulumi.Config("workshop").require_object("image")["digest"]
ACCOUNT = "123456789012"
CLUSTERS = {"us-east-2": "coder-ohio", "us-west-2": "coder-oregon", "eu-west-2": "coder-london"}
ZONES = {
    "us-east-2": ["us-east-2c"],
    "us-west-2": ["us-west-2a", "us-west-2b"],
    "eu-west-2": ["eu-west-2a", "eu-west-2b"],
}
DOMAINS = {
    "us-east-2": "ai.coder.com",
    "us-west-2": "oregon-proxy.ai.coder.com",
    "eu-west-2": "emea-proxy.ai.coder.com",
}
WORKSPACES = ("coder-ws", "coder-ws-experiment", "coder-ws-demo")
REPOSITORIES = ["base-ws", "claude-ws", "goose-ws", "fetch-and-store", "coder-preview", "rotate-key"]
FORCED = {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "workshop"}


def patch(
    name: str, namespace: str, deployment: str, spec: DeploymentSpecPatchArgs, opts: pulumi.ResourceOptions
) -> None:
    """Owns a field of a Deployment."""
    metadata = ObjectMetaPatchArgs(namespace=namespace, name=deployment, annotations=FORCED)
    DeploymentPatch(name, metadata=metadata, spec=spec, opts=opts)


def pods(name: str, namespace: str, deployment: str, count: int, opts: pulumi.ResourceOptions) -> None:
    """How many pods a Deployment has."""
    patch(name, namespace, deployment, DeploymentSpecPatchArgs(replicas=count), opts)


def image(name: str, namespace: str, reference: str, opts: pulumi.ResourceOptions) -> None:
    """The Coder image that a Deployment runs."""
    containers = [ContainerPatchArgs(name="coder", image=reference)]
    template = PodTemplateSpecPatchArgs(spec=PodSpecPatchArgs(containers=containers))
    patch(name, namespace, "coder", DeploymentSpecPatchArgs(template=template), opts)


def volume(device: str, size: str) -> dict[str, object]:
    """An encrypted gp3 volume."""
    return {"deviceName": device, "ebs": {"volumeSize": size, "volumeType": "gp3", "encrypted": True}}


def one_of(key: str, *values: str) -> dict[str, object]:
    """A requirement on nodes."""
    return {"key": key, "operator": "In", "values": list(values)}


for region, context in CLUSTERS.items():
    in_cluster = pulumi.ResourceOptions(provider=kubernetes.Provider(region, context=context))
    is_control_plane = region == "us-east-2"

    # Cause: six provisioners queued the builds of more than ten users.
    default = 8 if "provisioners" in MENDED else 6
    for namespace, replicas in {"coder-ws": default, "coder-ws-experiment": 2, "coder-ws-demo": 2}.items():
        pods(f"{region}-{namespace}", namespace, "coder-provisioner", replicas, in_cluster)

    # Cause: the proxies ran another image than the control plane.
    pinned = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/coder-preview@{DIGEST}"
    if is_control_plane:
        pods(f"{region}-server", "coder", "coder", 2, in_cluster)
        pods(f"{region}-litellm", "litellm", "litellm", 4, in_cluster)
        image(f"{region}-server-image", "coder", pinned, in_cluster)
    else:
        pods(f"{region}-proxy", "coder-proxy", "coder", 2, in_cluster)
        reference = pinned if "images" in MENDED else "ghcr.io/coder/coder:v2.25.1"
        image(f"{region}-proxy-image", "coder-proxy", reference, in_cluster)

    # Cause: Bottlerocket's volumes were swapped, so that nodes offered 44 GiB instead of 1400.
    sizes = ("4Gi", "224Gi") if "storage" in MENDED else ("1400Gi", "50Gi")
    CustomResource(
        f"{region}-class",
        api_version="karpenter.k8s.aws/v1",
        kind="EC2NodeClass",
        metadata={"name": "workspaces"},
        spec={
            "amiFamily": "Bottlerocket",
            "amiSelectorTerms": [{"alias": "bottlerocket@v1.44.0"}],
            "blockDeviceMappings": [volume("/dev/xvda", sizes[0]), volume("/dev/xvdb", sizes[1])],
            "kubelet": {"maxPods": 9},
            "role": "workspaces",
            "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": context}}],
            "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": context}}],
        },
        opts=in_cluster,
    )
    CustomResource(
        f"{region}-pool",
        api_version="karpenter.sh/v1",
        kind="NodePool",
        metadata={"name": "workspaces"},
        spec={
            "limits": {"cpu": "80", "memory": "320Gi"},
            "disruption": {
                "consolidationPolicy": "WhenEmpty",
                "consolidateAfter": "30m",
                "budgets": [{"nodes": "0"}],
            },
            "template": {
                "spec": {
                    "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "workspaces"},
                    "expireAfter": "Never",
                    "requirements": [
                        one_of("karpenter.sh/capacity-type", "on-demand"),
                        one_of("node.kubernetes.io/instance-type", "c6a.4xlarge", "m6a.4xlarge"),
                        one_of("topology.kubernetes.io/zone", *ZONES[region]),
                    ],
                }
            },
        },
        opts=in_cluster,
    )

    # Cause: records could only be had by asking; the wildcards of the proxies were not there.
    domain = DOMAINS[region]
    for host in (domain, f"*.{domain}") if is_control_plane or "dns" in MENDED else (domain,):
        cloudflare.DnsRecord(
            f"{region}-{host}",
            zone_id="0123456789abcdef0123456789abcdef",
            name=host,
            type="CNAME",
            content=f"{context}.elb.{region}.amazonaws.com",
            ttl=300,
            proxied=False,
            opts=pulumi.ResourceOptions(protect=True),
        )

    for name in ("workspace-storage", "image-pinned", "node-pool-keys"):
        for kind in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"):
            CustomResource(
                f"{region}-{name}-{kind}",
                api_version="admissionregistration.k8s.io/v1",
                kind=kind,
                metadata={"name": name},
                opts=in_cluster,
            )

    # Cause: LiteLLM's key was rotated in the window.
    for namespace in (*WORKSPACES, "litellm") if is_control_plane else WORKSPACES:
        kubernetes.batch.v1.CronJobPatch(
            f"{region}-{namespace}-rotation",
            metadata=ObjectMetaPatchArgs(namespace=namespace, name="rotate-key", annotations=FORCED),
            spec=kubernetes.batch.v1.CronJobSpecPatchArgs(suspend="rotation" in MENDED),
            opts=in_cluster,
        )

    for repository in REPOSITORIES:
        aws.ecr.Repository(
            f"{region}-{repository}",
            name=repository,
            region=region,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            opts=pulumi.ResourceOptions(protect=True),
        )

aws.ecr.ReplicationConfiguration(
    "replication",
    replication_configuration=aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(
        rules=[
            aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
                destinations=[
                    aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
                        region=region, registry_id=ACCOUNT
                    )
                    for region in ("us-west-2", "eu-west-2")
                ],
                repository_filters=[
                    aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
                        filter=name, filter_type="PREFIX_MATCH"
                    )
                    for name in REPOSITORIES
                ],
            )
        ]
    ),
    opts=pulumi.ResourceOptions(protect=True),
)
