"""Stand-in for pulumi-aws: the resources and functions that this project uses, through botocore."""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from workshop.sandbox.providers import aws_functions, aws_iam, aws_secrets
from workshop.sandbox.providers.aws_resources import RESOURCES, AwsResource
from workshop.sandbox.providers.comparison import compare, like, with_ignored
from workshop.sandbox.providers.provider import (
    ANSWER_SECONDS,
    UNKNOWN,
    Checked,
    Diff,
    NoAnswer,
    Properties,
    ProviderError,
    Resource,
)
from workshop.sandbox.wire import Json

_ATTEMPTS: Final = 3
_SERVER_ERROR: Final = 500
_RESOURCES: Final[Mapping[str, AwsResource]] = {**RESOURCES, **aws_iam.RESOURCES, **aws_secrets.RESOURCES}
_CREDENTIALS: Final = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}


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
        self._endpoints: dict[str, str] = {}
        for entry in endpoints:
            self._endpoints.update({service: url for service, url in entry.items() if url})
        self.region: str = configuration.get("region") or "us-east-1"
        self._clients: dict[tuple[str, str], Json] = {}
        self._lock = threading.Lock()

    def get(self, service: str, region: str | None = None) -> Json:
        """A client; service is botocore's name. Raises ProviderError where no endpoint is set: there is no other."""
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
            config = import_module("botocore.config").Config(
                connect_timeout=ANSWER_SECONDS, read_timeout=ANSWER_SECONDS, retries={"total_max_attempts": _ATTEMPTS}
            )
            self._clients[key] = _session().create_client(
                service, region_name=key[1], endpoint_url=endpoint, config=config, **_CREDENTIALS
            )
            weakref.finalize(self, self._clients[key].close)
            return self._clients[key]


class AwsProvider:
    """Registries, IAM roles and secrets; see aws_functions for what can be asked."""

    def __init__(self, configuration: Properties) -> None:
        self._clients = AwsClients(configuration)

    def check(self, urn: str, kind: str, old_inputs: Properties | None, new_inputs: Properties, seed: bytes) -> Checked:
        """Fills in the region and names."""
        inputs = {"region": self._clients.region, **_without_none(new_inputs)}
        return Checked(inputs=_resource(kind).complete(urn, old_inputs or {}, inputs, seed))

    def diff(
        self,
        urn: str,
        kind: str,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: tuple[str, ...],
    ) -> Diff:
        """Replaces where AWS can't change a thing; a name can only be taken once, so it deletes first then."""
        resource = _resource(kind)
        old = {key: value for key, value in old_inputs.items() if key in new_inputs or key not in resource.if_given}
        found = compare(old, new_inputs, replaces=("region", *resource.replaces), ignore_changes=ignore_changes)
        same_place = all(old_inputs.get(k) == new_inputs.get(k) for k in ("region", *resource.identity))
        return Diff(
            changed=found.changed,
            replaces=found.replaces,
            is_delete_before_replace=bool(found.replaces) and same_place,
        )

    def create(self, urn: str, kind: str, inputs: Properties, is_preview: bool) -> Resource:
        """Creates it through the API."""
        resource = _resource(kind)
        if is_preview:
            return Resource(id="", outputs={**inputs, **dict.fromkeys(resource.computed, UNKNOWN)}, inputs=inputs)
        with _told(kind, inputs):
            id = resource.create(self._clients.get(resource.service, inputs["region"]), inputs)
        return Resource(id=id, outputs=self._outputs(kind, id, inputs), inputs=inputs)

    def read(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> Resource | None:
        """By id; an import may add the region: coder-preview@us-west-2."""
        id, _, region = id.partition("@")
        region = region or inputs.get("region") or outputs.get("region") or self._clients.region
        resource = _resource(kind)
        with _told(kind, inputs):
            live = resource.read(self._clients.get(resource.service, region), id)
        if live is None:
            return None
        live = {**live, "region": region}
        kept = {key: value for key, value in inputs.items() if key in resource.kept}
        all_inputs = {key: value for key, value in live.items() if key not in resource.computed and value}
        found = {**kept, **like(live, {k: v for k, v in inputs.items() if k not in kept})} if inputs else all_inputs
        return Resource(id=id, outputs={**kept, **live}, inputs=found)

    def update(
        self,
        urn: str,
        kind: str,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: tuple[str, ...],
        is_preview: bool,
    ) -> Properties:
        """Changes what differs."""
        inputs = with_ignored(old_inputs, new_inputs, ignore_changes)
        if is_preview:
            return {**old_outputs, **inputs}
        resource = _resource(kind)
        with _told(kind, inputs):
            resource.update(self._clients.get(resource.service, inputs["region"]), id, old_inputs, inputs)
        return self._outputs(kind, id, inputs)

    def delete(self, urn: str, kind: str, id: str, inputs: Properties, outputs: Properties) -> None:
        """Deletes it; one that is gone already is no error."""
        resource = _resource(kind)
        with _told(kind, inputs):
            resource.delete(self._clients.get(resource.service, inputs.get("region")), id, inputs)

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        """The id of a repository of this name. None for what a create overwrites: it may be repeated."""
        id = _resource(kind).exclusive_id(inputs)
        return id if id and self.read(urn, kind, id, inputs, {}) else None

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """See aws_functions."""
        function = aws_functions.FUNCTIONS.get(token)
        if function is None:
            raise ProviderError(f"the sandbox does not know the function {token}")
        arguments = {"region": self._clients.region, **_without_none(arguments)}
        with _told(token, arguments):
            return function(self._clients.get, arguments)

    def _outputs(self, kind: str, id: str, inputs: Properties) -> Properties:
        found = self.read("", kind, id, inputs, {})
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
