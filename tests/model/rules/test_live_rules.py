"""Rules about what runs already: nodes, images and workspaces."""

from dataclasses import replace

import pytest

from tests.model.given import (
    NO_ANSWER,
    found,
    in_region,
    judged,
    observe,
    settings,
    structure,
)
from workshop.model.names import MARK, NODE_POOL
from workshop.model.observations import (
    ExistingObject,
    Found,
    Observation,
    PatchTarget,
    Pinned,
    RegionObservations,
)
from workshop.model.plan.plan import make_plan
from workshop.model.settings.regions import Region
from workshop.model.window.phases import Phase

DIGEST = settings().image.digest
WINDOW = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
OTHER_DIGEST = "sha256:" + "0" * 64


def rules_broken(told: list[str]) -> list[str]:
    return sorted({line.split("]")[0].removeprefix("[") for line in told})


def volumes(size: str) -> list[dict[str, object]]:
    return [
        {"deviceName": "/dev/xvda", "ebs": {"volumeSize": "4Gi"}},
        {"deviceName": "/dev/xvdb", "ebs": {"volumeSize": size}},
    ]


def live(**node_class: object) -> dict[str, object]:
    """Answers of a cluster that runs three workspaces on nodes as planned."""
    spec = {
        "amiFamily": "Bottlerocket",
        "amiSelectorTerms": [{"alias": "bottlerocket@1.44.0"}],
        "role": "coder-ohio-karpenter-node",
        "kubelet": {"maxPods": 9},
        "blockDeviceMappings": volumes("224Gi"),
        **node_class,
    }
    requirements = [
        {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["m6a.4xlarge", "c6a.4xlarge"]},
        {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-2c"]},
    ]
    pool = {"template": {"spec": {"requirements": requirements}}}
    return {
        "node_class": found(ExistingObject(is_ours=True, spec=spec, owner=MARK)),
        "node_pool": found(ExistingObject(is_ours=True, spec=pool, owner=MARK)),
        "running_workspaces": found({NODE_POOL: 3}),
    }


class TestLiveNodes:
    def told(self, **answers: object) -> list[str]:
        stack = settings(image={**structure("image"), "digest": None})
        return [
            line
            for line in judged(settings(), observe(stack, in_region("us-east-2", **answers)))
            if line.startswith("[live-nodes]")
        ]

    def test_nodes_as_planned_may_run_workspaces(self) -> None:
        assert self.told(**live()) == []

    def test_another_volume_under_running_workspaces_is_refused(self) -> None:
        assert self.told(**live(blockDeviceMappings=volumes("300Gi"))) == [
            "[live-nodes] workspace nodes in us-east-2: 3 workspaces run on them, and volume /dev/xvdb would change "
            "from 300Gi to 224Gi; Karpenter would replace the nodes and with them the workspaces: set it back, or "
            "stop these workspaces first"
        ]

    @pytest.mark.parametrize(
        "change",
        [
            {"amiSelectorTerms": [{"alias": "bottlerocket@1.43.0"}]},
            {"kubelet": {"maxPods": 10}},
            {"kubelet": None},
            {"role": "other"},
            {"amiFamily": "AL2023"},
            {"blockDeviceMappings": None},
        ],
    )
    def test_any_change_that_rolls_nodes_is_refused(self, change: dict[str, object]) -> None:
        assert len(self.told(**live(**change))) == 1

    def test_other_zones_or_types_are_refused(self) -> None:
        pool = found(ExistingObject(is_ours=True, spec={"template": {"spec": {}}}, owner=MARK))
        assert "instance-type would change from nothing" in self.told(**{**live(), "node_pool": pool})[0]

    def test_a_change_is_allowed_while_nothing_runs_on_our_nodes(self) -> None:
        assert (
            self.told(
                **{**live(blockDeviceMappings=volumes("300Gi")), "running_workspaces": found({"coder-ws-all": 5})}
            )
            == []
        )

    def test_a_change_is_refused_while_it_is_not_known_what_runs(self) -> None:
        assert (
            "whether workspaces run on them is unknown"
            in self.told(**{**live(blockDeviceMappings=volumes("300Gi")), "running_workspaces": NO_ANSWER})[0]
        )


def running(observed: Observation[PatchTarget]) -> Observation[PatchTarget]:
    """The same Deployment with the pinned image."""
    assert isinstance(observed, Found)
    images = dict.fromkeys(observed.value.containers, f"registry/coder-preview@{DIGEST}")
    return found(replace(observed.value, images=images))


class TestImageChange:
    def test_a_new_image_is_refused_while_workspaces_run_anywhere(self) -> None:
        stack = settings()
        told = judged(stack, observe(stack, in_region("us-east-2", running_workspaces=found({"coder-ws-all": 2}))))
        assert rules_broken(told) == ["image-change"]
        assert len(told) == 3
        assert "it runs ghcr.io/coder/coder-preview:older" in told[0]
        assert "and 2 workspaces run" in told[0]

    def test_the_same_image_is_no_change(self) -> None:
        stack = settings()

        def runs_it(_: Region, here: RegionObservations) -> RegionObservations:
            deployments = {key: running(one) for key, one in here.deployments.items()}
            return replace(here, deployments=deployments, running_workspaces=found({"x": 1}))

        assert judged(stack, observe(stack, runs_it)) == []

    def test_a_new_image_is_refused_in_the_window_and_allowed_before(self) -> None:
        stack = settings(window=WINDOW)
        for phase in Phase:
            told = judged(stack, plan=make_plan(stack, phase=phase))
            assert ("image-change" in rules_broken(told)) == phase.is_in_window

    def test_the_way_back_is_open_while_workspaces_run_and_takes_its_name_in_the_window(self) -> None:
        back = found(Pinned(may_change_schema=False, is_rollback=True))
        stack = settings()
        told = observe(stack, in_region("us-east-2", running_workspaces=found({"coder-ws-all": 2})))
        assert judged(stack, replace(told, pinned=back)) == []
        assert rules_broken(judged(stack, replace(told, pinned=found(replace(back.value, is_rollback=False))))) == [
            "image-change"
        ]
        held = settings(window=WINDOW)
        told = judged(held, replace(observe(held), pinned=back), make_plan(held, phase=Phase.RUNNING))
        assert rules_broken(told) == ["image-change"]

    def test_a_new_image_is_refused_while_it_is_not_known_what_runs(self) -> None:
        stack = settings()
        told = judged(stack, observe(stack, in_region("eu-west-2", running_workspaces=NO_ANSWER)))
        assert rules_broken(told) == ["image-change"]


def test_fewer_users_than_workspaces_run_are_refused_in_the_window() -> None:
    ten_run = in_region("us-east-2", running_workspaces=found({NODE_POOL: 10}))
    for stack, broken in (
        (settings(users="20", window=WINDOW), False),
        (settings(users="18", window=WINDOW), True),
        (settings(users="18"), False),
    ):
        told = judged(stack, observe(stack, ten_run))
        assert ("scale-down" in rules_broken(told)) == broken


def test_with_a_window_it_must_be_known_what_runs() -> None:
    unknown = in_region("us-east-2", running_workspaces=NO_ANSWER)
    assert "scale-down" in rules_broken(judged(settings(window=WINDOW), observe(settings(window=WINDOW), unknown)))
    assert "scale-down" not in rules_broken(judged(settings(), observe(settings(), unknown)))
