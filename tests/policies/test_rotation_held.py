"""rotation-held: while the window is open, nothing that rotates LiteLLM's key may be due; outside it, all of it may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.rotation_held import ROTATION_HELD
from tests.policies.declared import FORCED
from tests.policies.expecting import empty, exemption, in_phase, missing, refused, sandbox, unknown, wrong_type
from workshop.model.rotation import region_rotation
from workshop.model.window.phases import Phase

WINDOW_ENDS = "2026-12-01 23:00 UTC"
HELD = (Phase.PREPARATION, Phase.RUNNING, Phase.COOL_DOWN)
OPEN = (Phase.BEFORE, Phase.AFTER)


def rotation(suspend: object = True, namespace: str = "coder-ws", context: str = "coder-ohio") -> Resource:
    """A patch of a CronJob that rotates the key."""
    return Resource(
        type="kubernetes:batch/v1:CronJobPatch",
        name=f"{context}-{namespace}",
        inputs={
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": "rotate-key", "namespace": namespace, "annotations": FORCED},
            "spec": {"suspend": suspend},
        },
        provider=Resource(type="pulumi:providers:kubernetes", name=context, inputs={"context": context}),
    )


def everything(suspend: object = True) -> list[Resource]:
    """All ten."""
    return [
        rotation(suspend, cron_job.namespace, region.cluster.context or "")
        for region in sandbox().settings.regions
        for cron_job in region_rotation(sandbox().settings, region).cron_jobs
    ]


def heard(*declared: Resource, phase: Phase = Phase.RUNNING) -> list[str]:
    return judge(ROTATION_HELD, *declared, stack=lambda: in_phase(phase))


def due(key: str = "coder-ws/rotate-key") -> str:
    problem = f"spec.suspend of {key} is false, must be true: the window is open until {WINDOW_ENDS}"
    return refused(ROTATION_HELD, problem, "set spec.suspend to true")


def absent(region: str, key: str) -> str:
    problem = f"nothing suspends {key} in {region}: the window is open until {WINDOW_ENDS}"
    return refused(
        ROTATION_HELD, problem, "declare a CronJobPatch with spec.suspend true on the provider of that cluster"
    )


@pytest.mark.parametrize("phase", HELD)
def test_pass_with_all_ten_suspended_in_the_window(phase: Phase) -> None:
    assert len(everything()) == 10
    assert heard(*everything(), phase=phase) == []


@pytest.mark.parametrize("phase", OPEN)
def test_pass_with_none_suspended_outside_it(phase: Phase) -> None:
    assert heard(phase=phase) == []
    assert heard(*everything(suspend=False), phase=phase) == []


def test_pass_on_what_is_no_rotation_and_in_foreign_projects() -> None:
    other = replace(rotation(suspend=False), name="other")

    assert heard(*everything(), other.with_input("metadata.name", "fetch-and-store")) == []
    assert heard(*everything(), other.with_input("metadata.namespace", "elsewhere")) == []
    assert judge(ROTATION_HELD, rotation(suspend=False)) == []
    assert judge(ROTATION_HELD, stack=lambda: sandbox(20, ("workshop:scope", "dns"))) == []


@pytest.mark.parametrize("phase", HELD)
def test_fail_on_one_that_is_due(phase: Phase) -> None:
    ten = everything()

    assert heard(rotation(suspend=False), *ten[1:], phase=phase) == [due()]
    assert heard(*ten[:-1], phase=phase) == [absent("eu-west-2", "coder-ws-demo/rotate-key")]


@pytest.mark.parametrize("phase", OPEN)
def test_fail_on_one_that_stays_suspended(phase: Phase) -> None:
    left = refused(
        ROTATION_HELD,
        "spec.suspend of coder-ws/rotate-key is true, and no window is open",
        "remove the patch, or set workshop:window",
        "the key that is in use expires, and nothing makes a new one",
    )

    assert heard(rotation(), phase=phase) == [left]
    assert judge(ROTATION_HELD, rotation(), stack=sandbox) == [left]


def test_boundary_of_clusters_and_namespaces() -> None:
    ten = everything()
    elsewhere = rotation(context="coder-paris")
    without_provider = replace(rotation(), provider=None)

    assert heard(elsewhere, *ten[1:]) == [absent("us-east-2", ten[0].inputs["metadata"]["namespace"] + "/rotate-key")]
    assert heard(without_provider, *ten[1:]) == [absent("us-east-2", "coder-ws/rotate-key")]
    assert heard(ten[0].with_input("metadata.namespace", "default"), *ten[1:]) == [
        absent("us-east-2", "coder-ws/rotate-key")
    ]


def test_unknown_suspension() -> None:
    assert heard(rotation(UNKNOWN), *everything()[1:]) == [unknown(ROTATION_HELD, "spec.suspend")]


def test_missing_suspension() -> None:
    silent = rotation().without_input("spec.suspend")
    whole = replace(silent, type="kubernetes:batch/v1:CronJob")

    assert heard(whole, *everything()) == [missing(ROTATION_HELD, "spec.suspend")]
    assert heard(whole, phase=Phase.AFTER) == []
    assert heard(silent, *everything()[1:]) == [absent("us-east-2", "coder-ws/rotate-key")]
    assert len(heard()) == 10


def test_wrong_type_of_suspension() -> None:
    assert heard(rotation("true"), *everything()[1:]) == [
        wrong_type(ROTATION_HELD, "spec.suspend", "the text 'true'", "true or false")
    ]


def test_empty_name() -> None:
    assert heard(rotation().with_input("metadata.name", " "), *everything())[:1] == [
        empty(ROTATION_HELD, "metadata.name")
    ]


def test_exempt() -> None:
    running = rotation(suspend=False)

    assert (
        judge(
            ROTATION_HELD,
            running,
            *everything()[1:],
            stack=lambda: in_phase(Phase.RUNNING),
            exemptions=[exemption(ROTATION_HELD, running)],
        )
        == []
    )
