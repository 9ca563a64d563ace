"""boto3's clients, for what Pulumi's functions don't answer and for what is looked up without a Pulumi program."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from workshop.model.settings.stack import Settings
from workshop.observe.sandbox_credentials import sandbox_token

_CONNECT_SECONDS = 3
_READ_SECONDS = 8

_MAKING = Lock()
"""boto3's session makes one client at a time; each of them may be used beside the others."""


@contextmanager
def aws_client(settings: Settings, service: str, region: str) -> Generator[Any]:
    """A client with the credentials that Pulumi's AWS provider uses; it gives up after seconds, not minutes.

    Its methods raise botocore.exceptions.BotoCoreError and ClientError.
    """
    import boto3  # pyright: ignore[reportMissingTypeStubs] # here: it takes a while
    from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]

    sandbox = settings.endpoints
    names = ("aws_access_key_id", "aws_secret_access_key")
    credentials = dict.fromkeys(names, sandbox_token(settings)) if sandbox else {}
    session: Any = boto3
    config = Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries={"total_max_attempts": 2})
    with _MAKING:
        client = session.client(
            service, region_name=region, endpoint_url=sandbox and sandbox.aws, config=config, **credentials
        )
    try:
        yield client
    finally:
        client.close()
