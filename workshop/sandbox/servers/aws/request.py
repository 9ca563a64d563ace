"""A request to AWS, as it is judged, recorded and replayed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.aws import eks, s3
from workshop.sandbox.servers.aws.actions import is_allowed

S3: Final = "s3"
EKS: Final = "eks"
ECR: Final = "ecr"
_BY_PATH: Final = {S3: s3.action_of, EKS: eks.action_of}
"""Services whose actions follow from method, path and query."""

_READS = ("Describe", "Get", "Head", "List", "BatchGet", "BatchCheck", "Assume", "Search", "Validate")
_TARGET = "X-Amz-Target"
_SCOPE = re.compile(r"Credential=[^/,]+/[0-9]{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request")


class AwsRefusal(Exception):
    """What AWS answers to a request that is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class AwsRequest(BaseModel):
    """One request, without its credentials. body: its bytes as Latin-1. at: when it was first answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime
    service: str
    region: str
    method: str = "POST"
    path: str = "/"
    query: str = ""
    headers: dict[str, str] = {}
    body: str = ""

    @property
    def action(self) -> str:
        """CreateRepository, say; "" for none, or more than one."""
        if self.service in _BY_PATH:
            return _BY_PATH[self.service](self.method, self.path, self.query)
        if _TARGET in self.headers:
            return self.headers[_TARGET].rpartition(".")[2]
        actions = parse_qs(self.body).get("Action", [])
        return actions[0] if len(actions) == 1 else ""

    @property
    def is_allowed(self) -> bool:
        """Whether moto may see it: an action that this project uses, sent as AWS's clients send it."""
        if self.service in _BY_PATH:
            return self.action != ""
        target = self.headers.get(_TARGET, "").rpartition(".")[0]
        return (self.method, self.path, self.query) == ("POST", "/", "") and is_allowed(
            self.service, target, self.action
        )

    @property
    def is_change(self) -> bool:
        """Whether it may change something."""
        return not self.action.startswith(_READS)

    @property
    def is_recorded(self) -> bool:
        """Whether it is repeated at the next start: changes are, but for what is in buckets."""
        return self.is_change and not (self.service == S3 and self.action in s3.OBJECT_ACTIONS)


def json_request(service: str, target: str, region: str, body: Json) -> AwsRequest:
    """A request of the AWS JSON 1.1 protocol; target: the service's prefix and the action."""
    return AwsRequest(
        at=datetime.now(UTC),
        service=service,
        region=region,
        headers={"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"},
        body=json.dumps(body),
    )


def read_request(request: Request) -> AwsRequest:
    """What was sent, without its credentials."""
    service, region = _credential_scope(request)
    kept = {name: value for name, value in request.headers.items() if _is_kept(service, name)}
    return AwsRequest(
        at=datetime.now(UTC),
        service=service,
        region=region,
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        headers=kept,
        body=request.get_data().decode("latin-1"),
    )


def _is_kept(service: str, name: str) -> bool:
    return name in ("Content-Type", _TARGET) or (service == S3 and s3.is_header(name))


def _credential_scope(request: Request) -> tuple[str, str]:
    """Service and region of a signed request: Credential=KEY/DATE/REGION/SERVICE/aws4_request, or that in its URL."""
    signed = request.headers.get("Authorization", "")
    if not signed and request.method == "GET":
        signed = f"Credential={request.args.get('X-Amz-Credential', '')}"
    scope = _SCOPE.search(signed)
    return (scope["service"], scope["region"]) if scope else ("", "")


def moto_environ(request: AwsRequest) -> dict[str, Json]:
    """A request made anew of what was judged, so that moto sees nothing else."""
    scope = f"sandbox/20250101/{request.region}/{request.service}/aws4_request"
    signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    kept = request.headers if request.service == S3 else {k: v for k, v in request.headers.items() if k == _TARGET}
    return EnvironBuilder(
        method=request.method,
        path=request.path,
        query_string=request.query,
        base_url=f"http://{request.service}.{request.region}.amazonaws.com",
        headers=Headers({**kept, "Authorization": signature}),
        content_type=request.headers.get("Content-Type", ""),
        data=request.body.encode("latin-1"),
    ).get_environ()
