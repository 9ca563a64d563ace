import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.given import settings
from workshop.model.plan import sizing
from workshop.model.plan.plan import make_plan


@pytest.mark.parametrize(
    ("users", "provisioners", "litellm"),
    [
        (1, 6, 4),
        (9, 6, 4),
        (10, 8, 4),
        (14, 8, 4),
        (15, 10, 4),
        (19, 10, 4),
        (20, 12, 6),
        (23, 12, 6),
        (24, 13, 6),
        (26, 13, 6),
        (27, 14, 6),
        (29, 14, 6),
        (30, 15, 8),
        (31, 16, 8),
        (40, 20, 8),
        (41, 21, 9),
        (50, 25, 9),
        (51, 26, 10),
        (60, 30, 10),
    ],
)
def test_band_edges_belong_to_the_higher_band(users: int, provisioners: int, litellm: int) -> None:
    assert (sizing.provisioners(users), sizing.litellm(users)) == (provisioners, litellm)


@given(st.integers(1, 5000))
def test_one_more_user_never_means_fewer_replicas(users: int) -> None:
    assert sizing.provisioners(users) <= sizing.provisioners(users + 1)
    assert sizing.litellm(users) <= sizing.litellm(users + 1)


@given(st.integers(1, 5000), st.integers(0, 100), st.integers(0, 100))
def test_no_user_is_left_without_a_region(users: int, one: int, other: int) -> None:
    first, second = min(one, other), max(one, other)
    shares = (first, second - first, 100 - second)
    assert sum(sizing.users_of_share(users, share) for share in shares) >= users


def test_settings_raise_the_table_and_never_lower_it() -> None:
    organizations = [
        {"name": "coder", "namespace": "a", "is_default": True, "minimum_provisioners": 1},
        {"name": "demo", "namespace": "b", "minimum_provisioners": 1},
        {"name": "big", "namespace": "c", "minimum_provisioners": 40},
    ]
    litellm = {"namespace": "litellm", "deployment": "litellm", "container": "litellm", "replicas": 9}
    plan = make_plan(settings(organizations=organizations, litellm=litellm))
    assert plan.regions["us-east-2"].provisioners == {"coder": 12, "demo": 2, "big": 40}
    assert plan.litellm == 9
