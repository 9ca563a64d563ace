"""resume: nothing before its time; then whatever is held is released, once, again, and after a silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.rotation.world import NAMESPACES, World
from workshop.model.rotation import LIMITS_MANAGER, SUSPEND_MANAGER, SWITCH_GRACE, Floor, ResumeRequest, Target
from workshop.rotation.failure import RotationFailure
from workshop.rotation.resume import resume
from workshop.sandbox.manifests.kinds import kind_of

CLOSES = datetime(2026, 10, 2, 22, tzinfo=UTC)
REQUEST = ResumeRequest(
    after=CLOSES + SWITCH_GRACE,
    targets=(
        *(
            Target(
                api_version="batch/v1", kind="CronJob", namespace=namespace, name="rotate-key", manager=SUSPEND_MANAGER
            )
            for namespace in NAMESPACES
        ),
        Target(api_version="karpenter.sh/v1", kind="NodePool", name="coder-ws-all", manager=LIMITS_MANAGER),
    ),
)


@pytest.fixture
def held(world: World) -> World:
    """As `up` leaves it: suspended, and the old pool closed."""
    for namespace in NAMESPACES:
        world.suspend(namespace)
    pool = {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": "coder-ws-all"},
        "spec": {"limits": {"cpu": "0"}},
    }
    world.manifests.apply(pool, LIMITS_MANAGER, force=True)
    return world


def run(world: World, now: datetime) -> str:
    with world.cluster() as cluster:
        return resume(REQUEST, cluster, now)


def suspended(world: World) -> list[bool]:
    return [world.is_suspended(namespace) for namespace in NAMESPACES]


def limits(world: World) -> object:
    return world.get("karpenter.sh/v1", "NodePool", None, "coder-ws-all")["spec"].get("limits")


@pytest.mark.parametrize("clock", [timedelta(0), timedelta(minutes=10), timedelta(minutes=-10)])
def test_at_the_close_nothing_happens_though_clocks_are_ten_minutes_apart(held: World, clock: timedelta) -> None:
    assert "nothing to do" in run(held, CLOSES + clock)
    assert suspended(held) == [True] * 3
    assert limits(held) == {"cpu": "0"}


@pytest.mark.parametrize("clock", [timedelta(minutes=10), timedelta(minutes=-10)])
def test_when_nobody_does_it_resumes_and_reopens_the_old_pool(held: World, clock: timedelta) -> None:
    told = run(held, CLOSES + SWITCH_GRACE + timedelta(minutes=20) + clock)

    assert told.startswith("CronJob coder-ws/rotate-key rotates; ")
    assert told.endswith("NodePool coder-ws-all is released")
    assert suspended(held) == [False] * 3
    assert not limits(held)


def test_it_may_be_repeated_and_leaves_alone_what_others_have_suspended_since(held: World) -> None:
    later = CLOSES + SWITCH_GRACE
    run(held, later)
    held.suspend("coder-ws", manager="kubectl")

    assert "CronJob coder-ws/rotate-key is suspended by somebody else and stays suspended" in run(held, later)
    assert suspended(held) == [True, False, False]


def test_an_api_that_is_down_for_a_while_is_asked_again_at_the_next_run(
    held: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = CLOSES + SWITCH_GRACE
    with held.cluster() as cluster:
        release = cluster.release

        def down(target: Target) -> object:
            if target.namespace == "coder-ws":
                raise RotationFailure("CronJob coder-ws/rotate-key: the API server did not answer: ConnectError")
            return release(target)

        monkeypatch.setattr(cluster, "release", down)
        with pytest.raises(RotationFailure, match="tried again at the next run"):
            resume(REQUEST, cluster, later)
    assert suspended(held) == [True, False, False]

    run(held, later + timedelta(minutes=10))
    assert suspended(held) == [False] * 3


FLOOR = Floor(namespace="coder-ws", name="provisioners", replicas=6)


def scaled(world: World, least: int) -> None:
    """As `up` leaves it in the window."""
    metadata = {"name": FLOOR.name, "namespace": FLOOR.namespace}
    spec = {"minReplicaCount": least, "maxReplicaCount": 60}
    found = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata, "spec": spec}
    world.manifests.apply(found, "pulumi", force=True)


@pytest.mark.parametrize(("least", "then"), [(30, 6), (6, 6), (2, 2)])
def test_the_floor_of_provisioners_is_lowered_and_never_raised(held: World, least: int, then: int) -> None:
    scaled(held, least)
    request = REQUEST.model_copy(update={"floor": FLOOR})
    with held.cluster() as cluster:
        assert "nothing to do" in resume(request, cluster, CLOSES)
        assert held.get("keda.sh/v1alpha1", "ScaledObject", "coder-ws", FLOOR.name)["spec"]["minReplicaCount"] == least
        for _ in range(2):
            said = resume(request, cluster, CLOSES + SWITCH_GRACE)
            assert said.endswith(f"ScaledObject coder-ws/provisioners keeps {then} pods")
    spec = held.get("keda.sh/v1alpha1", "ScaledObject", "coder-ws", FLOOR.name)["spec"]
    assert spec == {"minReplicaCount": then, "maxReplicaCount": 60}


def test_a_scaled_object_that_somebody_deleted_is_not_made_again(held: World) -> None:
    request = REQUEST.model_copy(update={"floor": FLOOR.model_copy(update={"name": "gone"})})
    with held.cluster() as cluster:
        assert resume(request, cluster, CLOSES + SWITCH_GRACE).endswith("ScaledObject coder-ws/gone is gone")
    assert held.manifests.get(kind_of("keda.sh/v1alpha1", "ScaledObject"), "coder-ws", "gone") is None


def test_a_floor_that_cannot_be_lowered_keeps_nothing_else_from_resuming(
    held: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_floor: Floor) -> str:
        raise RotationFailure("ScaledObject coder-ws/provisioners: the API server answered 403, Forbidden")

    with held.cluster() as cluster:
        monkeypatch.setattr(cluster, "lower", down)
        with pytest.raises(RotationFailure, match="403, Forbidden: tried again at the next run"):
            resume(REQUEST.model_copy(update={"floor": FLOOR}), cluster, CLOSES + SWITCH_GRACE)
    assert suspended(held) == [False] * 3
