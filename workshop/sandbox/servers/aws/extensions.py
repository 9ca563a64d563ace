"""What moto lacks: digests that are true, and the EC2 quota of workshops."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC
from importlib import import_module
from typing import Final
from urllib.parse import parse_qs

from werkzeug.wrappers import Response

from workshop.model.instances import INSTANCE_TYPES
from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.aws.replication import ecr_of, find_image, put_replication_configuration
from workshop.sandbox.servers.aws.request import AwsRefusal, AwsRequest

ON_DEMAND_STANDARD = "L-1216C47A"
"""EC2 quota "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", in vCPU."""

_INSTANCE_TYPE: Final = re.compile("<instanceType>(.+?)</instanceType>")
_THREADS: Final = 2
"""A core has so many in every type that workspace nodes may have (x86)."""

_DEFAULT_VCPU = 5.0
_quotas: dict[str, float] = {}


def complete_request(request: AwsRequest) -> AwsRequest:
    """Gives an image that is pushed the digest of its manifest; moto would make one up."""
    if (request.service, request.action) != ("ecr", "PutImage"):
        return request
    body = json.loads(request.body)
    digest = manifest_digest(body["imageManifest"])
    if body.get("imageDigest", digest) != digest:
        raise AwsRefusal(
            "ImageDigestDoesNotMatchException",
            f"The provided digest '{body['imageDigest']}' does not match the digest of the manifest, '{digest}'",
        )
    said = json.loads(body["imageManifest"]).get("mediaType")
    media_type = {"imageManifestMediaType": said} if said else {}
    return request.model_copy(update={"body": json.dumps({**media_type, **body, "imageDigest": digest})})


def manifest_digest(manifest: str) -> str:
    """The digest by which a registry knows a manifest."""
    return f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"


def follow_up(account: str, request: AwsRequest) -> None:
    """An instance was launched, and an image pushed, when it was asked for, also where the request is replayed."""
    if (request.service, request.action) == ("ec2", "RunInstances"):
        _date_instances(account, request)
    if (request.service, request.action) == ("ecr", "PutImage"):
        body = json.loads(request.body)
        image = find_image(
            ecr_of(account, request.region), body["repositoryName"], {"imageDigest": body["imageDigest"]}
        )
        image.image_pushed_at = int(request.at.timestamp())


def complete_response(request: AwsRequest, response: Response) -> None:
    """Says how many cores an instance has, which moto doesn't."""
    if (request.service, request.action) == ("ec2", "DescribeInstances"):
        response.set_data(_INSTANCE_TYPE.sub(_with_cores, response.get_data(as_text=True)))


def _with_cores(element: re.Match[str]) -> str:
    size = INSTANCE_TYPES.get(element[1])
    if size is None:
        return element[0]
    core_count = f"<coreCount>{size.vcpu // _THREADS}</coreCount>"
    return f"{element[0]}<cpuOptions>{core_count}<threadsPerCore>{_THREADS}</threadsPerCore></cpuOptions>"


def _date_instances(account: str, request: AwsRequest) -> None:
    models: Json = import_module("moto.ec2.models")
    *_, newest = models.ec2_backends[account][request.region].reservations.values()
    for instance in newest.instances:
        instance.launch_time = request.at.astimezone(UTC).replace(tzinfo=None)  # as moto has it


def tag_subnets(account: str, request: AwsRequest) -> None:
    """The sandbox's subnets are those of moto's default VPC, one a zone; they carry whatever tag is asked for."""
    if (request.service, request.action) != ("ec2", "DescribeSubnets"):
        return
    from moto.ec2.models import ec2_backends

    asked = parse_qs(request.body)
    name, value = (asked.get(f"Filter.1.{what}", [""])[0] for what in ("Name", "Value.1"))
    backend: Json = ec2_backends[account][request.region]
    if name.startswith("tag:"):
        backend.create_tags([subnet.id for subnet in backend.describe_subnets()], {name.removeprefix("tag:"): value})


def keep_bucket_policies(request: AwsRequest) -> None:
    """A bucket's policy is kept and applied to nobody: moto looks at no condition, so that one which refuses what comes
    without TLS would refuse everything; and nothing comes with TLS here."""
    if request.service != "s3":
        return
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    def neutral(_bucket: Json, _action: str, _resource: str) -> Json:
        return PermissionResult.NEUTRAL

    buckets: Json = FakeBucket
    buckets.get_permission = neutral


def _get_service_quota(account: str, region: str, body: Mapping[str, Json]) -> Json:
    if (body.get("ServiceCode"), body.get("QuotaCode")) != ("ec2", ON_DEMAND_STANDARD):
        raise AwsRefusal("NoSuchResourceException", "The request failed because the specified service does not exist.")
    return {"Quota": _quota(account, region)}


def _request_service_quota_increase(account: str, region: str, body: Mapping[str, Json]) -> Json:
    quota = _get_service_quota(account, region, body)["Quota"]
    if body["DesiredValue"] < quota["Value"]:
        raise AwsRefusal("IllegalArgumentException", "You must provide a quota value greater than the current one.")
    _quotas[region] = float(body["DesiredValue"])
    return {
        "RequestedQuota": {
            "ServiceCode": "ec2",
            "QuotaCode": ON_DEMAND_STANDARD,
            "DesiredValue": _quotas[region],
            "Status": "APPROVED",
        }
    }


def _list_service_quotas(account: str, region: str, body: Mapping[str, Json]) -> Json:
    return {"Quotas": [_quota(account, region)] if body.get("ServiceCode") == "ec2" else []}


def _quota(account: str, region: str) -> dict[str, Json]:
    return {
        "ServiceCode": "ec2",
        "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
        "QuotaArn": f"arn:aws:servicequotas:{region}:{account}:ec2/{ON_DEMAND_STANDARD}",
        "QuotaCode": ON_DEMAND_STANDARD,
        "QuotaName": "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
        "Value": _quotas.get(region, _DEFAULT_VCPU),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


EXTENSIONS: Final[Mapping[tuple[str, str], Callable[[str, str, Mapping[str, Json]], Json]]] = {
    ("ecr", "PutReplicationConfiguration"): put_replication_configuration,
    ("servicequotas", "GetServiceQuota"): _get_service_quota,
    ("servicequotas", "GetAWSDefaultServiceQuota"): lambda account, region, body: {
        "Quota": {**_get_service_quota(account, region, body)["Quota"], "Value": _DEFAULT_VCPU}
    },
    ("servicequotas", "ListServiceQuotas"): _list_service_quotas,
    ("servicequotas", "RequestServiceQuotaIncrease"): _request_service_quota_increase,
}
"""Requests that are answered here instead of by moto."""
