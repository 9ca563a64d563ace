"""spend-estimate: what node pools can cost is said, where nobody has agreed on a ceiling."""

from __future__ import annotations

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.spend_estimate import SPEND_ESTIMATE
from tests.policies.declared import node_class, node_pool
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, unknown, wrong_type
from tests.policies.test_spend_ceiling import of_event

LIMIT = "spec.limits.cpu"


def estimate(usd: str, workshop: str = "") -> str:
    return refused(
        SPEND_ESTIMATE,
        f"at their limits the nodes of the stack's pools cost {usd} USD an hour{workshop}",
        "to make this number a limit: pulumi config set spend_ceiling_usd N",
    )


def test_pass_where_a_ceiling_is_agreed_or_there_is_no_pool() -> None:
    assert judge(SPEND_ESTIMATE, node_pool(), config={"usdPerWorkshop": 1000}) == []
    assert judge(SPEND_ESTIMATE, node_pool(), stack=lambda: sandbox(20, ("workshop:spend_ceiling_usd", "1"))) == []
    assert judge(SPEND_ESTIMATE, node_pool(), stack=of_event(200)) == []
    assert judge(SPEND_ESTIMATE, node_pool(), stack=of_event(200, "soft")) != []
    assert judge(SPEND_ESTIMATE) == []


def test_fail_is_only_advice() -> None:
    assert not SPEND_ESTIMATE.is_mandatory
    assert judge(SPEND_ESTIMATE, node_pool()) == [estimate("3.46")]
    assert judge(SPEND_ESTIMATE, node_pool(), stack=sandbox) == [estimate("3.46")]


def test_fail_tells_a_workshop_s_cost_where_a_window_says_how_long_it_is() -> None:
    window = '{"start": "2026-10-01T16:00:00+00:00", "duration": "4h", "preparation": "24h", "cool_down": "2h"}'

    assert judge(SPEND_ESTIMATE, node_pool(), stack=lambda: sandbox(20, ("workshop:window", window))) == [
        estimate("3.46", ", 103.68 in the window's 30 hours")
    ]


def test_boundary_of_one_and_two_pools() -> None:
    assert judge(SPEND_ESTIMATE, node_pool(limits={"cpu": "0"})) == [estimate("0.00")]
    assert judge(SPEND_ESTIMATE, node_pool(), node_pool("second")) == [estimate("6.91")]


def test_boundary_only_whole_pools_are_counted() -> None:
    patch = Resource(type=f"{node_pool().type}Patch", name="patch", inputs=node_pool().inputs)

    assert judge(SPEND_ESTIMATE, node_pool(), patch, node_class()) == [estimate("3.46")]


def test_unknown_limit() -> None:
    assert judge(SPEND_ESTIMATE, node_pool(limits={"cpu": UNKNOWN})) == [unknown(SPEND_ESTIMATE, LIMIT)]


def test_missing_limit() -> None:
    assert judge(SPEND_ESTIMATE, node_pool().without_input(LIMIT)) == [missing(SPEND_ESTIMATE, LIMIT)]


def test_missing_types_and_prices() -> None:
    types, zones = "spec.template.spec.requirements.2", "spec.template.spec.requirements.3"
    key = node_pool().inputs["spec"]["template"]["spec"]["requirements"][2]["key"]

    assert judge(SPEND_ESTIMATE, node_pool().without_input(types)) == [
        refused(SPEND_ESTIMATE, f"no requirement names values of {key}", f"require {key} In [...]")
    ]
    elsewhere = node_pool().with_input(f"{zones}.values", ["mars-1a"])
    assert judge(SPEND_ESTIMATE, elsewhere)[0].startswith("no price is known for ")


def test_wrong_type_of_limit() -> None:
    assert judge(SPEND_ESTIMATE, node_pool(limits={"cpu": []})) == [wrong_type(SPEND_ESTIMATE, LIMIT, "a list", "text")]


def test_empty_limit() -> None:
    assert judge(SPEND_ESTIMATE, node_pool(limits={"cpu": ""})) == [empty(SPEND_ESTIMATE, LIMIT)]


def test_exempt() -> None:
    assert judge(SPEND_ESTIMATE, node_pool(), exemptions=[exemption(SPEND_ESTIMATE, "the stack")]) == []
