"""Functions of pulumi-aws: what they ask AWS, and their results' names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from workshop.sandbox.json_values import Json
from workshop.sandbox.providers.provider import Properties, ProviderError

Clients: TypeAlias = Callable[..., Json]
"""Service and region to a botocore client."""


def _get_caller_identity(clients: Clients, arguments: Properties) -> Properties:
    found = clients("sts", arguments["region"]).get_caller_identity()
    return {"id": found["Account"], "accountId": found["Account"], "arn": found["Arn"], "userId": found["UserId"]}


def _get_image(clients: Clients, arguments: Properties) -> Properties:
    repository = arguments["repositoryName"]
    ecr = clients("ecr", arguments["region"])
    wanted = {key: arguments[key] for key in ("imageTag", "imageDigest") if key in arguments}
    if not wanted and not arguments.get("mostRecent"):
        raise ProviderError("getImage needs imageTag, imageDigest or mostRecent")
    found = ecr.describe_images(repositoryName=repository, **({"imageIds": [wanted]} if wanted else {}))
    images = sorted(found["imageDetails"], key=lambda image: image["imagePushedAt"])
    if not images:
        raise ProviderError(f"no image in repository {repository} in {arguments['region']}")
    image = images[-1]
    (home,) = ecr.describe_repositories(repositoryNames=[repository])["repositories"]
    return {
        **arguments,
        "id": image["imageDigest"],
        "imageDigest": image["imageDigest"],
        "imagePushedAt": int(image["imagePushedAt"].timestamp()),
        "imageSizeInBytes": image.get("imageSizeInBytes") or 0,
        "imageTags": image.get("imageTags") or [],
        "imageUri": f"{home['repositoryUri']}@{image['imageDigest']}",
        "registryId": image["registryId"],
    }


def _get_repository(clients: Clients, arguments: Properties) -> Properties:
    ecr = clients("ecr", arguments["region"])
    (found,) = ecr.describe_repositories(repositoryNames=[arguments["name"]])["repositories"]
    tags = ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    images: list[dict[str, Json]] = ecr.describe_images(repositoryName=arguments["name"])["imageDetails"]
    tags_by_age: list[list[str]] = [
        image.get("imageTags") or [] for image in sorted(images, key=lambda image: image["imagePushedAt"])
    ]
    return {
        "id": found["repositoryName"],
        "name": found["repositoryName"],
        "arn": found["repositoryArn"],
        "region": arguments["region"],
        "registryId": found["registryId"],
        "repositoryUrl": found["repositoryUri"],
        "imageTagMutability": found["imageTagMutability"],
        "imageTagMutabilityExclusionFilters": found.get("imageTagMutabilityExclusionFilters") or [],
        "imageScanningConfigurations": [found["imageScanningConfiguration"]],
        "encryptionConfigurations": [found["encryptionConfiguration"]],
        "mostRecentImageTags": tags_by_age[-1] if tags_by_age else [],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _get_repositories(clients: Clients, arguments: Properties) -> Properties:
    pages = clients("ecr", arguments["region"]).get_paginator("describe_repositories").paginate()
    names = sorted(repository["repositoryName"] for page in pages for repository in page["repositories"])
    return {"id": arguments["region"], "region": arguments["region"], "names": names}


def _get_service_quota(clients: Clients, arguments: Properties) -> Properties:
    client = clients("service-quotas", arguments["region"])
    wanted = {"ServiceCode": arguments["serviceCode"], "QuotaCode": arguments["quotaCode"]}
    quota = client.get_service_quota(**wanted)["Quota"]
    default = client.get_aws_default_service_quota(**wanted)["Quota"]
    return {
        "id": quota["QuotaArn"],
        "arn": quota["QuotaArn"],
        "adjustable": quota["Adjustable"],
        "defaultValue": default["Value"],
        "globalQuota": quota["GlobalQuota"],
        "quotaCode": quota["QuotaCode"],
        "quotaName": quota["QuotaName"],
        "region": arguments["region"],
        "serviceCode": quota["ServiceCode"],
        "serviceName": quota["ServiceName"],
        "usageMetrics": [],
        "value": quota["Value"],
    }


FUNCTIONS: Final[Mapping[str, Callable[[Clients, Properties], Properties]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _get_caller_identity,
    "aws:ecr/getImage:getImage": _get_image,
    "aws:ecr/getRepository:getRepository": _get_repository,
    "aws:ecr/getRepositories:getRepositories": _get_repositories,
    "aws:servicequotas/getServiceQuota:getServiceQuota": _get_service_quota,
}
"""By token. Arguments always have a region."""
