"""Replication of the control plane's registry: ours, and the rules of others."""

from tests.model.given import NO_ANSWER, found, in_region, judged, observe, settings, structure
from workshop.model.plan.replication import is_ours, replication_rules
from workshop.model.settings.registry import ReplicationDestination, ReplicationRule

ACCOUNT = settings().account or ""
OTHER = ReplicationRule(
    destinations=(ReplicationDestination(region="eu-central-1", registry_id="210987654321"),), prefixes=("billing/",)
)


def test_every_repository_goes_to_every_proxy_region() -> None:
    (rule,) = replication_rules(settings())
    assert [one.region for one in rule.destinations] == ["us-west-2", "eu-west-2"]
    assert rule.prefixes == settings().repositories


def test_without_an_account_or_another_region_nothing_is_copied() -> None:
    alone: dict[str, object] = {**structure("regions")[0], "share": 100}
    kept = [OTHER.model_dump()]

    assert replication_rules(settings(account=None)) == replication_rules(settings(regions=[alone])) == ()
    assert replication_rules(settings(regions=[alone], replication_rules_of_others=kept)) == (OTHER,)


def test_rules_of_others_are_declared_along() -> None:
    stack = settings(replication_rules_of_others=[OTHER.model_dump()])
    assert replication_rules(stack)[1:] == (OTHER,)
    assert judged(stack, observe(stack, in_region("us-east-2", replication_rules=found((OTHER,))))) == []


def test_a_rule_of_others_that_would_be_lost_is_refused_with_the_commands_that_keep_it() -> None:
    stack = settings()
    assert judged(stack, observe(stack, in_region("us-east-2", replication_rules=found((OTHER,))))) == [
        "[registry-replication] replication of the ECR registry in us-east-2: a rule that is not this project's "
        "copies billing/ to eu-central-1 of 210987654321; a registry has one list of rules, and this stack's would "
        "replace it: "
        "pulumi config set --path 'workshop:replication_rules_of_others[0].destinations[0].region' eu-central-1 && "
        "pulumi config set --path 'workshop:replication_rules_of_others[0].destinations[0].registry_id' 210987654321 "
        "&& "
        "pulumi config set --path 'workshop:replication_rules_of_others[0].prefixes[0]' billing/"
    ]


def test_our_rule_for_other_regions_or_repositories_than_todays_is_still_ours() -> None:
    earlier = ReplicationRule(
        destinations=(ReplicationDestination(region="ap-south-1", registry_id=ACCOUNT),), prefixes=("base-ws", "gone")
    )
    assert is_ours(earlier, settings())


def test_a_copy_into_another_account_is_never_ours() -> None:
    assert not is_ours(OTHER.model_copy(update={"prefixes": ("base-ws",)}), settings())


def test_a_registry_that_gives_no_answer_is_refused() -> None:
    stack = settings()
    (told,) = judged(stack, observe(stack, in_region("us-east-2", replication_rules=NO_ANSWER)))
    assert "[registry-replication]" in told
    assert "allow ecr:DescribeRegistry" in told
