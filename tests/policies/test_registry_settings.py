"""registry-settings: images reach every region, tags do not move, and nothing deletes what is pinned."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from policies.framework.policy import StackConfig
from policies.pack.testing import UNKNOWN, Resource, judge
from policies.registry_settings import REGISTRY_SETTINGS
from tests.policies.declared import replication, repository
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, unknown, wrong_type

RULES = "replicationConfiguration.rules"


def found(problem: str, fix: str, why: str | None = None) -> str:
    return refused(REGISTRY_SETTINGS, problem, fix, why)


def lifecycle(name: str = "base-ws", status: str = "untagged") -> Resource:
    rule = {"rulePriority": 1, "selection": {"tagStatus": status, "countType": "sinceImagePushed"}}
    return Resource(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        inputs={"repository": name, "policy": json.dumps({"rules": [rule]})},
    )


def test_pass_with_settings_as_components_declare_them() -> None:
    assert judge(REGISTRY_SETTINGS, repository(), replication(), lifecycle(), stack=sandbox) == []
    assert judge(REGISTRY_SETTINGS, repository().with_input("imageTagMutability", "IMMUTABLE")) == []
    assert (
        judge(
            REGISTRY_SETTINGS, lifecycle().with_input("policy", {"rules": [{"selection": {"tagStatus": "untagged"}}]})
        )
        == []
    )


def test_fail_on_tags_that_move() -> None:
    assert judge(REGISTRY_SETTINGS, repository().with_input("imageTagMutability", "MUTABLE")) == [
        found(
            "imageTagMutability is 'MUTABLE', must be IMMUTABLE or IMMUTABLE_WITH_EXCLUSION",
            "set it to IMMUTABLE_WITH_EXCLUSION with the filters latest and sha256-*",
        )
    ]
    assert judge(REGISTRY_SETTINGS, repository().with_input("imageTagMutabilityExclusionFilters.0.filter", "v*")) == [
        found(
            "imageTagMutabilityExclusionFilters[0].filter is 'v*', only latest and sha256-* may move",
            "keep the filters latest and sha256-*",
        )
    ]


def test_fail_unscanned_and_force_deleted() -> None:
    assert judge(REGISTRY_SETTINGS, repository().with_input("imageScanningConfiguration.scanOnPush", False)) == [
        found("scanOnPush is false", "set scanOnPush to true", "known holes go unnoticed")
    ]
    assert judge(REGISTRY_SETTINGS, repository().with_input("forceDelete", True)) == [
        found("forceDelete is true", "remove forceDelete", "deleting it deletes its images")
    ]
    assert judge(REGISTRY_SETTINGS, repository().with_input("forceDelete", False)) == []


def test_fail_on_a_lifecycle_that_reaches_what_is_pinned() -> None:
    reaches = found(
        "policy.rules[0] expires untagged images of 'coder-preview', whose digest is pinned",
        "remove the lifecycle policy of that repository",
        "once its tag moves on, the pinned digest is untagged and goes",
    )
    assert judge(REGISTRY_SETTINGS, lifecycle("coder-preview")) == [reaches]
    assert judge(REGISTRY_SETTINGS, lifecycle("coder-preview"), config={"pinnedRepositories": []}) == []
    with_stack = judge(REGISTRY_SETTINGS, lifecycle("coder-preview"), config={"pinnedRepositories": []}, stack=sandbox)
    assert with_stack[0] == reaches
    assert judge(REGISTRY_SETTINGS, lifecycle(status="any")) == [
        found(
            "policy.rules[0] expires any images of 'base-ws', must be untagged only",
            "select untagged images",
            "a template may still name the tag",
        )
    ]


def test_fail_on_a_region_that_images_do_not_reach() -> None:
    everything = "base-ws, claude-ws, goose-ws, fetch-and-store, coder-preview, rotate-key"
    assert judge(REGISTRY_SETTINGS, replication("us-west-2"), stack=sandbox) == [
        found(
            f"{everything} are not replicated to eu-west-2",
            "add a rule with destination eu-west-2 and a filter for each",
        )
    ]
    without_filter = replication().without_input(f"{RULES}.0.repositoryFilters")
    assert judge(REGISTRY_SETTINGS, without_filter, stack=sandbox) == []
    elsewhere = replication().with_input(f"{RULES}.0.repositoryFilters.4.filter", "codex")
    assert judge(REGISTRY_SETTINGS, elsewhere, stack=sandbox) == [
        found(
            f"coder-preview are not replicated to {region}",
            f"add a rule with destination {region} and a filter for each",
        )
        for region in ("us-west-2", "eu-west-2")
    ]


def kept(*prefixes: str) -> Callable[[], StackConfig]:
    """Settings that say what else the registry copies: to Tokyo, and to Oregon in another account."""
    tokyo = {"region": "ap-northeast-1", "registry_id": "123456789012"}
    oregon = {"region": "us-west-2", "registry_id": "210987654321"}
    rule = {"destinations": [tokyo, oregon], "prefixes": prefixes}
    return lambda: sandbox(20, ("workshop:replication_rules_of_others", json.dumps([rule])))


def with_rule(region: str, registry: str, *prefixes: str) -> Resource:
    """What this stack needs, and another rule."""
    ours = replication()
    filters = [{"filter": prefix, "filterType": "PREFIX_MATCH"} for prefix in prefixes]
    theirs = {
        "destinations": [{"region": region, "registryId": registry}],
        **({"repositoryFilters": filters} if filters else {}),
    }
    return ours.with_input(RULES, [*ours.inputs["replicationConfiguration"]["rules"], theirs])


def dropped(what: str, to: str) -> str:
    return found(
        f"{what} is no longer copied to {to}, which others rely on",
        "declare every rule of workshop:replication_rules_of_others beside this project's",
        "a registry has one list of rules, and declaring it drops those that are not in it",
    )


TOKYO, OREGON = "ap-northeast-1 of 123456789012", "us-west-2 of 210987654321"


def test_pass_with_the_rules_of_others_kept() -> None:
    destinations = [
        {"region": "ap-northeast-1", "registryId": "123456789012"},
        {"region": "us-west-2", "registryId": "210987654321"},
    ]
    both = with_rule("ap-northeast-1", "123456789012", "data").with_input(f"{RULES}.1.destinations", destinations)
    assert judge(REGISTRY_SETTINGS, both, stack=kept("data")) == []
    assert judge(REGISTRY_SETTINGS, both, stack=kept("data/sets")) == []


def test_fail_without_the_rules_of_others() -> None:
    assert judge(REGISTRY_SETTINGS, replication(), stack=kept("data", "models")) == [
        dropped("data, models", TOKYO),
        dropped("data, models", OREGON),
    ]
    assert judge(REGISTRY_SETTINGS, replication(), stack=kept()) == [
        dropped("everything", TOKYO),
        dropped("everything", OREGON),
    ]


def test_boundary_of_what_a_kept_rule_covers() -> None:
    tokyo = with_rule("ap-northeast-1", "123456789012", "data")
    assert judge(REGISTRY_SETTINGS, tokyo, stack=kept("data")) == [dropped("data", OREGON)]
    assert judge(REGISTRY_SETTINGS, tokyo, stack=kept("dat")) == [dropped("dat", TOKYO), dropped("dat", OREGON)]
    everything = with_rule("us-west-2", "210987654321")
    assert judge(REGISTRY_SETTINGS, everything, stack=kept()) == [dropped("everything", TOKYO)]


def test_fail_where_another_account_s_registry_gets_the_images() -> None:
    elsewhere = replication().with_input(f"{RULES}.0.destinations.0.registryId", "210987654321")
    assert judge(REGISTRY_SETTINGS, elsewhere, stack=sandbox) == [
        found(
            "base-ws, claude-ws, goose-ws, fetch-and-store, coder-preview, rotate-key are not replicated to us-west-2",
            "add a rule with destination us-west-2 and a filter for each",
        )
    ]


def test_unknown_missing_and_wrong_type_of_a_destination() -> None:
    registry = f"{RULES}[0].destinations[0].registryId"
    path = f"{RULES}.0.destinations.0.registryId"
    judged = [
        judge(REGISTRY_SETTINGS, resource, stack=kept("data"))
        for resource in (
            replication().with_input(path, UNKNOWN),
            replication().without_input(path),
            replication().with_input(path, 123456789012),
            replication().with_input(path, ""),
        )
    ]
    assert judged == [
        [unknown(REGISTRY_SETTINGS, registry)],
        [missing(REGISTRY_SETTINGS, registry)],
        [wrong_type(REGISTRY_SETTINGS, registry, "the number 1.23457e+11", "text")],
        [empty(REGISTRY_SETTINGS, registry)],
    ]


def many(rules: int, destinations: int, filters: int) -> Resource:
    rule = {
        "destinations": [{"region": f"r{i}", "registryId": "1"} for i in range(destinations)],
        "repositoryFilters": [{"filter": f"f{i}", "filterType": "PREFIX_MATCH"} for i in range(filters)],
    }
    return replication().with_input(RULES, [rule] * rules)


def test_boundary_of_ecr_s_limits() -> None:
    assert judge(REGISTRY_SETTINGS, many(10, 25, 100)) == []
    assert judge(REGISTRY_SETTINGS, many(11, 1, 1)) == [
        found("11 rules, ECR takes 10", "put destinations into one rule")
    ]
    assert judge(REGISTRY_SETTINGS, many(1, 26, 1)) == [
        found("26 destinations, ECR takes 25", "replicate to fewer regions")
    ]
    assert judge(REGISTRY_SETTINGS, many(1, 1, 101)) == [
        found(f"{RULES}[0] has 101 filters, ECR takes 100", "use shorter prefixes")
    ]


def test_boundary_of_one_region_which_needs_no_replication() -> None:
    two = sandbox()
    one = replace(two, settings=two.settings.model_copy(update={"regions": two.settings.regions[:1]}))

    assert judge(REGISTRY_SETTINGS, stack=lambda: one) == []


def test_unknown_mutability() -> None:
    assert judge(REGISTRY_SETTINGS, repository().with_input("imageTagMutability", UNKNOWN)) == [
        unknown(REGISTRY_SETTINGS, "imageTagMutability")
    ]


def test_missing_settings_mean_ecr_s_own() -> None:
    for name in ("imageTagMutability", "imageTagMutabilityExclusionFilters", "imageScanningConfiguration"):
        assert judge(REGISTRY_SETTINGS, repository().without_input(name)) == [missing(REGISTRY_SETTINGS, name)]


def test_missing_replication() -> None:
    assert judge(REGISTRY_SETTINGS, repository(), stack=sandbox) == [
        found(
            "no replication of the registry is declared",
            "declare aws.ecr.ReplicationConfiguration in the control plane's region",
        )
    ]
    assert judge(REGISTRY_SETTINGS, stack=lambda: sandbox(20, ("workshop:scope", "dns"))) == []


def test_wrong_type_of_document_and_filter() -> None:
    assert judge(REGISTRY_SETTINGS, lifecycle().with_input("policy", "{")) == [
        refused(REGISTRY_SETTINGS, "policy is not a JSON document", "write a JSON document")
    ]
    other = replication().with_input(f"{RULES}.0.repositoryFilters.0.filterType", "REGEX")
    assert judge(REGISTRY_SETTINGS, other) == [
        wrong_type(REGISTRY_SETTINGS, f"{RULES}[0].repositoryFilters[0].filterType", "'REGEX'", "PREFIX_MATCH")
    ]


def test_empty_rules() -> None:
    assert judge(REGISTRY_SETTINGS, replication().with_input(RULES, [])) == [empty(REGISTRY_SETTINGS, RULES)]


def test_exempt() -> None:
    mutable = repository().with_input("imageTagMutability", "MUTABLE")

    assert judge(REGISTRY_SETTINGS, mutable, exemptions=[exemption(REGISTRY_SETTINGS, mutable)]) == []
