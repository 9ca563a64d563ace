from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Generator
from importlib import import_module
from pathlib import Path

import pytest

from tests.sandbox.servers_for_tests import running
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.lifecycle import ensure_running, status, stop
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.seed.systems import IMAGE_DIGEST, IMAGE_INDEX

pytestmark = pytest.mark.slow

boto3: Json = import_module("boto3")  # untyped
ClientError: Json = import_module("botocore.exceptions").ClientError

SECRET = "not-to-be-recorded"
SELECTION = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30}
LIFECYCLE = json.dumps({"rules": [{"rulePriority": 1, "selection": SELECTION, "action": {"type": "expire"}}]})


_opened: list[Json] = []


@pytest.fixture(autouse=True)
def closing() -> Generator[None]:
    """Closes the clients that a test has opened."""
    yield
    while _opened:
        _opened.pop().close()


def client(paths: SandboxPaths, service: str, region: str = "us-east-2") -> Json:
    made = boto3.client(
        service,
        region_name=region,
        endpoint_url=paths.aws_endpoint,
        aws_access_key_id=token_of(paths),
        aws_secret_access_key=SECRET,
        aws_session_token=SECRET,
    )
    _opened.append(made)
    return made


def index(name: str) -> str:
    media_type = "application/vnd.oci.image.index.v1+json"
    return json.dumps({"schemaVersion": 2, "mediaType": media_type, "manifests": [], "annotations": {"name": name}})


def digests(paths: SandboxPaths, repository: str, region: str) -> list[str]:
    images = client(paths, "ecr", region).describe_images(repositoryName=repository)["imageDetails"]
    return [image["imageDigest"] for image in images]


def replicate(paths: SandboxPaths, prefix: str, *regions: str) -> None:
    destinations = [{"region": region, "registryId": "123456789012"} for region in regions]
    rule = {"destinations": destinations, "repositoryFilters": [{"filter": prefix, "filterType": "PREFIX_MATCH"}]}
    client(paths, "ecr").put_replication_configuration(replicationConfiguration={"rules": [rule]})


def test_the_seeded_registries_hold_the_pinned_image(sandbox: SandboxPaths) -> None:
    assert client(sandbox, "sts").get_caller_identity()["Account"] == "123456789012"
    for region in ("us-east-2", "us-west-2", "eu-west-2"):
        assert digests(sandbox, "coder-preview", region)[-1] == IMAGE_DIGEST
    names = {r["repositoryName"] for r in client(sandbox, "ecr").describe_repositories()["repositories"]}
    assert {"base-ws", "claude-ws", "goose-ws", "fetch-and-store", "coder-preview", "rotate-key"} <= names


def test_an_images_digest_is_that_of_its_manifest(sandbox: SandboxPaths) -> None:
    ecr = client(sandbox, "ecr")
    ecr.create_repository(repositoryName="true-digest")
    pushed = ecr.put_image(repositoryName="true-digest", imageManifest=index("a"), imageTag="v1")
    digest = f"sha256:{hashlib.sha256(index('a').encode()).hexdigest()}"
    assert pushed["image"]["imageId"]["imageDigest"] == digest
    with pytest.raises(ClientError, match="ImageDigestDoesNotMatchException"):
        ecr.put_image(repositoryName="true-digest", imageManifest=index("b"), imageTag="v2", imageDigest=digest)


def test_a_tag_that_must_not_move_does_not(sandbox: SandboxPaths) -> None:
    ecr = client(sandbox, "ecr")
    ecr.create_repository(
        repositoryName="immutable",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filter": "latest", "filterType": "WILDCARD"}],
    )
    for tag in ("latest", "v1"):
        ecr.put_image(repositoryName="immutable", imageManifest=index("a"), imageTag=tag)
    ecr.put_image(repositoryName="immutable", imageManifest=index("b"), imageTag="latest")
    with pytest.raises(ClientError, match="ImageAlreadyExistsException"):
        ecr.put_image(repositoryName="immutable", imageManifest=index("b"), imageTag="v1")


def test_what_is_pushed_after_replication_is_set_up_reaches_the_other_regions(sandbox: SandboxPaths) -> None:
    ecr = client(sandbox, "ecr")
    ecr.create_repository(repositoryName="replicated")
    before = ecr.put_image(repositoryName="replicated", imageManifest=index("before"), imageTag="v1")["image"]
    replicate(sandbox, "replic", "us-west-2", "eu-west-2")
    after = ecr.put_image(repositoryName="replicated", imageManifest=index("after"), imageTag="v2")["image"]

    def replication(image: Json) -> Json:
        answer = ecr.describe_image_replication_status(repositoryName="replicated", imageId=image["imageId"])
        return [(found["region"], found["status"]) for found in answer["replicationStatuses"]]

    assert {status for _, status in replication(after)} == {"IN_PROGRESS"}
    while {status for _, status in replication(after)} != {"COMPLETE"}:
        time.sleep(0.1)
    for region in ("us-west-2", "eu-west-2"):
        assert digests(sandbox, "replicated", region) == [after["imageId"]["imageDigest"]]

    assert replication(after) == [("us-west-2", "COMPLETE"), ("eu-west-2", "COMPLETE")]
    assert replication(before) == []
    ecr.create_repository(repositoryName="other")
    ecr.put_image(repositoryName="other", imageManifest=index("c"), imageTag="v1")
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        digests(sandbox, "other", "us-west-2")


def test_replication_to_itself_is_refused(sandbox: SandboxPaths) -> None:
    with pytest.raises(ClientError, match="destination cannot be the same"):
        replicate(sandbox, "own", "us-east-2")


def test_the_quota_of_workshops_is_that_of_the_settings_and_can_be_raised(sandbox: SandboxPaths) -> None:
    quotas = client(sandbox, "service-quotas", "eu-west-2")
    asked = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
    assert quotas.get_service_quota(**asked)["Quota"]["Value"] == 1024
    with pytest.raises(ClientError, match="IllegalArgumentException"):
        quotas.request_service_quota_increase(**asked, DesiredValue=1)
    quotas.request_service_quota_increase(**asked, DesiredValue=2048)
    assert quotas.get_service_quota(**asked)["Quota"]["Value"] == 2048
    assert client(sandbox, "service-quotas", "us-west-2").get_service_quota(**asked)["Quota"]["Value"] == 1024
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-34B43A08")


def test_a_killed_server_comes_back_with_everything(tmp_path: Path) -> None:
    with running(tmp_path) as paths:
        ecr = client(paths, "ecr")
        ecr.create_repository(repositoryName="kept", tags=[{"Key": "managed-by", "Value": "ours"}])
        ecr.put_lifecycle_policy(repositoryName="kept", lifecyclePolicyText=LIFECYCLE)
        replicate(paths, "kept", "us-west-2")
        ecr.put_image(repositoryName="kept", imageManifest=index("a"), imageTag="v1")
        made = client(paths, "iam").create_role(RoleName="kept", AssumeRolePolicyDocument="{}")["Role"]["RoleId"]
        pushed_at = ecr.describe_images(repositoryName="kept")["imageDetails"][0]["imagePushedAt"]
        lines = len(paths.aws_record.read_text().splitlines())
        with pytest.raises(ClientError):
            ecr.create_repository(repositoryName="kept")  # refused, so nothing to repeat
        ecr.describe_repositories()
        assert len(paths.aws_record.read_text().splitlines()) == lines
        assert SECRET not in paths.aws_record.read_text()

        server = status(paths)
        assert server
        os.kill(server.pid, signal.SIGKILL)
        os.waitpid(server.pid, 0)
        with paths.aws_record.open("a") as record:
            record.write('{"at": "2026-')  # a line that the kill cut short
        ensure_running(paths)

        (repository,) = ecr.describe_repositories(repositoryNames=["kept"])["repositories"]
        tags = ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]
        assert tags == [{"Key": "managed-by", "Value": "ours"}]
        assert ecr.get_lifecycle_policy(repositoryName="kept")["lifecyclePolicyText"] == LIFECYCLE
        assert ecr.describe_registry()["replicationConfiguration"]["rules"]
        assert ecr.describe_images(repositoryName="kept")["imageDetails"][0]["imagePushedAt"] == pushed_at
        assert digests(paths, "kept", "us-west-2") == digests(paths, "kept", "us-east-2")
        assert client(paths, "iam").get_role(RoleName="kept")["Role"]["RoleId"] == made
        ecr.create_repository(repositoryName="after")  # the record goes on where it was whole
        stop(paths)
        ensure_running(paths)
        assert ecr.describe_repositories(repositoryNames=["after"])["repositories"]


def test_a_record_that_cannot_be_read_is_told_with_the_way_out(tmp_path: Path) -> None:
    with running(tmp_path) as paths:
        stop(paths)
        paths.aws_record.write_text('{"account": "123456789012"}\nnonsense\n')
        with pytest.raises(SandboxProblem, match=r"aws\.jsonl can't be read[\s\S]*workshop sandbox reset") as told:
            ensure_running(paths)
        assert "Traceback" not in str(told.value)


def test_the_seeded_image_is_an_index() -> None:
    assert json.loads(IMAGE_INDEX)["mediaType"] == "application/vnd.oci.image.index.v1+json"


def test_an_instance_has_its_cores_and_was_launched_when_it_was_also_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as paths:
        asked = {"ImageId": "ami-12c6146b", "InstanceType": "c6a.4xlarge", "MinCount": 1, "MaxCount": 1}
        client(paths, "ec2").run_instances(**asked)

        def instance() -> Json:
            (group,) = client(paths, "ec2").describe_instances()["Reservations"]
            return group["Instances"][0]

        before = instance()
        assert before["CpuOptions"] == {"CoreCount": 8, "ThreadsPerCore": 2}
        stop(paths)
        ensure_running(paths)
        after = instance()
        assert (after["InstanceId"], after["LaunchTime"]) == (before["InstanceId"], before["LaunchTime"])
