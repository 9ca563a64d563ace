"""What rotates LiteLLM's key, and the Secrets that it writes, as Terraform made both
(coder/ai.coder.com at 6a071df)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

from workshop.model.rotation import region_rotation
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.sandbox.json_values import Json

_TERRAFORM: Final = "HashiCorp"

_ROTATED_KEY: Final = "sk-rotated"
"""What the swappers left in their Secrets; LiteLLM knows it no longer."""


def rotation_objects(settings: Settings, region: Region, master_key: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Those of one region, each with the manager that owns its fields. master_key: LiteLLM's."""
    rotation, names = region_rotation(settings, region), settings.rotation
    for swapper in rotation.swappers:
        yield from _rotate_key(settings, swapper.namespace, "0 */4 * * *", {})
        yield _secret(swapper.namespace, names.secret, {names.secret_key: _ROTATED_KEY})
    for generator in rotation.generators:
        variables = {"KEY_NAME": "litellm-tmp", "KEY_DURATION": "8h", "USERNAME": names.user}
        yield from _rotate_key(settings, generator.namespace, "*/5 * * * *", variables)
        master = {names.master_secret_key: master_key, "salt": master_key}
        yield _secret(generator.namespace, names.master_secret, master)


def _rotate_key(
    settings: Settings, namespace: str, schedule: str, variables: dict[str, str]
) -> Iterator[tuple[str, dict[str, Json]]]:
    """The CronJob and its account, which may write the Secret beside it; generators have variables, swappers none."""
    registry = f"{settings.account or '000000000000'}.dkr.ecr.{settings.regions[0].name}.amazonaws.com"
    rotation = settings.rotation
    name = rotation.cron_job
    env: list[dict[str, Json]] = [
        {"name": key, "value": value} for key, value in {**variables, "SECRET_NAME": rotation.secret}.items()
    ]
    if variables:
        master = {"name": rotation.master_secret, "key": rotation.master_secret_key}
        env.append({"name": "LITELLM_MASTER_KEY", "valueFrom": {"secretKeyRef": master}})
    container = {"name": name, "image": f"{registry}/rotate-key:latest", "env": env}
    pod = {"containers": [container], "restartPolicy": "Never", "serviceAccountName": name}
    metadata = {"name": name, "namespace": namespace}
    spec = {
        "schedule": schedule,
        "timeZone": "America/Vancouver",
        "concurrencyPolicy": "Replace",
        "suspend": False,
        "jobTemplate": {"spec": {"template": {"spec": pod}}},
    }
    rules = [
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [rotation.secret], "verbs": ["get", "patch"]}
    ]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    subjects = [{"kind": "ServiceAccount", "name": name, "namespace": namespace}]
    for kind, api_version, fields in (
        ("ServiceAccount", "v1", {}),
        ("Role", "rbac.authorization.k8s.io/v1", {"rules": rules}),
        ("RoleBinding", "rbac.authorization.k8s.io/v1", {"roleRef": role, "subjects": subjects}),
        ("CronJob", "batch/v1", {"spec": spec}),
    ):
        yield _TERRAFORM, {"apiVersion": api_version, "kind": kind, "metadata": dict(metadata), **fields}


def _secret(namespace: str, name: str, values: dict[str, str]) -> tuple[str, dict[str, Json]]:
    return (
        _TERRAFORM,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "type": "Opaque",
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
        },
    )
