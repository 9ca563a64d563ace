"""Objects that both kinds of clusters take."""

from __future__ import annotations

from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest

DEPLOYMENT = kind_of("apps/v1", "Deployment")
NODE_POOL = kind_of("karpenter.sh/v1", "NodePool")
NAMESPACE = kind_of("v1", "Namespace")
CRON_JOB = kind_of("batch/v1", "CronJob")
CONFIG_MAP = kind_of("v1", "ConfigMap")


def namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def deployment(name: str, replicas: int = 6, at: str = "default") -> Manifest:
    container = {"name": "main", "image": "ghcr.io/coder/coder:v2.25.1", "env": [{"name": "A", "value": "1"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": at, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }


def patch(name: str, spec: Json, at: str = "default") -> Manifest:
    """Part of a Deployment."""
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": at}, "spec": spec}


def release(manifest: Manifest) -> Manifest:
    """What gives up every field: the object's identity alone."""
    return {key: value for key, value in manifest.items() if key != "spec"}


def cron_job(name: str, **spec: Json) -> Manifest:
    """All of it, or a part for a patch."""
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": "default"},
        "spec": spec,
    }


def config_map(name: str, at: str = "default", **data: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": at}, "data": data}
