"""Stand-in for pulumi-aws: the resources and functions that this project uses, through botocore."""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from workshop.observe.sandbox_credentials import NO_TOKEN
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.aws import eks, functions, iam, s3, secrets
from workshop.sandbox.providers.aws.resources import RESOURCES, AwsResource
from workshop.sandbox.providers.comparison import compare, like, with_ignored
from workshop.sandbox.providers.provider import (
    ANSWER_SECONDS,
    UNKNOWN,
    Checked,
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    Diff,
    DiffRequest,
    NoAnswer,
    Properties,
    ProviderError,
    ReadRequest,
    Resource,
    UpdateRequest,
    refuse_other_endpoint,
)

_ATTEMPTS: Final = 3
_SERVER_ERROR: Final = 500
_BELOW: Final = {"eks": "/eks"}
"""Where a service is not at the endpoint itself: EKS would answer below /clusters, as Kubernetes does."""

_RESOURCES: Final[Mapping[str, AwsResource]] = {
    **RESOURCES,
    **eks.RESOURCES,
    **iam.RESOURCES,
    **s3.RESOURCES,
    **secrets.RESOURCES,
}


@cache
def _session() -> Json:
    """One for all providers: it keeps the API descriptions that it has read; boto3 would add only its own imports."""
    return import_module("botocore.session").Session()


class AwsClients:
    """botocore clients for a provider's endpoints; made when first used, since importing botocore takes a while."""

    def __init__(self, configuration: Properties) -> None:
        endpoints: Json = configuration.get("endpoints") or []
        if isinstance(endpoints, str):
            endpoints = json.loads(endpoints)
        self._credentials = {
            "aws_access_key_id": configuration.get("accessKey") or NO_TOKEN,
            "aws_secret_access_key": configuration.get("secretKey") or NO_TOKEN,
        }
        self._endpoints: dict[str, str] = {}
        for entry in endpoints:
            self._endpoints.update({service: url for service, url in entry.items() if url})
        self.region: str = configuration.get("region") or "us-east-1"
        self._clients: dict[tuple[str, str], Json] = {}
        self._lock = threading.Lock()

    def get(self, service: str, region: str | None = None) -> Json:
        """A client; service is botocore's name. Raises ProviderError where the endpoint is not the sandbox's."""
        key = service.replace("-", ""), region or self.region
        with self._lock:
            if key in self._clients:
                return self._clients[key]
            endpoint = self._endpoints.get(key[0])
            if endpoint is None:
                raise ProviderError(
                    f"the AWS provider has no endpoint for {service}; the sandbox reaches nothing else: "
                    f"give aws.Provider endpoints=[{{{key[0]}: ...}}]"
                )
            own = SandboxPaths.from_environment().aws_endpoint
            refuse_other_endpoint(endpoint, f"{own}{_BELOW.get(key[0], '')}")
            config = import_module("botocore.config").Config(
                connect_timeout=ANSWER_SECONDS, read_timeout=ANSWER_SECONDS, retries={"total_max_attempts": _ATTEMPTS}
            )
            self._clients[key] = _session().create_client(
                service, region_name=key[1], endpoint_url=endpoint, config=config, **self._credentials
            )
            weakref.finalize(self, self._clients[key].close)
            return self._clients[key]


class AwsProvider:
    """Registries, IAM roles, secrets, buckets and access entries; functions.py has what can be asked."""

    def __init__(self, configuration: Properties) -> None:
        self._clients = AwsClients(configuration)

    def check(self, request: CheckRequest) -> Checked:
        """Fills in the region and names."""
        inputs = {"region": self._clients.region, **_without_none(request.inputs)}
        return Checked(
            inputs=_resource(request.kind).complete(request.urn, request.old_inputs or {}, inputs, request.seed)
        )

    def diff(self, request: DiffRequest) -> Diff:
        """Replaces where AWS can't change a thing; a name can only be taken once, so it deletes first then."""
        resource = _resource(request.kind)
        old = {
            key: value
            for key, value in request.old_inputs.items()
            if key in request.inputs or key not in resource.if_given
        }
        found = compare(
            old, request.inputs, replaces=("region", *resource.replaces), ignore_changes=request.ignore_changes
        )
        same_place = all(request.old_inputs.get(k) == request.inputs.get(k) for k in ("region", *resource.identity))
        return Diff(
            changed=found.changed,
            replaces=found.replaces,
            is_delete_before_replace=bool(found.replaces) and same_place,
        )

    def create(self, request: CreateRequest) -> Resource:
        """Creates it through the API."""
        resource = _resource(request.kind)
        if request.is_preview:
            return Resource(
                id="", outputs={**request.inputs, **dict.fromkeys(resource.computed, UNKNOWN)}, inputs=request.inputs
            )
        with _told(request.kind, request.inputs):
            id = resource.create(self._clients.get(resource.service, request.inputs["region"]), request.inputs)
        return Resource(id=id, outputs=self._outputs(request.kind, id, request.inputs), inputs=request.inputs)

    def read(self, request: ReadRequest) -> Resource | None:
        """By id; an import may add the region: coder-preview@us-west-2."""
        id, _, region = request.id.partition("@")
        region = region or request.inputs.get("region") or request.outputs.get("region") or self._clients.region
        resource = _resource(request.kind)
        with _told(request.kind, request.inputs):
            live = resource.read(self._clients.get(resource.service, region), id)
        if live is None:
            return None
        live = {**live, "region": region}
        kept = {key: value for key, value in request.inputs.items() if key in resource.kept}
        all_inputs = {key: value for key, value in live.items() if key not in resource.computed and value}
        found = (
            {**kept, **like(live, {k: v for k, v in request.inputs.items() if k not in kept})}
            if request.inputs
            else all_inputs
        )
        return Resource(id=id, outputs={**kept, **live}, inputs=found)

    def update(self, request: UpdateRequest) -> Properties:
        """Changes what differs."""
        inputs = with_ignored(request.old_inputs, request.inputs, request.ignore_changes)
        if request.is_preview:
            return {**request.old_outputs, **inputs}
        resource = _resource(request.kind)
        with _told(request.kind, inputs):
            resource.update(
                self._clients.get(resource.service, inputs["region"]), request.id, request.old_inputs, inputs
            )
        return self._outputs(request.kind, request.id, inputs)

    def delete(self, request: DeleteRequest) -> None:
        """Deletes it; one that is gone already is no error."""
        resource = _resource(request.kind)
        with _told(request.kind, request.inputs):
            resource.delete(
                self._clients.get(resource.service, request.inputs.get("region")), request.id, request.inputs
            )

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        """The id of a repository of this name. None for what a create overwrites: it may be repeated."""
        id = _resource(kind).exclusive_id(inputs)
        return id if id and self.read(ReadRequest(urn=urn, kind=kind, id=id, inputs=inputs, outputs={})) else None

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """See functions.py."""
        function = functions.FUNCTIONS.get(token)
        if function is None:
            raise ProviderError(f"the sandbox does not know the function {token}")
        arguments = {"region": self._clients.region, **_without_none(arguments)}
        with _told(token, arguments):
            return function(self._clients.get, arguments)

    def _outputs(self, kind: str, id: str, inputs: Properties) -> Properties:
        found = self.read(ReadRequest(urn="", kind=kind, id=id, inputs=inputs, outputs={}))
        if found is None:
            raise ProviderError(f"{id} is gone right after it was written")
        return {**inputs, **found.outputs}


class _told:  # noqa: N801 -- used like a function, with `with`
    """Turns what botocore raises into a message."""

    def __init__(self, what: str, inputs: Properties) -> None:
        self._what, self._region = what, inputs.get("region")

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None:
            return
        botocore: Json = import_module("botocore.exceptions")
        if isinstance(error, (botocore.BotoCoreError, botocore.ClientError)):
            refusal = NoAnswer if _is_unsure(error, botocore) else ProviderError
            raise refusal(f"{self._what.rpartition(':')[2]} in {self._region}: {error}") from None


def _is_unsure(error: Json, botocore: Json) -> bool:
    """No answer, a failure while it worked, or a refusal only when asked again, which may be due to the first time."""
    if isinstance(error, botocore.HTTPClientError):
        return True
    answer: Mapping[str, Json] = getattr(error, "response", {}).get("ResponseMetadata", {})
    return answer.get("HTTPStatusCode", 0) >= _SERVER_ERROR or answer.get("RetryAttempts", 0) > 0


def _resource(kind: str) -> AwsResource:
    resource = _RESOURCES.get(kind)
    if resource is None:
        raise ProviderError(f"the sandbox does not know {kind}")
    return resource


def _without_none(values: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in values.items() if value is not None}
