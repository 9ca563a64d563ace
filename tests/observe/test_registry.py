"""What AWS answers: found, not found, no answer, and whose a repository is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pulumi_aws as aws
import pytest

from tests.model.given import settings
from tests.observe.asking import Answers, absent, observed, unanswered, value_of
from workshop.model.names import MANAGED_BY_TAG, MARK
from workshop.model.observations import Observation
from workshop.model.settings.registry import ReplicationDestination, ReplicationRule
from workshop.model.settings.stack import Settings
from workshop.observe.registry import observe_account, observe_image_digest, observe_replication, observe_repositories

CALLER = "aws:index/getCallerIdentity:getCallerIdentity"
GET_IMAGE = "aws:ecr/getImage:getImage"
GET_REPOSITORY = "aws:ecr/getRepository:getRepository"
DIGEST = f"sha256:{'ab' * 32}"
IMAGE = settings().image
REGION = "us-east-2"
REPOSITORIES = ("base-ws", "coder-preview", "theirs")
_boto3: Any = import_module("boto3")


def ask(look: Callable[[aws.Provider], Observation[Any]], token: str, answer: object) -> Observation[Any]:
    """What a look-up finds where a function answers this."""
    return observed(lambda: look(aws.Provider("the-provider")), Answers({token: answer}))


def test_the_account_is_the_one_that_the_credentials_belong_to() -> None:
    found = ask(observe_account, CALLER, {"accountId": "123456789012"})
    assert value_of(found, "AWS sts:GetCallerIdentity") == "123456789012"


def test_an_account_that_is_not_told_is_no_answer() -> None:
    assert unanswered(ask(observe_account, CALLER, "ExpiredToken"), "AWS sts:GetCallerIdentity", "ExpiredToken")


IN_REGISTRY = f"ECR {REGION} {IMAGE.repository}"


def image_digest(answer: object) -> Observation[str]:
    return ask(lambda provider: observe_image_digest(provider, REGION, IMAGE), GET_IMAGE, answer)


@pytest.mark.parametrize(
    ("digest", "asked"), [(IMAGE.digest, {"imageDigest": IMAGE.digest}), (None, {"imageTag": IMAGE.tag})]
)
def test_an_image_is_asked_for_as_it_is_pinned_whatever_its_tag_leads_to(
    digest: str | None, asked: dict[str, str]
) -> None:
    image, answers = IMAGE.model_copy(update={"digest": digest}), Answers({GET_IMAGE: {"imageDigest": DIGEST}})
    found = observed(lambda: observe_image_digest(aws.Provider("the-provider"), REGION, image), answers)

    assert value_of(found, IN_REGISTRY) == DIGEST
    assert answers.asked == [(GET_IMAGE, {"repositoryName": IMAGE.repository, **asked})]


@pytest.mark.parametrize(
    "said",
    [
        "RepositoryNotFoundException: The repository with name 'coder-preview' does not exist",
        "ImageNotFoundException: The image with imageId {imageTag:'latest'} does not exist",
        "reading ECR Image: couldn't find resource",
        "query returned no results",
    ],
)
def test_an_image_that_is_not_there_is_absent(said: str) -> None:
    assert absent(image_digest(said), IN_REGISTRY)


def test_an_image_that_may_not_be_read_is_no_answer() -> None:
    assert unanswered(image_digest("AccessDeniedException"), IN_REGISTRY, "AccessDeniedException")


def repositories(answer: object) -> Observation[dict[str, bool]]:
    return ask(lambda provider: observe_repositories(provider, REGION, REPOSITORIES), GET_REPOSITORY, answer)


def test_repositories_that_exist_are_told_with_whose_they_are() -> None:
    def answer(arguments: Mapping[str, str]) -> object:
        name = arguments["name"]
        if name == "coder-preview":
            return "RepositoryNotFoundException"
        return {"tags": {MANAGED_BY_TAG: MARK if name == "base-ws" else "terraform"}}

    assert value_of(repositories(answer), f"ECR {REGION} repositories") == {"base-ws": True, "theirs": False}


def test_a_repository_without_our_tag_is_not_ours() -> None:
    assert set(value_of(repositories({"tags": {}}), f"ECR {REGION} repositories").values()) == {False}


def test_repositories_that_may_not_be_read_are_no_answer() -> None:
    assert unanswered(repositories("AccessDeniedException"), f"ECR {REGION} repositories", "AccessDeniedException")


def at(url: str) -> Settings:
    return settings(endpoints={"aws": url, "cloudflare": "http://127.0.0.1:9/client/v4"})


ELSEWHERE = "ca-central-1"
"""Where no other test has a registry: moto keeps what is put there."""


def test_replication_is_read_rule_by_rule(moto: str) -> None:
    credentials = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    ecr = _boto3.client("ecr", region_name=ELSEWHERE, endpoint_url=moto, **credentials)
    assert value_of(observe_replication(at(moto), ELSEWHERE), f"ECR {ELSEWHERE} replication") == ()

    destinations = [{"region": name, "registryId": "123456789012"} for name in ("us-west-2", "eu-west-2")]
    to = tuple(ReplicationDestination(region=one["region"], registry_id=one["registryId"]) for one in destinations)
    filters = {"repositoryFilters": [{"filter": "base", "filterType": "PREFIX_MATCH"}]}
    for given, prefixes in (({}, ()), (filters, ("base",))):
        rule = {"destinations": destinations, **given}
        ecr.put_replication_configuration(replicationConfiguration={"rules": [rule]})
        found = value_of(observe_replication(at(moto), ELSEWHERE), f"ECR {ELSEWHERE} replication")
        assert found == (ReplicationRule(destinations=to, prefixes=prefixes),)


def test_a_registry_that_does_not_answer_is_no_answer() -> None:
    assert unanswered(observe_replication(at("http://127.0.0.1:9"), REGION), f"ECR {REGION} replication", "127.0.0.1:9")
