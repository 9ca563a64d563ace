"""Workspaces of a sandbox whose clusters are folders."""

from __future__ import annotations

import os
import uuid
from collections.abc import Generator
from importlib import import_module

import pytest
from lightkube import KubeConfig

from tests.sandbox.servers_for_tests import running
from workshop.event.work.bucket import Bucket
from workshop.event.work.exec import Cluster, Container
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths

OHIO = "coder-ohio"
NAMESPACE = "coder-ws"
REGION = "us-east-2"


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture(scope="package")
def cluster(sandbox: SandboxPaths) -> Generator[Cluster]:
    with Cluster(KubeConfig.from_file(sandbox.kubeconfig), OHIO) as opened:
        yield opened


@pytest.fixture
def container(sandbox: SandboxPaths) -> Container:
    """Of a workspace's pod, with an empty home."""
    return new_pod(sandbox)


def new_pod(sandbox: SandboxPaths, **variables: str) -> Container:
    """One that runs; variables: of its container."""
    name = f"coder-{uuid.uuid4().hex[:8]}"
    env = [{"name": name, "value": value} for name, value in {"GREETING": "hello", **variables}.items()]
    pod: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"containers": [{"name": "dev", "image": "base-ws", "env": env}]},
        "status": {"phase": "Running"},
    }
    ManifestStore(sandbox.clusters / OHIO).create(pod, "tests")
    return Container(namespace=NAMESPACE, pod=name, name="dev")


@pytest.fixture(scope="package")
def aws(sandbox: SandboxPaths) -> Generator[None]:
    """The environment in which clients ask the sandbox."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws_environment(sandbox).items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="package")
def s3(aws: None) -> Generator[Json]:
    client: Json = import_module("boto3").session.Session().client("s3", region_name=REGION)
    yield client
    client.close()


@pytest.fixture(scope="package")
def bucket(s3: Json) -> Generator[Bucket]:
    """Versioned, as the component makes it."""
    s3.create_bucket(Bucket="work", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="work", VersioningConfiguration={"Status": "Enabled"})
    opened = Bucket("work", REGION)
    try:
        yield opened
    finally:
        opened.close()


def aws_environment(sandbox: SandboxPaths) -> dict[str, str]:
    """As the kubelet's stand-in gives it to our Jobs."""
    return {
        "AWS_ENDPOINT_URL": sandbox.aws_endpoint,
        "AWS_ACCESS_KEY_ID": token_of(sandbox),
        "AWS_SECRET_ACCESS_KEY": token_of(sandbox),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
    }


def run(cluster: Cluster, container: Container, script: str) -> str:
    """What a shell in the pod prints."""
    said = bytearray()
    assert cluster.run(container, ["sh", "-c", script], stdout=said.extend, stderr=said.extend) == 0, said
    return said.decode()
