"""What an entry point meets in a sandbox: its LiteLLM, Secrets Manager and a cluster that is a folder."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from importlib import import_module

from workshop.model.rotation import KeyCopy, StoredKey
from workshop.rotation.cluster import Cluster
from workshop.rotation.litellm import LiteLLM
from workshop.rotation.stored_key import KeyStore
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.faults import Fault, plant_faults
from workshop.sandbox.servers.litellm.keys import master_key

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


def stored_json(key: str) -> str:
    return json.dumps({"LITELLM_MASTER_KEY": key})
