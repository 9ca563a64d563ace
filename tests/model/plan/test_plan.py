from decimal import Decimal

import pytest

from tests.model.given import regions, settings
from workshop.model.findings import Refused
from workshop.model.plan import cost
from workshop.model.plan.plan import make_plan, plan_of_event
from workshop.model.window.phases import Phase

WORKSPACES = {"instance_types": ["c6a.4xlarge"], "shapes": [{"vcpu": 4, "memory_gib": 8}]}


def test_twenty_users_are_spread_over_three_regions() -> None:
    plan = make_plan(settings())
    assert [(one.name, one.nodes.users, one.nodes.nodes) for one in plan.regions.values()] == [
        ("us-east-2", 10, 4),
        ("us-west-2", 6, 2),
        ("eu-west-2", 4, 2),
    ]
    assert {tuple(one.provisioners.items()) for one in plan.regions.values()} == {
        (("coder", 12), ("experiment", 2), ("demo", 2))
    }
    assert (plan.litellm, plan.server, plan.proxy) == (6, 2, 2)


def test_each_domain_is_served_with_its_wildcard() -> None:
    assert [host for region in make_plan(settings()).regions.values() for host in region.hosts] == [
        "ai.coder.com",
        "*.ai.coder.com",
        "oregon-proxy.ai.coder.com",
        "*.oregon-proxy.ai.coder.com",
        "emea-proxy.ai.coder.com",
        "*.emea-proxy.ai.coder.com",
    ]


def test_a_node_of_the_defaults() -> None:
    nodes = make_plan(settings()).regions["us-east-2"].nodes
    assert (nodes.users_per_node, nodes.binding, nodes.max_pods, nodes.volume_gib) == (3, "cpu", 9, 224)
    assert (nodes.allocatable_storage_gib, nodes.storage_at_peak_gib) == (Decimal("200.600"), Decimal(80))
    assert nodes.headroom_percent == Decimal("60.119")
    assert (nodes.limit_vcpu, nodes.limit_memory_gib) == (80, 320)
    assert nodes.vcpu_demand == 208 + 80


def test_demand_is_unknown_while_use_is() -> None:
    nodes = make_plan(settings(regions=regions({0: {"vcpu_in_use": None}}))).regions["us-east-2"].nodes
    assert nodes.vcpu_demand is None


def test_a_region_that_hosts_no_provisioners_has_none() -> None:
    plan = make_plan(settings(regions=regions({2: {"hosts_provisioners": False}})))
    assert plan.regions["eu-west-2"].provisioners == {}


def test_a_region_without_users_has_no_nodes_and_room_for_one() -> None:
    plan = make_plan(settings(regions=regions({0: {"share": 70}, 2: {"share": 0}})))
    nodes = plan.regions["eu-west-2"].nodes
    assert (nodes.users, nodes.nodes, nodes.limit_vcpu, nodes.usd_per_hour) == (0, 0, 16, 0)


def test_cost_is_nodes_and_volumes_at_the_dearest_type() -> None:
    plan = make_plan(settings())
    us, eu = Decimal("0.6912"), Decimal("0.7992")
    volumes = (6 * Decimal("0.08") + 2 * Decimal("0.0928")) * 224 / 730
    assert round(plan.cost.usd_per_hour, 9) == round(6 * us + 2 * eu + volumes, 9)
    assert (plan.cost.hours, plan.cost.usd_per_workshop) == (None, None)
    assert plan.cost.not_included == (
        "the platform's own nodes (server, proxies, provisioners, LiteLLM)",
        "operating system volumes",
        "load balancers and traffic between regions and to the internet",
        "image storage and replication (ECR)",
        "EKS control planes, databases and logs",
        "model usage through LiteLLM",
    )


def test_the_window_is_paid_from_preparation_to_cool_down() -> None:
    window = {"start": "2026-10-01T09:00-07:00", "duration": "4h", "preparation": "24h", "cool_down": "90m"}
    costs = plan_of_event(settings(window=window)).cost
    assert costs.hours == Decimal("29.5")
    assert costs.usd_per_workshop == costs.usd_per_hour * Decimal("29.5")


@pytest.mark.parametrize(
    ("workspaces", "overhead", "density"),
    [
        ({}, {}, (3, "cpu")),
        ({}, {"cpu_millicores": 3890}, (3, "cpu")),
        ({}, {"cpu_millicores": 3891}, (2, "cpu")),
        ({"shapes": [{"vcpu": 1, "memory_gib": 8}]}, {"memory_mib": 2805}, (3, "memory")),
        ({"shapes": [{"vcpu": 1, "memory_gib": 8}]}, {"memory_mib": 2806}, (2, "memory")),
        ({"shapes": [{"vcpu": 1, "memory_gib": 8}]}, {}, (3, "memory")),
        ({"shapes": [{"vcpu": 2, "memory_gib": 4}]}, {}, (4, "max_users_per_node")),
        ({"shapes": [{"vcpu": 2, "memory_gib": 4}], "max_users_per_node": 100}, {}, (6, "memory")),
        ({"instance_types": ["c6a.32xlarge"], "max_users_per_node": 100}, {}, (28, "memory")),
        ({"instance_types": ["c6a.32xlarge", "c6a.4xlarge"], "max_users_per_node": 100}, {}, (3, "cpu")),
        ({"instance_types": ["c6a.xlarge"], "shapes": [{"vcpu": 1, "memory_gib": 1}]}, {"pods": 57}, (1, "pods")),
    ],
)
def test_what_binds_the_density(workspaces: dict[str, object], overhead: object, density: object) -> None:
    given = settings(workspaces={**WORKSPACES, **workspaces}, daemonset_overhead=overhead)
    nodes = make_plan(given).regions["us-east-2"].nodes
    assert (nodes.users_per_node, nodes.binding) == density


def test_a_workspace_that_fits_on_no_node_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        make_plan(settings(workspaces={**WORKSPACES, "instance_types": ["m6a.xlarge"]}))
    assert str(refused.value) == (
        "[workspace-fits] instance type m6a.xlarge: a workspace of 4 vCPU and 8 GiB doesn't fit (cpu): DaemonSets "
        "leave 3420m CPU, 13138 MiB and 52 pods; its workspaces would stay pending: name larger types in "
        "workshop:workspaces.instance_types or smaller shapes in workshop:workspaces.shapes"
    )


def test_storage_that_no_volume_can_hold_is_refused() -> None:
    def volume(headroom: int, images_and_logs: int) -> int:
        alone = {"storage_gib": 16_384, "images_and_logs_gib": images_and_logs, "max_users_per_node": 1}
        plan = make_plan(settings(workspaces={**WORKSPACES, **alone, "headroom_percent": headroom}))
        return plan.regions["us-east-2"].nodes.volume_gib

    assert volume(63, 5439) == 65_536
    with pytest.raises(Refused) as refused:
        volume(61, 6619)
    assert str(refused.value) == (
        "[storage-headroom] workspace nodes: a node with 1 workspace needs a volume of 65537 GiB; gp3 has at most "
        "65536; storage would run out before CPU and memory do: lower workshop:workspaces.storage_gib or "
        "workshop:workspaces.max_users_per_node"
    )


def test_a_region_without_prices_is_refused() -> None:
    named = regions({2: {"name": "ap-south-1", "zones": []}})
    with pytest.raises(Refused) as refused:
        make_plan(settings(regions=named))
    assert str(refused.value) == (
        "[price-known] region ap-south-1: no known price for c6a.4xlarge, m6a.4xlarge and gp3; the cost of "
        "the workshop would be unknown: add ap-south-1's prices, with source and date, to "
        "workshop/model/data/instances.json"
    )


@pytest.mark.parametrize("without", ["type", "volumes"])
def test_half_a_price_is_none(monkeypatch: pytest.MonkeyPatch, without: str) -> None:
    there = cost.INSTANCE_TYPES["m6a.4xlarge"]
    if without == "type":
        types = {**cost.INSTANCE_TYPES, "m6a.4xlarge": there.model_copy(update={"usd_per_hour": {}})}
        monkeypatch.setattr(cost, "INSTANCE_TYPES", types)
    else:
        monkeypatch.setattr(cost, "GP3_USD_PER_GIB_MONTH", {})
    with pytest.raises(Refused):
        cost.node_usd_per_hour("us-east-2", ["c6a.4xlarge", "m6a.4xlarge"], 100)


@pytest.mark.parametrize(
    ("shape", "overhead", "binding", "left"),
    [
        ({"vcpu": 1, "memory_gib": 64}, {}, "memory", "15390m CPU, 26357 MiB and 228 pods"),
        ({"vcpu": 1, "memory_gib": 1}, {"cpu_millicores": 15_890}, "cpu", "0m CPU, 26357 MiB and 228 pods"),
    ],
)
def test_what_keeps_a_workspace_from_fitting_is_told(
    shape: dict[str, int], overhead: dict[str, int], binding: str, left: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_plan(settings(workspaces={**WORKSPACES, "shapes": [shape]}, daemonset_overhead=overhead))
    assert f"instance type c6a.4xlarge: a workspace of {shape['vcpu']} vCPU" in str(refused.value)
    assert f"doesn't fit ({binding}): DaemonSets leave {left};" in str(refused.value)


def test_outside_the_window_there_is_room_for_nobody() -> None:
    stack = settings(window={"start": "2026-10-01T09:00-07:00", "duration": "4h"})
    event = make_plan(stack, phase=Phase.RUNNING)
    for phase in (Phase.BEFORE, Phase.AFTER):
        plan = make_plan(stack, phase=phase)
        assert (plan.phase, plan.users, plan.litellm, plan.cost.usd_per_hour) == (phase, 0, 4, 0)
        assert plan.cost.usd_per_workshop == event.cost.usd_per_workshop
        assert {one.nodes.nodes for one in plan.regions.values()} == {0}
    assert event.users == 20


@pytest.mark.parametrize(
    ("phase", "window"), [(Phase.BEFORE, None), (None, {"start": "2026-10-01T09:00Z", "duration": "4h"})]
)
def test_a_phase_goes_with_a_window(phase: Phase | None, window: object) -> None:
    with pytest.raises(ValueError, match=r"^a plan has a phase where, and only where, a window is set$"):
        make_plan(settings(window=window), phase=phase)
