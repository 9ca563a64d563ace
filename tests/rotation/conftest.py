"""A sandbox for the entry points: its LiteLLM, Secrets Manager and a cluster that is a folder."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from tests.sandbox.servers_for_tests import running
from workshop.model.rotation import KeyCopy, StoredKey
from workshop.rotation.cluster import Cluster
from workshop.rotation.litellm import LiteLLM
from workshop.rotation.stored_key import KeyStore
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_whole
from workshop.sandbox.kinds import kind_of
from workshop.sandbox.kubelet import folder_token
from workshop.sandbox.manifests import Manifest, ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.faults import Fault, plant_faults
from workshop.sandbox.servers.litellm_keys import master_key
from workshop.sandbox.wire import Json

CONTEXT = "coder-oregon"
NAMESPACES = ("coder-ws", "coder-ws-experiment", "coder-ws-demo")
COPIES = tuple(
    KeyCopy(namespace=namespace, secret_name="litellm", secret_key="token", cron_job="rotate-key")
    for namespace in NAMESPACES
)
_boto3: Json = import_module("boto3")


@dataclass(frozen=True, kw_only=True)
class World:
    """What an entry point meets, and how a test changes and looks at it."""

    paths: SandboxPaths
    stored: StoredKey
    manifests: ManifestStore

    @property
    def url(self) -> str:
        return self.paths.litellm_endpoint

    @property
    def master_key(self) -> str:
        return master_key(token_of(self.paths))

    def litellm(self, timeout_seconds: float = 10) -> LiteLLM:
        return LiteLLM(self.url, timeout_seconds)

    def store(self) -> KeyStore:
        return KeyStore(self.stored)

    def cluster(self) -> Cluster:
        return Cluster()

    def plant(self, path: str, fault: Fault) -> None:
        plant_faults(self.paths, {f"/litellm{path}": fault})

    def fix(self) -> None:
        plant_faults(self.paths, {})

    def get(self, api_version: str, kind: str, namespace: str | None, name: str) -> Manifest:
        manifest = self.manifests.get(kind_of(api_version, kind), namespace, name)
        assert manifest is not None
        return manifest

    def key_in(self, namespace: str) -> str:
        return base64.b64decode(self.get("v1", "Secret", namespace, "litellm")["data"]["token"]).decode()

    def is_suspended(self, namespace: str) -> bool:
        return self.get("batch/v1", "CronJob", namespace, "rotate-key")["spec"]["suspend"]

    def suspend(self, namespace: str, *, is_suspended: bool = True, manager: str = "ai-coder-workshop-suspend") -> None:
        manifest = {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"namespace": namespace, "name": "rotate-key"},
            "spec": {"suspend": is_suspended},
        }
        self.manifests.apply(manifest, manager, force=True)

    def write_secret(self, namespace: str, key: str) -> None:
        manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"namespace": namespace, "name": "litellm"},
            "data": {"token": base64.b64encode(key.encode()).decode()},
        }
        self.manifests.apply(manifest, "rotate-key", force=True)

    def store_value(self, value: str) -> None:
        secrets_manager().put_secret_value(SecretId=self.stored.name, SecretString=value)


def secrets_manager() -> Json:
    return _boto3.client("secretsmanager", region_name="us-east-2")


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture
def world(
    sandbox: SandboxPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Generator[World]:
    """The sandbox with a secret of the test's own, and the environment that a Pod has."""
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": sandbox.cluster_endpoint(CONTEXT)}}],
        "users": [{"name": "u", "user": {"token": folder_token(sandbox)}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    write_whole(tmp_path / "kubeconfig", yaml.safe_dump(kubeconfig))
    for name, value in {
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
        "AWS_ENDPOINT_URL": sandbox.aws_endpoint,
        "AWS_ACCESS_KEY_ID": token_of(sandbox),
        "AWS_SECRET_ACCESS_KEY": token_of(sandbox),
        "NO_PROXY": "*",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it keeps the credentials of whoever used it first
    name = f"test/{request.node.name.translate(str.maketrans('[]', '--'))}"
    secrets_manager().create_secret(Name=name)
    made = World(
        paths=sandbox,
        stored=StoredKey(name=name, region="us-east-2"),
        manifests=ManifestStore(sandbox.clusters / CONTEXT),
    )
    yield made
    made.fix()
    for namespace in NAMESPACES:
        made.suspend(namespace, is_suspended=False, manager="HashiCorp")
        made.write_secret(namespace, "sk-rotated")


def stored_json(key: str) -> str:
    return json.dumps({"LITELLM_MASTER_KEY": key})
