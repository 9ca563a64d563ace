"""AWS: moto, with what it lacks around it, and a record of every change that is replayed at the next start."""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Final

from pydantic import BaseModel, ConfigDict
from werkzeug.wrappers import Request, Response

from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.aws import eks
from workshop.sandbox.servers.aws.extensions import (
    EXTENSIONS,
    complete_request,
    complete_response,
    follow_up,
    keep_bucket_policies,
    tag_subnets,
)
from workshop.sandbox.servers.aws.objects import Objects
from workshop.sandbox.servers.aws.pushing import complete_moto
from workshop.sandbox.servers.aws.replication import Replication
from workshop.sandbox.servers.aws.request import ECR, EKS, AwsRefusal, AwsRequest, moto_environ, read_request

REPLICATION_STATUS: Final = "DescribeImageReplicationStatus"
_TOKEN_LASTS: Final = timedelta(hours=12)
"""As ECR's."""


class _Header(BaseModel):
    """First line of the record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str


class Aws:
    """The WSGI application. Changes are answered one at a time, in the order in which they are recorded."""

    def __init__(self, paths: SandboxPaths, account: str, seed: Callable[[], Iterable[AwsRequest]]) -> None:
        """Replays the record; where there is none, carries out the seed for the account and starts one."""
        self._record = paths.aws_record
        self._lock = threading.RLock()
        self._changes = 0
        self._paths = paths
        self._objects = Objects(paths.objects, self._answer)
        if not self._record.exists():
            requests = list(seed())
            lines = [_Header(account=account).model_dump_json(), *(r.model_dump_json() for r in requests)]
            self._start_moto(account)
            self._replay(requests)
            write_private(self._record, "".join(f"{line}\n" for line in lines))
        else:
            account, requests = self._read_record()
            self._start_moto(account)
            self._replay(requests)
        self._objects.put_back()

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        return self.carry_out(read_request(Request(environ)))(environ, start_response)

    @property
    def account(self) -> str:
        """Whose everything is."""
        return self._account

    def look(self) -> None:
        """Lets time pass: what registries copy to each other arrives."""
        with self._lock:
            self._replication.deliver(datetime.now(UTC))

    def carry_out(self, request: AwsRequest) -> Response:
        """Answers a request, and keeps what it changed."""
        if not request.is_allowed:
            return _json({"__type": "UnknownOperationException", "message": _unknown(request)}, status=404)
        if not request.is_change:
            return self._answer(request)
        with self._lock:
            response = self._answer(request)
            if response.status_code < 400:
                response = self._keep(request) or response
        return response

    def _keep(self, request: AwsRequest) -> Response | None:
        """Keeps a change: of an object as a file, any other in the record. Answers what to say where it can't."""
        if request.is_recorded:
            return self._append(request)
        try:
            self._objects.follow(request)
        except OSError as error:
            return _json({"__type": "ServerException", "message": str(error)}, status=400)
        return None

    def _append(self, request: AwsRequest) -> Response | None:
        """Appends to the record. Where the disk is full it refuses, and ends: the next start knows what the record has.

        The status is none that clients try again, since nothing is left of the change.
        """
        size = self._record.stat().st_size
        try:
            with self._record.open("ab", buffering=0) as file:
                data = (request.model_dump_json() + "\n").encode()
                while data:
                    data = data[file.write(data) :]
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):  # what comes after half a line could not be read
                os.truncate(self._record, size)
            os.kill(os.getpid(), signal.SIGTERM)
            return _json({"__type": "ServerException", "message": f"{self._record}: {error.strerror}"}, status=400)
        return None

    def _start_moto(self, account: str) -> None:
        os.environ["MOTO_ACCOUNT_ID"] = account  # moto reads it when it is imported
        werkzeug_app: Json = import_module("moto.moto_server.werkzeug_app")
        self._account = account
        complete_moto()
        self._replication = Replication(self._paths, account)
        self._moto: Json = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)

    def _replay(self, requests: Iterable[AwsRequest]) -> None:
        for request in requests:
            if not request.is_allowed:
                sys.stderr.write(f"{self._record}: left out: {_unknown(request)}\n")
                continue
            response = self._answer(request)
            if response.status_code >= 400 and not _came_otherwise(request, response):
                raise SandboxProblem(
                    f"{self._record}: {request.service} {request.action} can't be repeated: "
                    f"{response.get_data(as_text=True)}: workshop sandbox reset"
                )

    def _answer(self, request: AwsRequest) -> Response:
        if request.service == EKS:
            return _json(*eks.answer(self._account, request.region, request.path, request.action, request.body))
        if request.service == ECR:
            with self._lock:
                self._replication.deliver(request.at)
        if (request.service, request.action) in ((ECR, "GetAuthorizationToken"), (ECR, REPLICATION_STATUS)):
            return self._answer_ecr(request)
        extension = EXTENSIONS.get((request.service, request.action))
        try:
            if extension is not None:
                return _json(extension(self._account, request.region, json.loads(request.body or "{}")))
            request = complete_request(request)
        except AwsRefusal as refusal:
            return _json({"__type": refusal.code, "message": refusal.message}, status=400)
        if request.is_recorded:
            from moto.moto_api._internal import mock_random

            self._changes += 1
            mock_random.seed(self._changes)  # identifiers are the same when the record is replayed
        tag_subnets(self._account, request)
        keep_bucket_policies(request)
        response = Response.from_app(self._moto, moto_environ(request), buffered=True)
        if response.status_code < 400:
            follow_up(self._account, request)
            if (request.service, request.action) == (ECR, "PutImage"):
                self._replication.follow(request)
            complete_response(request, response)
        return response

    def _answer_ecr(self, request: AwsRequest) -> Response:
        """What needs more than moto's state."""
        if request.action == "GetAuthorizationToken":
            token = base64.b64encode(f"AWS:{token_of(self._paths)}".encode()).decode()
            ends = datetime.now(UTC) + _TOKEN_LASTS
            host = f"https://{self._account}.dkr.ecr.{request.region}.amazonaws.com"
            data = {"authorizationToken": token, "expiresAt": ends.timestamp(), "proxyEndpoint": host}
            return _json({"authorizationData": [data]})
        try:
            return _json(self._replication.status(request.region, json.loads(request.body or "{}")))
        except AwsRefusal as refusal:
            return _json({"__type": refusal.code, "message": refusal.message}, status=400)

    def _read_record(self) -> tuple[str, list[AwsRequest]]:
        """Reads the record; a last line that a crash cut short was never answered, and is dropped."""
        text = self._record.read_text(encoding="utf-8")
        whole, _, torn = text.rpartition("\n")
        if torn:
            write_private(self._record, f"{whole}\n")
        header, *lines = whole.split("\n")
        try:
            return _Header.model_validate_json(header).account, [AwsRequest.model_validate_json(line) for line in lines]
        except ValueError as error:
            raise SandboxProblem(f"{self._record} can't be read: {error}: workshop sandbox reset") from error


def _came_otherwise(request: AwsRequest, response: Response) -> bool:
    """Whether a push is refused only because replication, whose faults are gone, has now brought the same image."""
    told = response.get_data(as_text=True)
    return (request.service, request.action) == (ECR, "PutImage") and "ImageAlreadyExistsException" in told


def _unknown(request: AwsRequest) -> str:
    what = f"{request.method} {request.service or '(unsigned)'}:{request.action or request.path}"
    return f"the sandbox has no {what[:200]!r}, only what this project uses (workshop/sandbox/servers/aws/actions.py)"


def _json(body: Json, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/x-amz-json-1.1")
