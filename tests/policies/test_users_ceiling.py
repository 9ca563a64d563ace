"""users-ceiling: neither the number of users nor a node pool is larger than the committed most."""

from __future__ import annotations

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.users_ceiling import USERS_CEILING
from tests.policies.declared import node_pool, one_of, patch_of
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, takes, unknown, wrong_type

STACK = Resource(type="pulumi:pulumi:Stack", name="workshop-sandbox")


def too_large(limit: str, users: int, ceiling: int) -> str:
    return refused(
        USERS_CEILING,
        f"spec.limits.cpu is {limit}, {users} users on nodes of 16 vCPU need {ceiling}",
        f"set spec.limits.cpu to {ceiling} or less",
    )


def pool(cpu: object) -> Resource:
    return node_pool(limits={"cpu": cpu})


def test_pass_within_the_ceiling() -> None:
    assert judge(USERS_CEILING, STACK, node_pool(), stack=sandbox) == []


def test_fail_on_200_for_20() -> None:
    assert judge(USERS_CEILING, STACK, stack=lambda: sandbox(200)) == [
        refused(
            USERS_CEILING,
            "users is 200, the maximum is 60",
            "pulumi config set users N, or raise workshop:max_users in a reviewed change",
        )
    ]
    assert judge(USERS_CEILING, pool("1088")) == [too_large("1088", 60, 336)]


def test_fail_on_a_patch_beyond_what_the_largest_type_could_need() -> None:
    assert judge(USERS_CEILING, patch_of(node_pool(), limits={"cpu": "2688"})) == []
    assert judge(USERS_CEILING, patch_of(node_pool(), limits={"cpu": "2689"})) == [
        refused(
            USERS_CEILING,
            "spec.limits.cpu is 2689, 60 users on nodes of 128 vCPU need 2688",
            "set spec.limits.cpu to 2688 or less",
        )
    ]
    assert judge(USERS_CEILING, patch_of(node_pool(), limits={"memory": "1Gi"}), patch_of(node_pool())) == []


def test_boundary_of_60_users_three_a_node() -> None:
    assert judge(USERS_CEILING, STACK, stack=lambda: sandbox(60)) == []
    assert judge(USERS_CEILING, pool("336")) == []
    assert judge(USERS_CEILING, pool("336001m")) == [too_large("336001m", 60, 336)]
    assert judge(USERS_CEILING, pool("337"), stack=sandbox) == [too_large("337", 60, 336)]
    assert judge(USERS_CEILING, pool("81"), config={"maxUsers": 12}) == [too_large("81", 12, 80)]


def test_boundary_of_the_options() -> None:
    assert [takes(USERS_CEILING, option, least) for option in ("maxUsers", "usersPerNode") for least in (0, 1)] == [
        False,
        True,
        False,
        True,
    ]


def test_unknown_limit() -> None:
    assert judge(USERS_CEILING, pool(UNKNOWN)) == [unknown(USERS_CEILING, "spec.limits.cpu")]


def test_missing_limit() -> None:
    assert judge(USERS_CEILING, node_pool().without_input("spec.limits")) == [missing(USERS_CEILING, "spec.limits")]


def test_gate_14_missing_types_cannot_be_judged() -> None:
    without = node_pool().with_input("spec.template.spec.requirements.2", one_of("kubernetes.io/os", "linux"))

    assert judge(USERS_CEILING, without) == [
        refused(
            USERS_CEILING,
            "no requirement names an instance type of the catalogue, so spec.limits.cpu cannot be judged",
            "require node.kubernetes.io/instance-type In types of the catalogue, such as c6a.xlarge",
        )
    ]


def test_wrong_type_of_limit() -> None:
    assert judge(USERS_CEILING, pool("eighty")) == [
        wrong_type(USERS_CEILING, "spec.limits.cpu", "the text 'eighty'", "a quantity such as 200Gi")
    ]


def test_empty_limit() -> None:
    assert judge(USERS_CEILING, pool("")) == [empty(USERS_CEILING, "spec.limits.cpu")]


def test_exempt() -> None:
    assert judge(USERS_CEILING, pool("999"), exemptions=[exemption(USERS_CEILING, node_pool())]) == []
    assert judge(USERS_CEILING, pool("999"), config={"notForWorkspaces": ["workshop-workspaces"]}) == []


def test_gate_11_static_pools() -> None:
    """60 users, three a node, and one node more."""
    static = node_pool(replicas=21, limits={"nodes": "21"})
    assert judge(USERS_CEILING, static) == []
    many = refused(USERS_CEILING, "spec.replicas is 22, 60 users need 21 nodes", "set spec.replicas to 21 or less")
    assert judge(USERS_CEILING, node_pool(replicas=22), patch_of(node_pool(), replicas=22)) == [many, many]
