"""A region's host leads to a load balancer of that region, or to one that its zone's file names."""

from __future__ import annotations

import pytest

from tests.dns.bad_changes import LB, OREGON
from tests.dns.test_bad_changes import reviewed
from tests.model.given import ABSENT, NO_ANSWER, ROOT, found, in_region, observe, regions, settings
from tests.model.test_comparison import SANDBOX, version
from workshop.model.comparison import violations
from workshop.model.findings import line
from workshop.model.plan.plan import make_plan
from workshop.model.rules.observations import region_balancers
from workshop.model.rules.settings import load_balancers

CODER = "zone: coder.com\ndomains: [ai.coder.com]\n"


def problems(host: str, zone: str = CODER, stack: str = "sandbox") -> list[str]:
    given = settings(stack, regions=regions({0: {"load_balancer_host": host}}))
    plan = make_plan(given, reviewed(zone, "zones/coder.com.yaml") if zone else ())
    return [one.problem.partition(": ")[2] for one in load_balancers.check(given, plan)]


FOREIGN = "no load balancer of us-east-2, and not in destinations"


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ("evil.example.com", FOREIGN),
        ("203.0.113.7", "an address, which no CNAME can lead to"),
        ("8.8.8.8", "an address, which no CNAME can lead to"),
        (OREGON.replace("coder-oregon", "other"), "a load balancer of us-west-2, not of us-east-2"),
        ("a-1.us-west-2.elb.amazonaws.com", "a load balancer of us-west-2, not of us-east-2"),
        ("ai.coder.com", "a host of this stack, not a load balancer"),
        ("oregon-proxy.ai.coder.com", "a host of this stack, not a load balancer"),
        ("x.ai.coder.com", "a host of this stack, not a load balancer"),
        ("elb.us-east-2.amazonaws.com", FOREIGN),
        ("a.b.elb.us-east-2.amazonaws.com", FOREIGN),
        ("a.elb.us-east-2.amazonaws.com.evil.com", FOREIGN),
        ("a.elb.us-east-2.evil-amazonaws.com", FOREIGN),
        ("s3.us-east-2.amazonaws.com", FOREIGN),
        ("a1.awsglobalaccelerator.com", FOREIGN),
        ("internal-a-1.us-east-2.elb.amazonaws.com", "an internal load balancer, which has private addresses only"),
    ],
)
def test_dns_1_a_host_that_is_no_load_balancer_of_the_region_is_refused(host: str, problem: str) -> None:
    assert problems(host) == [problem]
    assert problems(host, zone="") == [problem]


@pytest.mark.parametrize(
    "host",
    [
        LB,
        "k8s-coder-coder-0123456789-0123456789abcdef.elb.us-east-2.amazonaws.com",
        "coder-123456789.us-east-2.elb.amazonaws.com",
        "dualstack.coder-123456789.us-east-2.elb.amazonaws.com",
    ],
)
def test_dns_1_a_load_balancer_of_the_region_passes(host: str) -> None:
    assert problems(host) == []


def test_dns_1_another_host_passes_where_the_zones_file_names_it() -> None:
    named = f"{CODER}destinations: [awsglobalaccelerator.com]\n"
    assert problems("a1.awsglobalaccelerator.com", named) == []
    assert problems("ai.coder.com", f"{CODER}destinations: [ai.coder.com]\n") != []
    assert problems("8.8.8.8", f"{CODER}destinations: [8.8.8.0/24]\n") != []


def test_dns_1_a_stack_that_declares_no_records_is_not_judged() -> None:
    given = settings(scope="registry", regions=regions({0: {"load_balancer_host": "evil.example.com"}}))
    assert list(load_balancers.check(given, make_plan(given))) == []


def test_dns_1_the_message_in_full() -> None:
    given = settings(regions=regions({0: {"load_balancer_host": "evil.example.com"}}))
    assert [line(one) for one in load_balancers.check(given, make_plan(given))] == [
        "[load-balancers] workshop:regions[0].load_balancer_host: it is evil.example.com: no load balancer of us-east-2"
        ", and not in destinations; all who open ai.coder.com would reach whoever answers there: set it to "
        "NAME.elb.us-east-2.amazonaws.com as the cluster's Service has it, or name it in destinations: of "
        "zones/coder.com.yaml in a change of its own"
    ]


def line_of(text: str, words: str) -> int:
    return next(number for number, one in enumerate(text.splitlines(), 1) if words in one)


def test_dns_1_a_foreign_host_is_refused_with_file_and_line() -> None:
    changed = SANDBOX.replace(LB, "evil.example.com")
    told = [one.resource for one in violations(version(), version(stack=changed)) if one.rule == "load-balancers"]
    number = line_of(changed, "evil.example.com")
    assert told == [f"Pulumi.STACK.yaml:{number} (workshop:regions[0].load_balancer_host)"]


def test_dns_1_a_changed_host_is_a_change_of_target_with_file_and_line() -> None:
    """Host and wildcard of two regions: four records where the limit is two."""
    changed = SANDBOX.replace(LB, LB.replace("coder", "other")).replace(OREGON, OREGON.replace("coder", "other"))
    slow = "    ttl_seconds: 3600\n    name: coder.com"
    before, after = (version(stack=text.replace("    name: coder.com", slow)) for text in (SANDBOX, changed))
    told = violations(before, after)
    assert [one.problem for one in told if "retargeted in one change" in one.problem] == [
        "4 records retargeted in one change of coder.com, changed_targets allows 2"
    ]
    region = line_of(changed.replace("    name: coder.com", slow), "- name: us-east-2")
    cut_over = [one for one in told if one.problem.startswith("ai.coder.com is retargeted")]
    assert [one.resource for one in cut_over] == [f"Pulumi.STACK.yaml:{region} (workshop:regions[0])"]


def test_dns_1_the_repositorys_own_stacks_pass() -> None:
    for stack in ("sandbox", "sandbox-dns"):
        given = settings(stack)
        assert list(load_balancers.check(given, make_plan(given))) == []
    assert (ROOT / "zones" / "coder.com.yaml").is_file()


def compared(balancers: object, host: str = LB, zone: str = CODER, **others: object) -> list[str]:
    given = settings("sandbox", regions=regions({0: {"load_balancer_host": host}}), **others)
    plan = make_plan(given, reviewed(zone, "zones/coder.com.yaml"))
    observations = observe(given, in_region("us-east-2", load_balancers=balancers))
    return [line(one) for one in region_balancers.check(given, plan, observations)]


ANOTHER_ACCOUNTS = LB.replace("coder", "evil")


def test_dns_1_a_load_balancer_that_the_cluster_does_not_have_is_refused() -> None:
    """Another account's is in the same region and looks the same."""
    assert problems(ANOTHER_ACCOUNTS) == []
    assert compared(found((LB, OREGON)), ANOTHER_ACCOUNTS) == [
        f"[region-balancers] workshop:regions[0].load_balancer_host: it is {ANOTHER_ACCOUNTS}, the cluster's Services "
        f"have {LB}, {OREGON} (the system); anybody's load balancer in that region has a host like this: pulumi config "
        f"set --path 'workshop:regions[0].load_balancer_host' {LB}"
    ]


def test_dns_1_what_the_cluster_has_or_the_zone_names_passes() -> None:
    assert compared(found((OREGON, LB))) == []
    assert compared(found((LB,)), ANOTHER_ACCOUNTS, f"{CODER}destinations: [{ANOTHER_ACCOUNTS}]\n") == []


@pytest.mark.parametrize("answer", [found(()), NO_ANSWER, ABSENT], ids=["none", "no-answer", "absent"])
def test_dns_1_a_cluster_that_tells_of_none_is_not_compared(answer: object) -> None:
    assert compared(answer, ANOTHER_ACCOUNTS) == []


def test_dns_1_a_stack_that_declares_no_records_is_not_compared() -> None:
    assert compared(found((LB,)), ANOTHER_ACCOUNTS, scope="registry") == []
