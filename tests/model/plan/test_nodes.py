"""What must hold of nodes for any settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.given import observe, settings
from workshop.model.findings import Refused
from workshop.model.instances import INSTANCE_TYPES
from workshop.model.plan import storage
from workshop.model.plan.nodes import plan_nodes
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.observations import quota
from workshop.model.settings.stack import Settings

SANDBOX = settings()

shapes = st.fixed_dictionaries({"vcpu": st.integers(1, 8), "memory_gib": st.integers(1, 32)})
workspaces = st.fixed_dictionaries(
    {
        "shapes": st.lists(shapes, min_size=1, max_size=3),
        "storage_gib": st.integers(1, 200),
        "images_and_logs_gib": st.integers(1, 200),
        "headroom_percent": st.integers(60, 95),
        "max_users_per_node": st.integers(1, 100),
        "instance_types": st.lists(st.sampled_from(sorted(INSTANCE_TYPES)), min_size=1, max_size=3, unique=True),
    }
)


def with_workspaces(users: int, given_workspaces: object) -> Settings:
    return Settings.model_validate(
        {**SANDBOX.model_dump(exclude_unset=True), "users": users, "max_users": 5000, "workspaces": given_workspaces}
    )


@pytest.mark.parametrize(("density", "volume"), [(3, 224), (4, 279), (6, 391)])
def test_volumes_at_sixty_percent(density: int, volume: int) -> None:
    assert storage.volume_gib(storage.peak_gib(density, 20, 20), 60) == volume


@given(st.integers(1, 20_000), st.integers(60, 95))
def test_headroom_is_strictly_kept_by_the_smallest_volume_that_does(used: int, headroom: int) -> None:
    volume = storage.volume_gib(used, headroom)
    assert storage.free_percent(volume, used) > headroom
    assert storage.free_percent(volume - 1, used) <= headroom


@given(st.integers(1, 2000), workspaces)
def test_a_node_holds_what_the_plan_puts_on_it(users: int, given_workspaces: object) -> None:
    stack = with_workspaces(users, given_workspaces)
    try:
        plan = plan_of_event(stack)
    except Refused:
        return
    overhead, asked = stack.daemonset_overhead, stack.workspaces
    vcpu, memory = max(one.vcpu for one in asked.shapes), max(one.memory_gib for one in asked.shapes)
    for region in plan.regions.values():
        nodes = region.nodes
        density = nodes.users_per_node
        assert 1 <= density <= asked.max_users_per_node
        assert nodes.max_pods == density + overhead.pods
        assert nodes.nodes * density >= nodes.users > (nodes.nodes - 1) * density
        assert nodes.headroom_percent >= asked.headroom_percent
        assert storage.free_percent(nodes.volume_gib, int(nodes.storage_at_peak_gib)) > asked.headroom_percent
        for name in asked.instance_types:
            one = INSTANCE_TYPES[name]
            assert density * vcpu * 1000 + overhead.cpu_millicores <= one.allocatable_millicores
            assert density * memory * 1024 + overhead.memory_mib <= one.allocatable_mib
            assert nodes.max_pods <= one.pods
            assert nodes.nodes * one.vcpu < nodes.limit_vcpu


@given(st.integers(1, 2000), workspaces)
def test_the_class_of_node_does_not_depend_on_users_and_their_number_never_falls(
    users: int, given_workspaces: object
) -> None:
    try:
        fewer, more = (plan_of_event(with_workspaces(count, given_workspaces)) for count in (users, users + 1))
    except Refused:
        return
    for name, region in fewer.regions.items():
        one, other = region.nodes, more.regions[name].nodes
        assert (one.users_per_node, one.max_pods, one.volume_gib) == (
            other.users_per_node,
            other.max_pods,
            other.volume_gib,
        )
        assert (one.nodes, one.limit_vcpu, one.usd_per_hour) <= (other.nodes, other.limit_vcpu, other.usd_per_hour)


@given(st.integers(1, 2000), st.integers(0, 3000))
def test_the_quota_is_never_exceeded_silently(users: int, vcpu_quota: int) -> None:
    region = SANDBOX.regions[0].model_copy(update={"vcpu_quota": vcpu_quota})
    stack = SANDBOX.model_copy(update={"users": users, "regions": (region, *SANDBOX.regions[1:])})
    demand = plan_nodes(stack, region, users).vcpu_demand
    assert demand is not None
    findings = [one for one in quota.check(stack, plan_of_event(stack), observe(stack)) if "us-east-2" in one.resource]
    assert bool(findings) == (demand > vcpu_quota)


@pytest.mark.parametrize(
    ("name", "millicores", "mib"),
    [("c6a.32xlarge", 127610, 234021), ("m5a.4xlarge", 15890, 57691), ("m6a.xlarge", 3920, 14162)],
)
def test_allocatable_is_what_karpenter_documents(name: str, millicores: int, mib: int) -> None:
    assert (INSTANCE_TYPES[name].allocatable_millicores, INSTANCE_TYPES[name].allocatable_mib) == (millicores, mib)


@pytest.mark.parametrize(("volume", "allocatable"), [(20, 17), (50, 44), (1, 0), (0, 0)])
def test_allocatable_storage_is_what_karpenter_documents(volume: int, allocatable: int) -> None:
    assert storage.allocatable_gib(volume) == allocatable


def test_a_volume_that_offers_nothing_has_nothing_free() -> None:
    assert storage.free_percent(1, 10) == storage.free_percent(0, 0) == -100
    assert storage.free_percent(20, 34) == -100


def test_each_family_has_its_device() -> None:
    assert storage.ephemeral_device("Bottlerocket") == "/dev/xvdb"
    assert storage.ephemeral_device("AL2023") == "/dev/xvda"
    with pytest.raises(KeyError):
        storage.ephemeral_device("Windows2022")
