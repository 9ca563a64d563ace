"""A build that may be pinned: what was seen of it, and why it may not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workshop.model.counting import counted
from workshop.model.findings import Finding
from workshop.model.images.build import PLATFORM, Build, has_same_schema
from workshop.model.images.history import Risk
from workshop.model.images.sources import Source
from workshop.model.settings.stack import Settings
from workshop.model.settings.window import Override
from workshop.model.window.overrides import in_force
from workshop.model.window.phases import Phase, closes

RULE: Final = "images"

_SNAPSHOT: Final = "have a snapshot of the database (docs/images.md)"


class Signature(StrEnum):
    """verified: whom the settings name has signed it. unverifiable: signed, and nothing here can tell by whom."""

    VERIFIED = "verified"
    UNVERIFIABLE = "unverifiable"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What its signatures say. why: who signed it, or why it is not verified."""

    state: Signature
    why: str


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One build beside the pinned one. pinned: None where nothing is. signed: None where it was not looked at.

    regions: each one's name with why its registry does not hold the digest, "" where it does. vulnerabilities: how many
    ECR's scan found, by severity; None where it has no result. was_left: whether somebody went back from it.
    """

    source: Source
    pinned: Build | None
    build: Build
    regions: Mapping[str, str]
    signed: Signed | None = None
    vulnerabilities: Mapping[str, int] | None = None
    was_left: bool = False

    @property
    def is_platform(self) -> bool:
        """Whether it is what server and proxies run, and so migrates the database."""
        return self.source.setting == ("image",)

    @property
    def may_change_schema(self) -> bool:
        """Whether nothing proves that the database's schema stays."""
        return self.is_platform and self.pinned is not None and not has_same_schema(self.pinned, self.build)


def refusals(
    candidate: Candidate,
    settings: Settings,
    phase: Phase | None,
    taken: Collection[Risk],
    command: str,
    *,
    is_rollback: bool = False,
) -> Iterator[tuple[Risk | None, Finding]]:
    """Each reason not to pin it, with the risk by whose name it is lifted; None: by none.

    taken: risks that are named already, which the command in an advice has to repeat.
    """

    def refusal(risk: Risk | None, problem: str, why: str, fix: str) -> tuple[Risk | None, Finding]:
        if risk:
            named = " ".join(f"--override {one}" for one in (*taken, risk))
            fix = f"{fix}, or take the risk by name: {command} {named}"
        image = candidate.source.image
        about = f"{image.source} {candidate.build.name}"
        return risk, Finding(rule=RULE, resource=about, problem=problem, why=why, fix=fix)

    build, signed = candidate.build, candidate.signed
    if PLATFORM not in build.platforms and not is_rollback:  # of what ran before the history may know no platform
        has = f"has {', '.join(build.platforms)}" if build.platforms else "names no platform"
        problem = f"it {has}, {PLATFORM} is needed"
        yield refusal(None, problem, "nodes could not run it", "promote a build that has it")
    if candidate.was_left:
        again = f"promote another, or this one by its digest: scripts/workshop images promote {build.digest}"
        yield refusal(None, "it was rolled back from", "what was wrong with it may still be", again)
    missing = {region: why for region, why in candidate.regions.items() if why}
    if missing:
        held = len(candidate.regions) - len(missing)
        where = ", ".join(f"{region}: {why}" for region, why in missing.items())
        problem = f"{held} of {counted(len(candidate.regions), 'region')} hold it ({where})"
        yield refusal(Risk.NOT_MIRRORED, problem, "pods there could not pull it", "scripts/workshop images mirror")
    refused = settings.mirror.refuse if settings.mirror else ()
    if signed and signed.state.value in refused:
        problem = f"it is {signed.state} ({signed.why}), which workshop:mirror.refuse names"
        why = "who can write to the source's registry could have put anything there"
        yield refusal(Risk.UNVERIFIED, problem, why, "promote a build that is verified")
    if candidate.pinned and candidate.may_change_schema:
        problem = f"nothing proves that it has the database schema of {candidate.pinned.name}"
        why = "the server migrates the database when it starts, and an older server refuses a newer schema"
        fix = "put the database back first (docs/runbooks/image-rollback.md)" if is_rollback else _SNAPSHOT
        yield refusal(Risk.SCHEMA_CHANGE, problem, why, fix)
    if phase and phase.is_in_window and Override.IMAGE_CHANGE not in in_force(settings, phase):
        why = (
            "a new image restarts the server, and every session through a proxy"
            if candidate.is_platform
            else "workspaces that start would be others than those that run"
        )
        yield refusal(Risk.IMAGE_CHANGE, closes(settings.window), why, "do it when the window has closed")
