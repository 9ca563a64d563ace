"""What the rules of the window say, in full: __snapshots__ is what a reviewer reads when words change.

`pytest --snapshot-update tests/model/window/test_every_finding.py` writes them anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syrupy.assertion import SnapshotAssertion

from tests.model.given import (
    ABSENT,
    NO_ANSWER,
    existing,
    found,
    in_region,
    observe,
    regions,
    seen,
    settings,
    shown,
    target,
    told,
)
from workshop.model.names import NODE_POOL
from workshop.model.plan.plan import make_plan, plan_of_event
from workshop.model.rules.judgement import judge_observations
from workshop.model.window.phases import Phase

WINDOW: Mapping[str, object] = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}


def test_live_nodes(snapshot: SnapshotAssertion) -> None:
    given = settings()
    volumes = [{"deviceName": "/dev/xvdb", "ebs": {"volumeSize": "300Gi", "throughput": 125}}]
    other = {
        "amiFamily": "AL2023",
        "amiSelectorTerms": [{"alias": "al2023@v1"}],
        "role": "another",
        "kubelet": {"maxPods": 10},
        "blockDeviceMappings": volumes,
        "userData": "left alone",
    }
    requirements = [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-2b"]}]
    pool = existing({"template": {"spec": {"requirements": requirements, "expireAfter": "Never"}}})
    changed = {"node_class": existing(other), "node_pool": pool}
    held = settings(window={**WINDOW, "overrides": ["image-change"]})

    assert {
        "changed while workspaces run": seen(given, **changed, running_workspaces=found({NODE_POOL: 3})),
        "changed while nothing is known": seen(given, **changed, running_workspaces=NO_ANSWER),
        "changed while others run": seen(given, **changed, running_workspaces=found({"coder-ws-all": 0})),
        "changed while nothing was ever there": seen(given, **changed, running_workspaces=ABSENT),
        "changed in the window": seen(held, **changed, running_workspaces=found({NODE_POOL: 3})),
        "changed in the window, while nothing is known": seen(held, **changed, running_workspaces=NO_ANSWER),
        "changed, for scope registry": seen(
            settings(scope="registry"), **changed, running_workspaces=found({NODE_POOL: 3})
        ),
    } == snapshot


def _scaled() -> Iterator[tuple[str, list[str]]]:
    given = settings(window={**WINDOW, "overrides": ["image-change"]})
    open_at_noon = "2026-09-30T11:00:00+00:00/2026-10-01T12:01:00+00:00"

    def at(phase: Phase, **answers: object) -> list[str]:
        found_all = told(given, observe(given, in_region("us-east-2", **answers)), make_plan(given, phase=phase))
        return [one for one in found_all if one.startswith("[scale-down")]

    moved = {"node_pool": existing({}, window=open_at_noon), "running_workspaces": found({NODE_POOL: 3})}
    deployments = {
        "coder-ws/coder-provisioner": target("coder-provisioner", replicas=13),
        "coder-ws-demo/coder-provisioner": target("coder-provisioner", replicas=2),
        "coder/coder": target("coder", replicas=3),
        "litellm/litellm": target("litellm", replicas=6),
    }
    for phase in Phase:
        yield f"more run than planned, {phase}", at(phase, running_workspaces=found({NODE_POOL: 11}))
    yield "as many run as planned", at(Phase.RUNNING, running_workspaces=found({NODE_POOL: 10, "coder-ws-all": 9}))
    yield "no answer", at(Phase.RUNNING, running_workspaces=NO_ANSWER)
    yield "deployed for more", at(Phase.RUNNING, node_pool=existing({"limits": {"cpu": "96"}}, users="11"))
    yield "deployed for as many", at(Phase.RUNNING, node_pool=existing({"limits": {"cpu": "96"}}, users="10"))
    yield "a higher limit", at(Phase.RUNNING, node_pool=existing({"limits": {"cpu": "81"}}))
    yield "the same limit", at(Phase.RUNNING, node_pool=existing({"limits": {"cpu": "80"}}))
    yield "a limit in millicores", at(Phase.RUNNING, node_pool=existing({"limits": {"cpu": "81000m"}}))
    yield "a limit in other digits", at(Phase.RUNNING, node_pool=existing({"limits": {"cpu": "\u0669\u0669"}}))
    yield "more pods", at(Phase.RUNNING, deployments={**observe(given).regions["us-east-2"].deployments, **deployments})
    yield "a window that is moved away", at(Phase.BEFORE, **moved)
    closing = existing({}, window=open_at_noon.replace("12:01", "12:00"))
    yield "a window that closes this instant", at(Phase.BEFORE, **{**moved, "node_pool": closing})
    for words, running in (("others run", found({"coder-ws-all": 3})), ("nothing is known", NO_ANSWER)):
        yield f"a window that is moved away while {words}", at(Phase.BEFORE, **{**moved, "running_workspaces": running})
    empty = settings(
        window={**WINDOW, "overrides": ["image-change"]}, regions=regions({0: {"share": 70}, 2: {"share": 0}})
    )
    yield "a region for nobody", told(empty)
    yield "a region for nobody, which never had a pool", seen(empty, "eu-west-2", running_workspaces=ABSENT)
    yield "a window that has closed", at(Phase.AFTER, **moved)
    yield "a pool without a window", at(Phase.BEFORE, **{**moved, "node_pool": existing({})})
    yield "no pool", at(Phase.BEFORE, running_workspaces=found({NODE_POOL: 3}))


def test_scale_down(snapshot: SnapshotAssertion) -> None:
    assert dict(_scaled()) == snapshot


def test_overrides(snapshot: SnapshotAssertion) -> None:
    given = settings(window={**WINDOW, "overrides": ["image-change", "fewer-users"]})

    def said(phase: Phase, **answers: object) -> list[str]:
        observations = observe(given, in_region("us-east-2", **answers))
        return [shown(one) for one in judge_observations(given, make_plan(given, phase=phase), observations).overridden]

    assert {
        "two lift something": said(Phase.RUNNING, running_workspaces=found({NODE_POOL: 11})),
        "one lifts something": said(Phase.RUNNING),
        "before the window": said(Phase.BEFORE),
        "after it": said(Phase.AFTER),
        "no window": [
            shown(one)
            for one in judge_observations(settings(), plan_of_event(settings()), observe(settings())).overridden
        ],
    } == snapshot
