"""spend-ceiling: node pools filled to their limits cost no more than was agreed."""

from __future__ import annotations

from collections.abc import Callable

from policies.framework.policy import StackConfig
from policies.pack.testing import UNKNOWN, Resource, judge
from policies.spend_ceiling import SPEND_CEILING
from tests.policies.declared import node_pool, one_of
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, unknown, wrong_type

REQUIREMENTS = "spec.template.spec.requirements"
# 80 vCPU are five m6a.4xlarge at 0.6912 USD an hour in us-east-2.
FIVE_NODES_AN_HOUR = "3.46"


def above(usd: str, hours: int, ceiling: int, pools: str = "1 pool") -> str:
    return refused(
        SPEND_CEILING,
        f"at their limits the nodes of {pools} cost {usd} USD in {hours} hours, the ceiling is {ceiling} USD",
        "lower spec.limits.cpu, or raise workshop:spend_ceiling_usd in a reviewed change",
    )


def agreed(usd: int, hours: int = 1) -> dict[str, int]:
    return {"usdPerWorkshop": usd, "hours": hours}


def test_pass_where_nothing_was_agreed_or_it_is_enough() -> None:
    assert judge(SPEND_CEILING, node_pool(limits={"cpu": UNKNOWN})) == []
    assert judge(SPEND_CEILING, node_pool(), config=agreed(4)) == []


def test_fail_above_the_ceiling() -> None:
    assert judge(SPEND_CEILING, node_pool(), config=agreed(3)) == [above(FIVE_NODES_AN_HOUR, 1, 3)]


def test_fail_all_pools_together() -> None:
    assert judge(SPEND_CEILING, node_pool(), node_pool("second"), config=agreed(6)) == [above("6.91", 1, 6, "2 pools")]


def test_fail_above_the_stack_s_own_ceiling() -> None:
    window = '{"start": "2026-10-01T16:00:00+00:00", "duration": "4h", "preparation": "24h", "cool_down": "2h"}'
    overrides = (("workshop:spend_ceiling_usd", "103"), ("workshop:window", window))

    assert judge(SPEND_CEILING, node_pool(), config=agreed(999), stack=lambda: sandbox(20, *overrides)) == [
        above("103.68", 30, 103)
    ]


EVENT = '{"name": "october", "template": "a/b", "latest_end": "4h", "ai_usd": 10, "budget_usd": %d, "cap": "%s"}'


def of_event(usd: int, cap: str = "hard", early: str = "0m") -> Callable[[], StackConfig]:
    window = '{"start": "2026-10-01T16:00:00+00:00", "duration": "4h"}'
    event = f'{EVENT[:-1] % (usd, cap)}, "early_access": "{early}"}}'
    return lambda: sandbox(20, ("workshop:event", event), ("workshop:window", window))


def test_fail_above_an_event_s_hard_cap_with_its_early_access() -> None:
    (found,) = judge(SPEND_CEILING, node_pool(), stack=of_event(30, early="24h"))
    assert "cost 25.06 USD in 7.25 hours, the ceiling is 20 USD" in found


def test_fail_above_an_event_s_hard_cap() -> None:
    # 1 h 15 min before, 4 h and the tail, at 3.456 USD: 19.87, and 10 for models.
    assert judge(SPEND_CEILING, node_pool(), stack=of_event(30)) == []
    assert judge(SPEND_CEILING, node_pool(), stack=of_event(29, "soft")) == []
    (found,) = judge(SPEND_CEILING, node_pool(), stack=of_event(29))
    assert "cost 19.87 USD in 5.75 hours, the ceiling is 19 USD" in found
    assert "raise workshop:event.budget_usd" in found


def test_boundary_exactly_the_ceiling() -> None:
    exactly = node_pool(limits={"cpu": "16"}).with_input(
        f"{REQUIREMENTS}.2", one_of("node.kubernetes.io/instance-type", "c6a.4xlarge")
    )

    assert judge(SPEND_CEILING, exactly, config=agreed(612, 1000)) == []
    assert judge(SPEND_CEILING, exactly, config=agreed(611, 1000)) == [above("612.00", 1000, 611)]


def test_unknown_limit() -> None:
    assert judge(SPEND_CEILING, node_pool(limits={"cpu": UNKNOWN}), config=agreed(4)) == [
        unknown(SPEND_CEILING, "spec.limits.cpu")
    ]


def test_missing_limit_types_zones_and_prices() -> None:
    def judged(pool: Resource) -> list[str]:
        return judge(SPEND_CEILING, pool, config=agreed(4))

    assert judged(node_pool().without_input("spec.limits")) == [missing(SPEND_CEILING, "spec.limits")]
    for index, key in ((2, "node.kubernetes.io/instance-type"), (3, "topology.kubernetes.io/zone")):
        other = node_pool().with_input(f"{REQUIREMENTS}.{index}", one_of("kubernetes.io/os", "linux"))
        assert judged(other) == [
            refused(SPEND_CEILING, f"no requirement names values of {key}", f"require {key} In [...]")
        ]
    dear = node_pool().with_input(f"{REQUIREMENTS}.2", one_of("node.kubernetes.io/instance-type", "p5.48xlarge"))
    assert judged(dear) == [
        refused(
            SPEND_CEILING,
            "no price is known for p5.48xlarge in us-east-2",
            "remove p5.48xlarge, or add its price to the catalogue with its source",
        )
    ]


def test_wrong_type_of_limit() -> None:
    assert judge(SPEND_CEILING, node_pool(limits={"cpu": "lots"}), config=agreed(4)) == [
        wrong_type(SPEND_CEILING, "spec.limits.cpu", "the text 'lots'", "a quantity such as 200Gi")
    ]


def test_empty_limit() -> None:
    assert judge(SPEND_CEILING, node_pool(limits={"cpu": ""}), config=agreed(4)) == [
        empty(SPEND_CEILING, "spec.limits.cpu")
    ]


def test_exempt() -> None:
    assert judge(SPEND_CEILING, node_pool(), config=agreed(3), exemptions=[exemption(SPEND_CEILING, node_pool())]) == []


def test_boundary_of_the_options() -> None:
    bounds = {name: (one.schema["minimum"], one.default) for name, one in SPEND_CEILING.options.items()}
    assert bounds == {"usdPerWorkshop": (0, 0), "hours": (1, 34)}
