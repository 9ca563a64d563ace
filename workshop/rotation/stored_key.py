"""The window's key in AWS Secrets Manager."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workshop.model.rotation import STORED_FIELD, StoredKey
from workshop.rotation.failure import RotationFailure, named

_boto3: Any = import_module("boto3")
_exceptions: Any = import_module("botocore.exceptions")


class _Stored(BaseModel):
    model_config = ConfigDict(extra="ignore")

    key: str = Field(alias=STORED_FIELD, min_length=1)


class KeyStore:
    """One secret, whose JSON has the key under the name that ai.coder.com's own secret uses.

    Credentials and region are the Pod's own (IRSA). Every method raises RotationFailure.
    """

    def __init__(self, place: StoredKey) -> None:
        self._place = place
        self._client: Any = _boto3.client("secretsmanager", region_name=place.region)

    def read(self) -> str | None:
        """The key; None where none has been stored yet."""
        try:
            answer = self._client.get_secret_value(SecretId=self._place.name)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        except (_exceptions.BotoCoreError, _exceptions.ClientError) as error:
            raise self._refused("be read", error) from None
        with named(f"{self}: its value is not the JSON that this project stores", ValidationError):
            return _Stored.model_validate_json(answer.get("SecretString") or "{}").key

    def write(self, key: str) -> None:
        """Stores the key as the secret's current value."""
        try:
            self._client.put_secret_value(SecretId=self._place.name, SecretString=json.dumps({STORED_FIELD: key}))
        except (_exceptions.BotoCoreError, _exceptions.ClientError) as error:
            raise self._refused("be written", error) from None

    def __str__(self) -> str:
        return f"AWS Secrets Manager's {self._place.name} in {self._place.region}"

    def _refused(self, what: str, error: Any) -> RotationFailure:  # noqa: ANN401 -- botocore has no types
        answer: dict[str, Any] = getattr(error, "response", {}).get("Error", {})
        return RotationFailure(f"{self} can't {what}: {answer.get('Code') or type(error).__name__}")
