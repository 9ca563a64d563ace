"""The WSGI application: what Karpenter's AWS provider asks, and nothing else, of moto or of what is around it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import import_module
from typing import Final
from urllib.parse import parse_qs, urlencode

from werkzeug.wrappers import Request, Response

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.aws.request import AwsRequest, moto_environ, read_request
from workshop.sandbox.servers.ec2.account import Account, furnish
from workshop.sandbox.servers.ec2.answers import empty, image_parameter, products, spot_prices

_EMPTY: Final = {
    "DescribeCapacityReservations": "capacityReservationSet",
    "DescribePlacementGroups": "placementGroupSet",
}
_OF_MOTO: Final = {
    "ec2": "DescribeImages DescribeInstanceStatus DescribeInstanceTypeOfferings DescribeInstanceTypes "
    "DescribeSecurityGroups DescribeSubnets",
    "iam": "AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile GetRole "
    "ListInstanceProfiles RemoveRoleFromInstanceProfile TagInstanceProfile",
    "sqs": "DeleteMessage GetQueueUrl ReceiveMessage SendMessage",
}
"""Instances and launch templates are not there: the provider's own stand-in for EC2 keeps these."""


class Ec2:
    """One account."""

    def __init__(self, account: Account) -> None:
        """Starts moto and puts into it what the account has."""
        os.environ["MOTO_ACCOUNT_ID"] = account.id  # moto reads it when it is imported
        werkzeug_app: Json = import_module("moto.moto_server.werkzeug_app")
        self._moto: Json = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)
        self._account = account
        self._regions = {region.name: region for region in account.regions}
        self._images = furnish(account, self._ask)

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        if f"Credential={self._account.token}/" not in request.headers.get("Authorization", ""):
            return Response("who asks?", status=403)(environ, start_response)
        return self._answer(read_request(request))(environ, start_response)

    def _answer(self, request: AwsRequest) -> Response:
        action = request.action
        if (request.service, action) == ("pricing", "GetProducts"):
            return _json(products(json.loads(request.body)))
        if (request.service, action) == ("ssm", "GetParameter"):
            return self._parameter(request)
        if (request.service, action) == ("ec2", "DescribeSpotPriceHistory"):
            return _xml(spot_prices(request.region))
        if request.service == "ec2" and action in _EMPTY:
            return _xml(empty(action, _EMPTY[action]))
        if action in _OF_MOTO.get(request.service, "").split():
            return Response.from_app(self._moto, moto_environ(_in_one_page(request)), buffered=True)
        return _json({"__type": "UnknownOperationException", "message": f"no {request.service} {action} here"}, 400)

    def _parameter(self, request: AwsRequest) -> Response:
        name = str(json.loads(request.body)["Name"])
        region = self._regions.get(request.region)
        found = region and image_parameter(name, region.ami_version, self._images[region.name])
        return _json(found) if found else _json({"__type": "ParameterNotFound", "message": name}, 400)

    def _ask(self, service: str, region: str, fields: dict[str, str]) -> Json:
        request = AwsRequest(
            at=datetime.now(UTC),
            service=service,
            region=region,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(fields),
        )
        response = Response.from_app(self._moto, moto_environ(request), buffered=True)
        if response.status_code >= 400:
            raise RuntimeError(f"{service} {parse_qs(request.body)['Action']}: {response.get_data(as_text=True)}")
        return response.get_data(as_text=True)


def _in_one_page(request: AwsRequest) -> AwsRequest:
    """moto looks at all instance types anew for each page, half a second for a hundred of fourteen."""
    if request.action != "DescribeInstanceTypes":
        return request
    fields = {name: values[0] for name, values in parse_qs(request.body).items() if name != "MaxResults"}
    return request.model_copy(update={"body": urlencode(fields)})


def _xml(text: str) -> Response:
    return Response(text, content_type="text/xml")


def _json(body: Json, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/x-amz-json-1.1")
