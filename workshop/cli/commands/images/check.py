"""`workshop images check`: where sources moved on, and what could be pinned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from workshop.checks.aws.mirrored import holding_regions
from workshop.checks.candidates import candidate, pinned_build, source_digest
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.cli.commands.images.pins import ImageName, Pins, read_pins, source_of
from workshop.cli.options import SANDBOX, AsJson, StackName
from workshop.cli.preflight.site import site_of
from workshop.cli.render.images import as_json as document
from workshop.cli.render.images import as_markdown, print_images
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.model.images.candidate import refusals
from workshop.model.images.check import ImageCheck
from workshop.model.images.history import left_behind
from workshop.model.images.sources import Source, sources
from workshop.model.outcome import Outcome
from workshop.sandbox.files import write_whole

Markdown = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Also write it as Markdown, for a pull request.")
]


def check(image: ImageName = None, stack: StackName = SANDBOX, out: Markdown = None, as_json: AsJson = False) -> None:
    """Asks each image's source what its tag leads to, and each region's registry what it holds. Changes nothing.

    Ends with 0 where every image is current and in every region, 1 where there is something to do, 2 for inconclusive.

    \b
    Examples:
      workshop images check
      workshop images check --stack workshop --json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users_if_unknown=1)  # images do not depend on it
        pins, site = read_pins(target), site_of(target, Outcome, screen)
        chosen = (source_of(target.settings, image),) if image else sources(target.settings)
        with screen.saying("Looking at images") as say:
            found: list[ImageCheck] = []
            for source in chosen:
                say(source.image.repository)
                found.append(_look(target, site, pins, source))
        code = Exit.DONE if all(one.is_current for one in found) else Exit.REFUSED
        if any(one.published is None for one in found):
            code = Exit.COULD_NOT_RUN
        if out:
            write_whole(out, as_markdown(found, target.read_at))
        if as_json:
            is_in_window = target.phase is not None and target.phase.is_in_window
            text = document(found, target.read_at, code, is_in_window=is_in_window)
            screen.results.print(text, soft_wrap=True)
        else:
            print_images(screen.text, stack, found, target.read_at)
    raise typer.Exit(code)


def _look(stack: Stack, site: Site, pins: Pins, source: Source) -> ImageCheck:
    repository, digest = source.image.repository, source.image.digest
    pinned = pinned_build(site, source, pins.known(digest)) if digest else None
    held = holding_regions(site, repository, digest) if digest else dict[str, str]()
    try:
        found = candidate(site, source, source_digest(site, source), pinned)
        found = replace(found, was_left=found.build.digest in left_behind(pins.history))
    except Inconclusive as why:
        problem = f"{why.found}: {why.fix}"
        return ImageCheck(source=source, pinned=pinned, held=held, published=None, problem=problem)
    has_moved = pinned is None or found.build.digest != pinned.digest
    command = "scripts/workshop images promote" + ("" if found.is_platform else f" --image {repository}")
    refused = tuple(finding for _, finding in refusals(found, stack.settings, stack.phase, (), command))
    return ImageCheck(source=source, pinned=pinned, held=held, published=found, refused=refused if has_moved else ())
