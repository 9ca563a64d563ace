"""In which order an `up` does what it does: by what each registration depends on."""

from __future__ import annotations

from functools import cache

import pytest

from tests.program.declaring import EVENT, REGIONS, Declared, declared
from workshop.model.window.phases import Phase

OHIO, OREGON, LONDON = REGIONS
GENERATOR = f"{OHIO}-generator"
IN_WINDOW = (
    (("CoderServer", OHIO), ("CoderProxy", OREGON)),
    (("CoderServer", OHIO), ("CoderProxy", LONDON)),
    (("RotationKey", OHIO), ("RotationIssue", OHIO)),
    *((("RotationIssue", OHIO), ("RotationCopies", region)) for region in REGIONS),
    *((("RotationNamespace", region), ("RotationCopies", region)) for region in REGIONS),
    # What binds our accounts and Pods is in force before they can do anything.
    (("RotationNetwork", f"{OHIO}-issue"), ("RotationIssue", OHIO)),
    *((("RotationNetwork", region), ("RotationCopies", region)) for region in REGIONS),
    *((("RotationAdmission", region), ("RotationSwitch", region)) for region in REGIONS),
    # A region's auto-resume CronJob promises a key that lives as long as it waits, in every region.
    *((("RotationCopies", copied), ("RotationSwitch", region)) for copied in REGIONS for region in REGIONS),
    # Nothing is held before every region has what gives it back.
    *((("RotationSwitch", region), ("RotationSuspension", GENERATOR)) for region in REGIONS),
    # A swapper that runs on would copy a key that the generator goes on replacing.
    *((("RotationSuspension", GENERATOR), ("RotationSuspension", region)) for region in REGIONS),
    *((("RotationSuspension", held), ("RotationVerified", region)) for held in REGIONS for region in REGIONS),
    *((("RotationSwitch", region), ("PreviousNodePool", region)) for region in REGIONS),
)
AFTER = (
    *((("RotationSuspension", region), ("RotationSuspension", GENERATOR)) for region in REGIONS),
    (("RotationSuspension", GENERATOR), ("RotationCheck", GENERATOR)),
    (("RotationNamespace", OHIO), ("RotationCheck", GENERATOR)),
    *((("RotationSuspension", resumed), ("RotationCheck", region)) for resumed in REGIONS for region in REGIONS),
    *((("RotationCheck", GENERATOR), ("RotationCheck", region)) for region in REGIONS),
    *((("RotationNamespace", region), ("RotationCheck", region)) for region in REGIONS),
    *((("RotationNetwork", region), ("RotationCheck", region)) for region in REGIONS),
    *((("RotationAdmission", region), ("RotationCheck", region)) for region in REGIONS),
    (("RotationAdmission", OHIO), ("RotationCheck", GENERATOR)),
    # Until every Secret has been seen to hold another key, the window's lives.
    *((("RotationCheck", name), ("RotationRevocation", OHIO)) for name in (GENERATOR, *REGIONS)),
    (("RotationNetwork", f"{OHIO}-issue"), ("RotationRevocation", OHIO)),
)

OF_AN_EVENT = (
    # What binds our accounts and Pods is in force before they can do anything.
    *((("EventNamespace", region), ("DeadMan", region)) for region in REGIONS),
    *((("EventAdmission", region), ("DeadMan", region)) for region in REGIONS),
    *((("EventAdmission", region), ("KeeperRights", region)) for region in REGIONS),
    *((("KeeperRights", region), ("KeeperAccess", region)) for region in REGIONS[1:]),
    # Nothing is started before there is what stops it, and where to save what is done.
    *((("DeadMan", region), ("Keeper", OHIO)) for region in REGIONS),
    *((("KeeperRights", region), ("Keeper", OHIO)) for region in REGIONS),
    *((("KeeperAccess", region), ("Keeper", OHIO)) for region in REGIONS[1:]),
    (("SavedWork", OHIO), ("Keeper", OHIO)),
    (("EventNamespace", OHIO), ("Door", OHIO)),
    (("KeeperRole", OHIO), ("Keeper", OHIO)),
)

Place = tuple[str, str]
in_phase = cache(declared)


def holds(stack: Declared, first: Place, then: Place) -> bool:
    return stack.comes_before(stack.component(*first), stack.component(*then))


@pytest.mark.parametrize(("first", "then"), IN_WINDOW, ids=lambda place: "-".join(place))
def test_in_the_window(first: Place, then: Place) -> None:
    stack = in_phase(Phase.RUNNING)
    assert holds(stack, first, then)
    assert not holds(stack, then, first)


@pytest.mark.parametrize(("first", "then"), AFTER, ids=lambda place: "-".join(place))
def test_after_the_window(first: Place, then: Place) -> None:
    stack = in_phase(Phase.AFTER)
    assert holds(stack, first, then)
    assert not holds(stack, then, first)


def test_a_release_goes_the_other_way_the_auto_resume_cron_job_last() -> None:
    """The engine deletes what depends on something before that itself: rotation runs again before its guard goes."""
    stack = in_phase(Phase.RUNNING)
    for held in (("RotationSuspension", OHIO), ("RotationSuspension", GENERATOR), ("PreviousNodePool", OHIO)):
        assert holds(stack, ("RotationSwitch", OHIO), held)


@pytest.mark.parametrize("phase", [None, Phase.BEFORE])
def test_before_the_window_and_without_one_nothing_is_held(phase: Phase | None) -> None:
    kinds = {one.type.rpartition(":")[2] for one in in_phase(phase).components}
    assert not {kind for kind in kinds if kind.startswith("Rotation")}
    assert "PreviousNodePool" not in kinds


def test_within_a_component_rights_come_before_the_job_that_needs_them() -> None:
    stack = in_phase(Phase.RUNNING)
    for kind, job in (("RotationCopies", "copy-job"), ("RotationSwitch", "switch"), ("RotationIssue", "issue-job")):
        component = stack.component(kind, OHIO)
        (declared_job,) = (one for one in stack.within(component) if one.name == f"{OHIO}-{job}")
        rights = {one.urn for one in stack.within(component)} - {declared_job.urn}
        assert rights
        assert rights <= set(declared_job.depends_on)


@cache
def with_event() -> Declared:
    return declared(Phase.BEFORE, event=EVENT)


@pytest.mark.parametrize(("first", "then"), OF_AN_EVENT, ids=lambda place: "-".join(place))
def test_of_an_event(first: Place, then: Place) -> None:
    assert holds(with_event(), first, then)
    assert not holds(with_event(), then, first)


def test_workspaces_are_bounded_in_the_window_only_and_before_the_keeper_makes_any() -> None:
    stack = declared(Phase.PREPARATION, event=EVENT)
    assert all(holds(stack, ("WorkspaceBounds", region), ("Keeper", OHIO)) for region in REGIONS)
    for phase in (Phase.BEFORE, Phase.AFTER):
        kinds = {one.type.rpartition(":")[2] for one in declared(phase, event=EVENT).components}
        assert "WorkspaceBounds" not in kinds
