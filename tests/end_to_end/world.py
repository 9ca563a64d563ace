"""What is there, asked of AWS, Cloudflare and the clusters with their official clients."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module

import cloudflare
from lightkube import Client, KubeConfig, generic_resource
from lightkube.resources.apps_v1 import Deployment

from tests.end_to_end.sandbox import REGIONS, ZONE
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths

_kinds: Json = generic_resource
_sessions: Json = import_module("boto3")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """deployments: "namespace/name" -> pods and images. pools and classes: by name.

    admission: what the cluster does about what its policies find wrong, by binding.
    """

    deployments: Mapping[str, tuple[int, tuple[str, ...]]]
    pools: Mapping[str, Json]
    classes: Mapping[str, Json]
    admission: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class World:
    """clusters: by context. records: name -> type, content, proxied. repositories: by region."""

    clusters: Mapping[str, Cluster]
    records: Mapping[str, tuple[str, str, bool]]
    repositories: Mapping[str, frozenset[str]]
    replication: Json


def look(paths: SandboxPaths) -> World:
    """Everything that a workshop is about."""
    repositories: dict[str, frozenset[str]] = {}
    for region in REGIONS:
        with registry(paths, region) as ecr:
            found = ecr.describe_repositories()["repositories"]
            repositories[region] = frozenset(repository["repositoryName"] for repository in found)
    with registry(paths, "us-east-2") as ecr:
        replication = ecr.describe_registry()["replicationConfiguration"]
    with cloudflare.Cloudflare(api_token=token_of(paths), base_url=paths.cloudflare_endpoint) as zones:
        records: Json = [record for record in zones.dns.records.list(zone_id=ZONE) if record.type == "CNAME"]
    return World(
        clusters={context: _cluster(paths, context) for context in REGIONS.values()},
        records={record.name: (record.type, record.content, record.proxied) for record in records},
        repositories=repositories,
        replication=replication,
    )


@contextmanager
def registry(paths: SandboxPaths, region: str) -> Generator[Json]:
    """boto3's client of one region's registry."""
    session: Json = _sessions.Session(aws_access_key_id=token_of(paths), aws_secret_access_key=token_of(paths))
    with closing(session.client("ecr", region_name=region, endpoint_url=paths.aws_endpoint)) as client:
        yield client


def _cluster(paths: SandboxPaths, context: str) -> Cluster:
    config: Json = KubeConfig.from_file(paths.kubeconfig).get(context_name=context)
    with Client(config=config) as opened:
        client: Json = opened
        return Cluster(
            deployments={
                f"{found.metadata.namespace}/{found.metadata.name}": (
                    found.spec.replicas,
                    tuple(container.image for container in found.spec.template.spec.containers),
                )
                for found in client.list(Deployment, namespace="*")
            },
            pools=_objects(client, "karpenter.sh", "NodePool", "nodepools"),
            classes=_objects(client, "karpenter.k8s.aws", "EC2NodeClass", "ec2nodeclasses"),
            admission={
                name: found["spec"]["validationActions"]
                for name, found in _objects(
                    client,
                    "admissionregistration.k8s.io",
                    "ValidatingAdmissionPolicyBinding",
                    "validatingadmissionpolicybindings",
                ).items()
            },
        )


def _objects(client: Json, group: str, kind: str, plural: str) -> Mapping[str, Json]:
    known: Json = _kinds.get_generic_resource(f"{group}/v1", kind) or _kinds.create_global_resource(
        group, "v1", kind, plural
    )
    return {found.metadata.name: dict(found) for found in client.list(known)}
