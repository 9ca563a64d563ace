"""`workshop images promote`: pins a build in the stack's file, for review."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from workshop.checks.candidates import candidate, pinned_build, source_digest
from workshop.checks.service import Inconclusive
from workshop.cli.commands.images.pins import ImageName, Overrides, read_pins, source_of, whoever_this_is
from workshop.cli.options import SANDBOX, StackName
from workshop.cli.preflight.site import site_of
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_command, print_message
from workshop.cli.session import reporting_problems
from workshop.cli.shell import workshop_command
from workshop.cli.stack import read_stack
from workshop.model.findings import Refused
from workshop.model.images.candidate import refusals
from workshop.model.images.history import FOLDER, Promotion, Risk, left_behind
from workshop.model.legible import one_line
from workshop.model.outcome import Outcome
from workshop.model.settings.types import Digest

_DIGEST: TypeAdapter[str] = TypeAdapter(Digest)


def _digest(text: str) -> str:
    try:
        return _DIGEST.validate_python(text)
    except ValidationError:
        shown = one_line(text, 100)
        raise typer.BadParameter(f"{shown!r}: must be a digest, sha256: and 64 hex digits in lower case") from None


NewDigest = Annotated[
    str | None,
    typer.Argument(
        parser=_digest, metavar="DIGEST", help="Which build; unset: the one that the source's tag leads to."
    ),
]


def promote(
    digest: NewDigest = None, image: ImageName = None, override: Overrides = None, stack: StackName = SANDBOX
) -> None:
    """Writes the digest of a build that is mirrored and verified into Pulumi.<stack>.yaml, and into its history.

    Nothing is rolled out: that is the next `up`, once the change is reviewed. What speaks against the build is refused,
    unless --override names the risk.

    \b
    Examples:
      workshop images promote
      workshop images promote --override schema-change --stack workshop
    """
    taken = tuple(dict.fromkeys(override or ()))
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users_if_unknown=1)  # what is pinned does not depend on it
        pins, source = read_pins(target), source_of(target.settings, image)
        name, before = source.image.repository, source.image.digest
        site = site_of(target, Outcome, screen)
        try:
            with screen.saying("Looking at the image"):
                wanted = digest or source_digest(site, source)
                if wanted == before:
                    print_message(screen.results, f"{name} is pinned to {wanted} already. Nothing was changed.")
                    return
                pinned = pinned_build(site, source, pins.known(before)) if before else None
                found = candidate(site, source, wanted, pinned)
                found = replace(found, was_left=digest is None and wanted in left_behind(pins.history))
        except Inconclusive as why:
            raise CannotRun(f"{why.found}: {why.fix}. Nothing was changed.") from None
        command = f"scripts/workshop images promote {wanted}" + (f" --image {name}" if image else "")
        reasons = list(refusals(found, target.settings, target.phase, taken, command))
        if left := tuple(finding for risk, finding in reasons if risk not in taken):
            raise Refused(left)
        used: list[Risk] = [risk for risk, _ in reasons if risk]
        promotion = Promotion(
            image=name,
            digest=wanted,
            previous=before,
            version=found.build.version,
            previous_version=pinned.version if pinned else None,
            built_at=found.build.built_at,
            source=f"{source.image.source}:{source.image.tag}",
            promoted_at=target.read_at,
            promoted_by=whoever_this_is(),
            overrides=tuple(used),
        )
        pins.write(source, promotion)
        was = f", before: {pinned.name}" if pinned else ""
        print_message(screen.results, f"Pinned in {pins.file.name}: {name} {found.build.name}{was}.")
        print_message(screen.results, f"Written to its history, {FOLDER}/{pins.history_file.name}; commit both.")
        for one in taken:
            if one not in used:
                print_message(screen.results, f"--override {one}: not needed, and not written.")
        if Risk.SCHEMA_CHANGE in used:
            print_message(screen.results, "The server migrates the database when it starts: take a snapshot before.")
        screen.results.print("Next:")
        print_command(screen.results, workshop_command(stack, "preview"))
