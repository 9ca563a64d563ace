"""What `images check` found: on the screen, as JSON, and as the text of a pull request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from rich.console import Console

from workshop.cli.render.markdown import code, table
from workshop.cli.render.message import print_command, print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.shell import fit, workshop_command
from workshop.model.counting import counted, elapsed
from workshop.model.images.build import Build, short
from workshop.model.images.candidate import Candidate
from workshop.model.images.check import ImageCheck
from workshop.model.window.phases import moment

_MIB: Final = 1024**2


def print_images(screen: Console, stack: str, found: Sequence[ImageCheck], now: datetime) -> None:
    """The answer, then for each image that is not current both builds and what is in the way."""
    print_message(screen, summary(found, now))
    for one in found:
        if one.is_current:
            continue
        if one.problem:
            print_message(screen, f"{one.source.image.repository}: {one.problem}")
        table = plain_table(one.source.image.repository, "pinned", "published")
        for row in rows(one):
            table.add_row(*row)
        screen.print(table)
        for finding in one.refused:
            print_message(screen, fit(f"Refused as it is: {finding.problem}; {finding.why}: {finding.fix}", stack))
        if one.has_moved and not one.refused:
            screen.print("Next:")
            print_command(screen, workshop_command(stack, *_promote(one)))


def summary(found: Sequence[ImageCheck], now: datetime) -> str:
    """In a sentence for each image."""
    return " ".join(_said(one, now) for one in found)


def rows(one: ImageCheck) -> list[tuple[str, str, str]]:
    """What is known of both builds, side by side."""
    pinned, published = one.pinned, one.published
    builds = (pinned, published.build if published else None)

    def row(name: str, text: Callable[[Build], str]) -> tuple[str, str, str]:
        before, after = (text(build) if build else "-" for build in builds)
        return name, before, after

    return [
        row("version", lambda build: build.version or "not said"),
        row("digest", lambda build: short(build.digest)),
        row("built", lambda build: moment(build.built_at) if build.built_at else "not said"),
        row("size", lambda build: f"{-(-build.size_bytes // _MIB)} MiB" if build.size_bytes else "not said"),
        ("mirrored", mirrored(one.held) if pinned else "-", mirrored(published.regions) if published else "-"),
        ("signature", "", signature(published) if published else "-"),
        ("scan", "", scan(published) if published else "-"),
        ("schema", "", schema(published) if published else "-"),
    ]


def mirrored(regions: Mapping[str, str]) -> str:
    """In how many regions, and why not in the others."""
    missing = {name: why for name, why in regions.items() if why}
    where = f" ({', '.join(f'{name}: {why}' for name, why in missing.items())})" if missing else ""
    return f"{len(regions) - len(missing)} of {counted(len(regions), 'region')}{where}"


def signature(published: Candidate) -> str:
    """Its state, and who or why."""
    return f"{published.signed.state}: {published.signed.why}" if published.signed else "not looked at"


def scan(published: Candidate) -> str:
    """Vulnerabilities by severity."""
    if published.vulnerabilities is None:
        return "no result in ECR"
    found = [f"{count} {severity.lower()}" for severity, count in sorted(published.vulnerabilities.items())]
    return ", ".join(found) or "nothing found"


def schema(published: Candidate) -> str:
    """Whether the database may be migrated."""
    if not published.is_platform:
        return "none"
    return "may change: needs --override schema-change" if published.may_change_schema else "the same"


def as_json(found: Sequence[ImageCheck], now: datetime, exit_code: int, *, is_in_window: bool) -> str:
    """Every fact of the table, by image."""
    images = [
        {
            "image": one.source.image.repository,
            "source": f"{one.source.image.source}:{one.source.image.tag}",
            "has_moved": one.has_moved,
            "is_held": one.is_held,
            "summary": _said(one, now),
            "pinned": one.pinned and asdict(one.pinned),
            "held": one.held,
            "published": one.published and asdict(one.published.build),
            "mirrored": one.published and one.published.regions,
            "signature": one.published and one.published.signed and asdict(one.published.signed),
            "vulnerabilities": one.published and one.published.vulnerabilities,
            "may_change_schema": one.published and one.published.may_change_schema,
            "refused": [str(finding) for finding in one.refused],
            "problem": one.problem or None,
        }
        for one in found
    ]
    document = {"exit_code": exit_code, "is_in_window": is_in_window, "images": images}
    return json.dumps(document, indent=2, default=lambda value: value.isoformat())


def as_markdown(found: Sequence[ImageCheck], now: datetime) -> str:
    """The text of a pull request: what others wrote is code."""
    text = ["# Images\n"]
    for one in found:
        text += [f"{code(_said(one, now))}\n", table(("", "pinned", "published"), rows(one))]
        text += [*(f"- {code(str(finding))}" for finding in one.refused), ""]
    return "\n".join(text)


def _said(one: ImageCheck, now: datetime) -> str:
    image = one.source.image
    name = f"{image.repository} ({image.source}:{image.tag})"
    if one.published is None:
        return f"{name}: inconclusive."
    to = one.published.build
    if one.pinned is None:
        return f"{name} is not pinned; the source has {to.name}."
    if not one.has_moved:
        return f"{name} is current: {to.name}." if one.is_held else f"{name} is current, and not in every region."
    since = f", {elapsed(now - to.built_at)} ago" if to.built_at else ""
    return f"{name} has moved from {one.pinned.name} to {to.name}{since}."


def _promote(one: ImageCheck) -> tuple[str, ...]:
    named = () if one.source.setting == ("image",) else ("--image", one.source.image.repository)
    return ("images", "promote", *named)
