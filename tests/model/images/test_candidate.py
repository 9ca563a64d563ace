"""What may be pinned, and by which name what may not is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.model.given import settings
from tests.model.test_rotation import WINDOW
from workshop.model.images.build import Build
from workshop.model.images.candidate import Candidate, Signature, Signed, refusals
from workshop.model.images.history import Risk
from workshop.model.images.sources import sources
from workshop.model.window.phases import Phase

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
PINNED = Build(digest=A, version="2.28.0-devel+1a2b3c4", platforms=("linux/amd64",))
SAME = Build(digest=B, version="2.28.0-devel+1a2b3c4", platforms=("linux/amd64", "linux/arm64"))
NEWER = Build(digest=B, version="2.28.0-devel+5d6e7f8", platforms=("linux/amd64",))
HELD = {"us-east-2": "", "us-west-2": "", "eu-west-2": ""}
UNSIGNED = Signed(state=Signature.UNSIGNED, why="no signature found")
COMMAND = f"scripts/workshop images promote {B}"


def judged(
    build: Build = SAME,
    *,
    pinned: Build | None = PINNED,
    regions: Mapping[str, str] = HELD,
    signed: Signed | None = UNSIGNED,
    phase: Phase | None = None,
    image: int = 0,
    taken: tuple[Risk, ...] = (),
    **values: Any,  # noqa: ANN401 - settings
) -> dict[Risk | None, str]:
    """What is refused, by the risk that lifts it."""
    given = settings(**values)
    candidate = Candidate(source=sources(given)[image], pinned=pinned, build=build, regions=regions, signed=signed)
    return {risk: str(finding) for risk, finding in refusals(candidate, given, phase, taken, COMMAND)}


def test_a_mirrored_build_of_the_same_source_is_pinned_without_a_word() -> None:
    assert judged() == {}


def test_another_version_may_have_another_schema() -> None:
    assert judged(NEWER) == {
        Risk.SCHEMA_CHANGE: (
            "ghcr.io/coder/coder-preview 2.28.0-devel+5d6e7f8 (bbbbbbbbbbbb): nothing proves that it has the database "
            "schema of 2.28.0-devel+1a2b3c4 (aaaaaaaaaaaa); the server migrates the database when it starts, and an "
            "older server refuses a newer schema: have a snapshot of the database (docs/images.md), or take the risk "
            f"by name: {COMMAND} --override schema-change"
        )
    }


def test_the_way_back_names_what_comes_first() -> None:
    given = settings()
    candidate = Candidate(source=sources(given)[0], pinned=NEWER, build=PINNED, regions=HELD)
    ((_, finding),) = refusals(candidate, given, None, (), "back", is_rollback=True)
    assert finding.fix.startswith("put the database back first (docs/runbooks/image-rollback.md), or take")


def test_the_first_that_is_pinned_changes_nothing_that_is_known() -> None:
    assert judged(NEWER, pinned=None) == {}


def test_a_workspace_image_has_no_schema_and_the_same_window() -> None:
    mirror = {"images": [{"source": "ghcr.io/example/base-ws", "repository": "base-ws", "tag": "1"}]}
    assert judged(NEWER, image=1, mirror=mirror) == {}
    refused = judged(NEWER, image=1, mirror=mirror, window=WINDOW, phase=Phase.RUNNING)
    assert refused.keys() == {Risk.IMAGE_CHANGE}
    assert "workspaces that start would be others than those that run" in refused[Risk.IMAGE_CHANGE]


def test_what_a_region_does_not_hold_is_refused_with_the_regions() -> None:
    refused = judged(regions={**HELD, "eu-west-2": "not found"})[Risk.NOT_MIRRORED]
    assert "2 of 3 regions hold it (eu-west-2: not found)" in refused
    assert "scripts/workshop images mirror, or take the risk by name" in refused


def test_without_the_platform_nothing_helps() -> None:
    (refused,) = judged(Build(digest=A, platforms=("linux/arm64",))).items()
    assert refused[0] is None
    assert "it has linux/arm64, linux/amd64 is needed" in refused[1]
    assert "--override" not in refused[1]
    ((risk, about_none),) = judged(Build(digest=A)).items()  # a signature, say, which is no image
    assert risk is None
    assert "it names no platform, linux/amd64 is needed" in about_none


@pytest.mark.parametrize("state", [Signature.UNSIGNED, Signature.UNVERIFIABLE])
def test_the_strict_setting_names_the_states_that_it_refuses(state: Signature) -> None:
    signed = Signed(state=state, why="because")
    assert judged(signed=signed) == {}
    assert judged(signed=signed, mirror={"refuse": ["unsigned", "unverifiable"]}).keys() == {Risk.UNVERIFIED}
    (other,) = {"unsigned", "unverifiable"} - {state.value}
    assert judged(signed=signed, mirror={"refuse": [other]}) == {}


def test_the_strict_setting_takes_what_is_verified() -> None:
    signed = Signed(state=Signature.VERIFIED, why="signed by the workflow")
    assert judged(signed=signed, mirror={"refuse": ["unsigned", "unverifiable"]}) == {}


@pytest.mark.parametrize("phase", Phase)
def test_the_window_is_not_disturbed_unless_it_says_so(phase: Phase) -> None:
    refused = judged(window=WINDOW, phase=phase)
    assert refused.keys() == ({Risk.IMAGE_CHANGE} if phase.is_in_window else set())
    assert judged(window={**WINDOW, "overrides": ["image-change"]}, phase=phase) == {}


def test_an_advice_repeats_the_risks_that_are_named_already() -> None:
    refused = judged(NEWER, taken=(Risk.UNVERIFIED,))[Risk.SCHEMA_CHANGE]
    assert refused.endswith(f"{COMMAND} --override unverified --override schema-change")
