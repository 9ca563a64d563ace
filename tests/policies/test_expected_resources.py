"""expected-resources: what a stack is for is in it; what is absent cannot be judged by any other policy."""

from __future__ import annotations

from dataclasses import replace

from components.admission import admission_policies
from policies.expected_resources import ADMISSION_POLICIES, EXPECTED_RESOURCES, implied
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.components.examples import ADMISSION
from tests.policies.declared import node_pool
from tests.policies.expecting import exemption, in_phase, refused, sandbox, takes, with_event, wrong_type
from workshop.model.window.phases import Phase

POOL = "kubernetes:karpenter.sh/v1:NodePool"


CLUSTERS = [
    Resource(type="pulumi:providers:kubernetes", inputs={"context": region.cluster.context})
    for region in sandbox().settings.regions
]


def everything() -> list[Resource]:
    """As many of each kind as the settings imply, spread over the clusters."""
    return [
        Resource(type=token, name=f"{token}-{number}", provider=CLUSTERS[number % 3])
        for token, count in implied(sandbox()).items()
        for number in range(count)
    ]


def too_few(found: int, wanted: int, token: str = POOL) -> str:
    return refused(
        EXPECTED_RESOURCES,
        f"{found} of {token} are declared, {wanted} expected",
        "declare them, or correct `expects` in the policies' configuration",
    )


def test_pass_with_what_is_expected_and_with_nothing_expected() -> None:
    assert judge(EXPECTED_RESOURCES, *everything(), stack=sandbox) == []
    assert judge(EXPECTED_RESOURCES) == []


def test_gate_3_counts_are_by_cluster() -> None:
    """Three pools in one cluster are none for the others, and a cluster that is not known is nobody's."""
    moved = [replace(one, provider=CLUSTERS[0]) if one.type == POOL else one for one in everything()]
    assert judge(EXPECTED_RESOURCES, *moved, stack=sandbox) == [
        refused(
            EXPECTED_RESOURCES,
            f"0 of {POOL} are declared in the cluster of {region}, 1 expected",
            f"declare them on the provider of the cluster of {region}",
        )
        for region in ("us-west-2", "eu-west-2")
    ]
    nowhere = [replace(one, provider=None) if "Binding" in one.type else one for one in everything()]
    assert len(judge(EXPECTED_RESOURCES, *nowhere, stack=sandbox)) == 3


def test_fail_on_fewer() -> None:
    assert judge(EXPECTED_RESOURCES, node_pool(), config={"expects": {POOL: 3}}) == [too_few(1, 3)]


def test_boundary_the_stack_s_settings_raise_what_is_expected() -> None:
    assert judge(EXPECTED_RESOURCES, node_pool(), config={"expects": {POOL: 1}}) == []
    scoped = judge(
        EXPECTED_RESOURCES, config={"expects": {POOL: 1}}, stack=lambda: sandbox(20, ("workshop:scope", "dns"))
    )
    assert scoped == [too_few(0, 1), too_few(0, 6, "cloudflare:index/dnsRecord:DnsRecord")]
    registry = judge(EXPECTED_RESOURCES, stack=lambda: sandbox(20, ("workshop:scope", "registry")))
    assert registry == [
        too_few(0, 18, "aws:ecr/repository:Repository"),
        too_few(0, 1, "aws:ecr/replicationConfiguration:ReplicationConfiguration"),
    ]


def test_boundary_an_event_brings_its_bucket_and_its_switches() -> None:
    """In the window there are those that resume the rotation, too, which must not pass for them."""
    for phase, switches in ((Phase.BEFORE, 3), (Phase.RUNNING, 6), (Phase.AFTER, 3)):
        with_it, without = implied(with_event(phase)), implied(in_phase(phase))
        brought = {"aws:s3/bucket:Bucket": 1, "kubernetes:batch/v1:CronJob": switches}
        assert {token: count for token, count in with_it.items() if without.get(token) != count} == brought


def test_boundary_of_all_that_a_whole_stack_consists_of() -> None:
    assert implied(sandbox()) == {
        "aws:ecr/repository:Repository": 18,
        "aws:ecr/replicationConfiguration:ReplicationConfiguration": 1,
        "cloudflare:index/dnsRecord:DnsRecord": 6,
        POOL: 3,
        "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": 3,
        "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": 9,
        "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": 9,
    }
    assert len(admission_policies(ADMISSION)) == ADMISSION_POLICIES


def test_boundary_one_region_replicates_nowhere() -> None:
    three = sandbox(20, ("workshop:scope", "registry"))
    settings = three.settings.model_copy(update={"regions": three.settings.regions[:1]})

    assert judge(EXPECTED_RESOURCES, stack=lambda: replace(three, settings=settings)) == [
        too_few(0, 6, "aws:ecr/repository:Repository")
    ]


def test_boundary_of_the_option_and_of_the_last_one_missing() -> None:
    assert takes(EXPECTED_RESOURCES, "expects", {POOL: 1})
    assert not takes(EXPECTED_RESOURCES, "expects", {POOL: 0})
    assert judge(EXPECTED_RESOURCES, config={"expects": {POOL: 1}}) == [too_few(0, 1)]
    raised = judge(EXPECTED_RESOURCES, config={"expects": {"aws:ecr/repository:Repository": 1}}, stack=sandbox)
    assert too_few(0, 18, "aws:ecr/repository:Repository") in raised


def test_unknown_number() -> None:
    assert judge(EXPECTED_RESOURCES, config={"expects": {POOL: UNKNOWN}}) == [
        wrong_type(EXPECTED_RESOURCES, f"expected-resources.expects.{POOL}", f"the text '{UNKNOWN}'", "a number")
    ]
    hidden = Resource(type=POOL, inputs={"spec": UNKNOWN})
    assert judge(EXPECTED_RESOURCES, hidden, config={"expects": {POOL: 1}}) == []


def test_missing_everything() -> None:
    assert [message.partition(";")[0] for message in judge(EXPECTED_RESOURCES, stack=sandbox)] == [
        f"0 of {token} are declared, {count} expected" for token, count in implied(sandbox()).items()
    ]


def test_wrong_type_of_number() -> None:
    assert judge(EXPECTED_RESOURCES, config={"expects": {POOL: "three"}}) == [
        wrong_type(EXPECTED_RESOURCES, f"expected-resources.expects.{POOL}", "the text 'three'", "a number")
    ]


def test_empty_expectations() -> None:
    assert judge(EXPECTED_RESOURCES, node_pool(), config={"expects": {}}) == []


def test_exempt() -> None:
    assert (
        judge(
            EXPECTED_RESOURCES,
            config={"expects": {POOL: 1}},
            exemptions=[exemption(EXPECTED_RESOURCES, "the stack")],
        )
        == []
    )


def test_boundary_two_regions_replicate_and_one_does_not() -> None:
    stack = sandbox()
    token = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
    for count, wanted in ((1, 0), (2, 1)):
        settings = stack.settings.model_copy(update={"regions": stack.settings.regions[:count]})
        assert implied(replace(stack, settings=settings))[token] == wanted
