"""Fills an empty data folder with the platform as its repository describes it (coder/ai.coder.com at 6a071df)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import Final

import yaml

from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.stack import Settings
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.seed.objects import objects_of
from workshop.sandbox.servers.aws.extensions import ON_DEMAND_STANDARD
from workshop.sandbox.servers.aws.request import AwsRequest, json_request
from workshop.sandbox.servers.cloudflare.zones import Contents, Zone, new_record
from workshop.sandbox.servers.litellm.keys import master_key

IMAGE: Final = made_image("v2.25.1+3d7d3b9")
"""The image that is published, and that the sandbox's registries hold."""

IMAGE_INDEX: Final = IMAGE.index.decode()
IMAGE_DIGEST: Final = IMAGE.digest
"""What workshop:image.digest is in Pulumi.sandbox.yaml."""

_ECR = "AmazonEC2ContainerRegistry_V20150921"


def platform_settings(paths: SandboxPaths) -> Settings:
    """The settings of stack sandbox; how many users there are is of no matter here. Raises SettingsError."""
    file = paths.checkout / "Pulumi.sandbox.yaml"
    project = (paths.checkout / "Pulumi.yaml").read_text(encoding="utf-8")
    config = stack_config(file.read_text(encoding="utf-8"), project, file.name)
    return settings_from_config({**config, "workshop:users": "1"})


def seed_clusters(paths: SandboxPaths, settings: Settings) -> None:
    """Writes the manifests of each cluster that has none yet."""
    for region in settings.regions:
        context = region.cluster.context
        if context is None or (paths.clusters / context).exists():
            continue
        unfinished = paths.clusters / f".{context}"
        shutil.rmtree(unfinished, ignore_errors=True)
        ManifestStore(unfinished).fill(objects_of(settings, region, master_key(token_of(paths))))
        unfinished.rename(paths.clusters / context)


def write_kubeconfig(paths: SandboxPaths) -> None:
    """Writes a context for every cluster: those that have an API server, else those in the data folder."""
    real, token = api_servers(paths), token_of(paths)
    folders = paths.clusters.iterdir() if paths.clusters.exists() else ()
    contexts = sorted(real or (folder.name for folder in folders if not folder.name.startswith(".")))
    kubeconfig: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": real[name].cluster if real else {"server": paths.cluster_endpoint(name)}}
            for name in contexts
        ],
        "users": [{"name": name, "user": {"token": real[name].token if real else token}} for name in contexts],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in contexts],
        "current-context": contexts[0] if contexts else "",
    }
    write_private(paths.kubeconfig, yaml.safe_dump(kubeconfig, sort_keys=False))


def seed_cloudflare(paths: SandboxPaths, settings: Settings) -> None:
    """Writes the zones, the first with its neighbours' records, none of them ours."""
    zone = settings.zone
    if paths.cloudflare_file.exists() or zone.id is None:
        return
    records = [
        new_record({"type": kind, "name": f"{name}.{zone.name}", "content": content, "ttl": 300, "proxied": False})
        for kind, name, content in (
            ("A", "www", "192.0.2.10"),
            ("CNAME", "docs", f"www.{zone.name}"),
            ("TXT", "_acme-challenge.ai", "sandbox-challenge"),
            ("CNAME", "litellm.ai", "coder-ohio-alb.elb.us-east-2.amazonaws.com"),
        )
    ]
    further = (Zone(id=id, name=name) for name, id in settings.zones.items())
    contents = Contents(
        zones=(Zone(id=zone.id, name=zone.name), *further), records={zone.id: {r.id: r for r in records}}
    )
    write_private(paths.cloudflare_file, contents.model_dump_json(indent=1))


def aws_requests(settings: Settings) -> Iterable[AwsRequest]:
    """What was once asked of AWS to get the registries, images and quotas that the platform has."""
    for region in settings.regions:
        if region.vcpu_quota is not None:
            body = {"ServiceCode": "ec2", "QuotaCode": ON_DEMAND_STANDARD, "DesiredValue": region.vcpu_quota}
            target = "ServiceQuotasV20190624.RequestServiceQuotaIncrease"
            yield json_request("servicequotas", target, region.name, body)
    source, *others = (region.name for region in settings.regions)
    for name in settings.repositories:
        yield _create_repository(source, name)
    for region in others:
        yield _create_repository(region, settings.image.repository)
    for region in (source, *others):
        for manifest in IMAGE.manifests:
            yield _put_image(region, settings.image.repository, manifest)
        yield _put_image(region, settings.image.repository, IMAGE.index, imageTag=settings.image.tag)


def _put_image(region: str, repository: str, manifest: bytes, **tag: str) -> AwsRequest:
    body = {"repositoryName": repository, "imageManifest": manifest.decode(), **tag}
    return json_request("ecr", f"{_ECR}.PutImage", region, body)


def _create_repository(region: str, name: str) -> AwsRequest:
    """Scanned on push and MUTABLE, as Terraform made them."""
    body = {"repositoryName": name, "imageTagMutability": "MUTABLE", "imageScanningConfiguration": {"scanOnPush": True}}
    return json_request("ecr", f"{_ECR}.CreateRepository", region, body)
