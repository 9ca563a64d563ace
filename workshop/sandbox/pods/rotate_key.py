"""Stands for the image rotate-key of ai.coder.com: what its scripts do, as facts about them are public.

A generator (KEY_NAME is set) replaces LiteLLM's short-lived key and stores it; a swapper copies what is stored into its
namespace's Secret.
"""

from __future__ import annotations

import base64
import json
import os
from importlib import import_module
from pathlib import Path
from typing import Final

import httpx
import yaml
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from workshop.sandbox.json_values import Json

STORED_AS: Final = "litellm/rotated-key"
REGION: Final = "us-east-2"
_FIELD: Final = "LITELLM_MASTER_KEY"


def generate() -> None:
    """Deletes the key of before, issues one under the same alias and stores it."""
    alias = os.environ["KEY_NAME"]
    with httpx.Client(headers={"Authorization": f"Bearer {os.environ[_FIELD]}"}, timeout=30) as litellm:
        url = os.environ["LITELLM_URL"]
        litellm.post(f"{url}/key/delete", json={"key_aliases": [alias]})  # refused where there is none yet
        body = {"key_alias": alias, "duration": os.environ["KEY_DURATION"], "user_id": os.environ["USERNAME"]}
        answer = litellm.post(f"{url}/key/generate", json=body).raise_for_status()
    value = json.dumps({_FIELD: answer.json()["key"]})
    secrets = _secrets_manager()
    try:
        secrets.put_secret_value(SecretId=STORED_AS, SecretString=value)
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=STORED_AS, SecretString=value)


def swap() -> None:
    """Copies the stored key."""
    stored: Json = json.loads(_secrets_manager().get_secret_value(SecretId=STORED_AS)["SecretString"])
    data = {"token": base64.b64encode(stored[_FIELD].encode()).decode()}
    config: Json = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8"))
    namespace = config["contexts"][0]["context"]["namespace"]
    with Client() as client:
        secret = Secret(metadata=ObjectMeta(name=os.environ["SECRET_NAME"], namespace=namespace), data=data)
        client.apply(secret, field_manager="rotate-key", force=True)


def _secrets_manager() -> Json:
    boto3: Json = import_module("boto3")
    return boto3.client("secretsmanager", region_name=REGION)


if __name__ == "__main__":
    if "KEY_NAME" in os.environ:
        generate()
    else:
        swap()
