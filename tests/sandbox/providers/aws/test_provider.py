from __future__ import annotations

import json

import pytest

from tests.sandbox.providers.calls import Calls
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.aws.provider import AwsProvider
from workshop.sandbox.providers.provider import UNKNOWN, ProviderError
from workshop.sandbox.seed.systems import IMAGE_DIGEST

URN = "urn:pulumi:sandbox::workshop::aws:ecr/repository:Repository::images"
REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
SELECTION = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30}
POLICY = json.dumps({"rules": [{"rulePriority": 1, "selection": SELECTION, "action": {"type": "expire"}}]})


@pytest.fixture
def aws(sandbox: SandboxPaths) -> Calls:
    token = dict.fromkeys(("accessKey", "secretKey"), token_of(sandbox))
    endpoints = [{"ecr": sandbox.aws_endpoint, "sts": sandbox.aws_endpoint, "servicequotas": sandbox.aws_endpoint}]
    return Calls(AwsProvider({"region": "us-west-2", "endpoints": json.dumps(endpoints), **token}))


def repository(aws: Calls, name: str, **changes: Json) -> Json:
    inputs = {
        "name": name,
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filter": "latest", "filterType": "WILDCARD"}],
        "imageScanningConfiguration": {"scanOnPush": True},
        "tags": {"managed-by": "ai-coder-workshop"},
        **changes,
    }
    return aws.check(URN, REPOSITORY, None, inputs, b"seed").inputs


def differences(aws: Calls, kind: str, id: str, inputs: Json) -> tuple[str, ...]:
    """What a refresh and a preview of the same program would show."""
    read = aws.read(URN, kind, id, inputs, {})
    assert read
    return aws.diff(URN, kind, id, read.inputs, read.outputs, inputs, ()).changed


def test_who_we_are(aws: Calls) -> None:
    assert aws.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "123456789012"


def test_an_image_is_found_by_its_tag(aws: Calls) -> None:
    asked = {"repositoryName": "coder-preview", "imageTag": "latest", "imageDigest": None}
    image = aws.invoke("aws:ecr/getImage:getImage", asked)
    assert image["imageDigest"] == image["id"] == IMAGE_DIGEST
    assert image["imageUri"] == f"123456789012.dkr.ecr.us-west-2.amazonaws.com/coder-preview@{IMAGE_DIGEST}"
    assert isinstance(image["imagePushedAt"], int)
    with pytest.raises(ProviderError, match="ImageNotFoundException"):
        aws.invoke("aws:ecr/getImage:getImage", {**asked, "imageTag": "nonsense"})
    with pytest.raises(ProviderError, match="RepositoryNotFoundException"):
        aws.invoke("aws:ecr/getImage:getImage", {**asked, "repositoryName": "nonsense"})


def test_repositories_are_described(aws: Calls) -> None:
    found = aws.invoke("aws:ecr/getRepository:getRepository", {"name": "coder-preview"})
    assert (found["imageTagMutability"], found["mostRecentImageTags"]) == ("MUTABLE", ["latest"])
    in_ohio = aws.invoke("aws:ecr/getRepositories:getRepositories", {"region": "us-east-2"})
    assert {"base-ws", "rotate-key"} <= set(in_ohio["names"])


def test_the_quota_is_a_number_of_vcpu(aws: Calls) -> None:
    asked = {"serviceCode": "ec2", "quotaCode": "L-1216C47A"}
    found = aws.invoke("aws:servicequotas/getServiceQuota:getServiceQuota", asked)
    assert (found["value"], found["defaultValue"]) == (1024, 5)


def test_a_repository_lives_and_dies(aws: Calls) -> None:
    inputs = repository(aws, "life")
    previewed = aws.create(URN, REPOSITORY, inputs, True)
    assert (previewed.id, previewed.outputs["arn"], previewed.outputs["name"]) == ("", UNKNOWN, "life")
    assert aws.find(URN, REPOSITORY, inputs) is None
    made = aws.create(URN, REPOSITORY, inputs, False)
    assert made.id == aws.find(URN, REPOSITORY, inputs) == "life"
    assert made.outputs["repositoryUrl"] == "123456789012.dkr.ecr.us-west-2.amazonaws.com/life"
    assert differences(aws, REPOSITORY, "life", inputs) == ()

    wanted = repository(aws, "life", imageTagMutability="MUTABLE", imageTagMutabilityExclusionFilters=None, tags={})
    diff = aws.diff(URN, REPOSITORY, "life", inputs, made.outputs, wanted, ())
    assert diff.changed == ("imageTagMutability", "imageTagMutabilityExclusionFilters", "tags.managed-by")
    assert diff.replaces == ()
    outputs = aws.update(URN, REPOSITORY, "life", inputs, made.outputs, wanted, (), False)
    assert (outputs["imageTagMutability"], outputs["tagsAll"]) == ("MUTABLE", {})
    assert differences(aws, REPOSITORY, "life", wanted) == ()
    for _ in range(2):
        aws.delete(URN, REPOSITORY, "life", wanted, outputs)
    assert aws.read(URN, REPOSITORY, "life", wanted, {}) is None


def test_a_region_of_its_own_wins_over_the_providers(aws: Calls) -> None:
    inputs = repository(aws, "elsewhere", region="eu-west-2")
    assert ":eu-west-2:" in aws.create(URN, REPOSITORY, inputs, False).outputs["arn"]
    moved = repository(aws, "elsewhere")
    diff = aws.diff(URN, REPOSITORY, "elsewhere", inputs, {}, moved, ())
    assert (diff.replaces, diff.is_delete_before_replace) == (("region",), False)


def test_other_encryption_is_another_repository_of_the_same_name(aws: Calls) -> None:
    old = repository(aws, "a", encryptionConfigurations=[{"encryptionType": "AES256"}])
    new = repository(aws, "a", encryptionConfigurations=[{"encryptionType": "KMS"}])
    diff = aws.diff(URN, REPOSITORY, "a", old, {}, new, ())
    assert (diff.replaces, diff.is_delete_before_replace) == (("encryptionConfigurations[0].encryptionType",), True)


def test_a_repository_that_exists_is_not_created(aws: Calls) -> None:
    with pytest.raises(ProviderError, match=r"^Repository in us-west-2: .*RepositoryAlreadyExistsException"):
        aws.create(URN, REPOSITORY, repository(aws, "coder-preview"), False)


def test_a_repository_with_images_is_only_deleted_by_force(aws: Calls) -> None:
    with pytest.raises(ProviderError, match="RepositoryNotEmptyException"):
        aws.delete(URN, REPOSITORY, "coder-preview", repository(aws, "coder-preview"), {})


def test_a_repository_is_imported_with_what_it_is(aws: Calls) -> None:
    read = aws.read(URN, REPOSITORY, "base-ws@us-east-2", {}, {})
    assert read
    assert (read.id, read.inputs["region"], read.inputs["imageTagMutability"]) == ("base-ws", "us-east-2", "MUTABLE")
    assert "arn" not in read.inputs
    assert aws.read(URN, REPOSITORY, "base-ws", {}, {}) is None


def test_a_name_is_made_up_where_none_is_given(aws: Calls) -> None:
    inputs = aws.check(URN, REPOSITORY, None, {}, b"seed").inputs
    assert inputs == {"region": "us-west-2", "name": "images-7365656"}
    assert aws.check(URN, REPOSITORY, inputs, {}, b"other").inputs == inputs


def test_a_lifecycle_policy_lives_and_dies(aws: Calls) -> None:
    aws.create(URN, REPOSITORY, repository(aws, "with-policy"), False)
    inputs = aws.check(URN, LIFECYCLE, None, {"repository": "with-policy", "policy": json.loads(POLICY)}, b"").inputs
    assert inputs["policy"] == POLICY
    made = aws.create(URN, LIFECYCLE, inputs, False)
    assert (made.id, made.outputs["registryId"]) == ("with-policy", "123456789012")
    assert differences(aws, LIFECYCLE, made.id, inputs) == ()
    assert aws.find(URN, LIFECYCLE, inputs) is None
    for _ in range(2):
        aws.delete(URN, LIFECYCLE, made.id, inputs, made.outputs)
    assert aws.read(URN, LIFECYCLE, made.id, inputs, {}) is None


def test_a_registry_has_one_replication_configuration(aws: Calls) -> None:
    def wanted(*regions: str) -> Json:
        destinations = [{"region": region, "registryId": "123456789012"} for region in regions]
        filters = [{"filter": "life", "filterType": "PREFIX_MATCH"}]
        rules = [{"destinations": destinations, "repositoryFilters": filters}]
        return aws.check(URN, REPLICATION, None, {"replicationConfiguration": {"rules": rules}}, b"").inputs

    assert aws.read(URN, REPLICATION, "123456789012", {}, {}) is None
    made = aws.create(URN, REPLICATION, wanted("us-east-2"), False)
    assert made.id == "123456789012"
    assert differences(aws, REPLICATION, made.id, wanted("us-east-2")) == ()
    two = wanted("us-east-2", "eu-west-2")
    aws.update(URN, REPLICATION, made.id, wanted("us-east-2"), made.outputs, two, (), False)
    assert differences(aws, REPLICATION, made.id, two) == ()
    aws.delete(URN, REPLICATION, made.id, two, {})
    assert aws.read(URN, REPLICATION, made.id, two, {}) is None


def test_only_services_with_an_endpoint_are_reached(sandbox: SandboxPaths) -> None:
    with pytest.raises(ProviderError, match="no endpoint for sts; the sandbox reaches nothing else"):
        Calls(AwsProvider({"endpoints": [{"ecr": sandbox.aws_endpoint}]})).invoke(
            "aws:index/getCallerIdentity:getCallerIdentity", {}
        )


def test_an_endpoint_that_is_not_the_sandboxs_is_refused(sandbox: SandboxPaths) -> None:
    for url in ("http://127.0.0.1:9", f"{sandbox.aws_endpoint}/litellm", "https://sts.amazonaws.com"):
        with pytest.raises(ProviderError, match="is not this sandbox's"):
            AwsProvider({"endpoints": [{"sts": url}]}).invoke("aws:index/getCallerIdentity:getCallerIdentity", {})


def test_what_is_not_known_is_refused(aws: Calls) -> None:
    with pytest.raises(ProviderError, match="does not know the function aws:ec2/getVpc:getVpc"):
        aws.invoke("aws:ec2/getVpc:getVpc", {})
    with pytest.raises(ProviderError, match="does not know aws:sqs/queue:Queue"):
        aws.check(URN, "aws:sqs/queue:Queue", None, {}, b"")
