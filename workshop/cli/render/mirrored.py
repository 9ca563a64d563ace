"""What a run of the mirror did: on the screen, and as JSON."""

from __future__ import annotations

import json
from typing import Final

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.model.images.mirroring import Arrival, MirroredImage, MirrorReport

_SPECIAL: Final = (Arrival.COPIED, Arrival.MISSING)


def print_mirrored(screen: Console, report: MirrorReport) -> None:
    """The answer, then where each image is, then what failed."""
    print_message(screen, f"{report.summary()}.")
    table = plain_table("image", "tag", "state", "regions")
    for one in report.images:
        table.add_row(one.repository, one.tag, one.state, _where(one))
    screen.print(table)
    for one in report.failed:
        print_message(screen, f"{one.source}: {one.problem}")


def _where(one: MirroredImage) -> str:
    """In how many regions, and in which it had to be copied or is missing."""
    if not one.regions:
        return ""
    there = [region for region, arrival in one.regions.items() if arrival is not Arrival.MISSING]
    special = [f"{region}: {arrival}" for region, arrival in one.regions.items() if arrival in _SPECIAL]
    return f"{len(there)} of {len(one.regions)}" + (f" ({', '.join(special)})" if special else "")


def as_json(report: MirrorReport, exit_code: int) -> str:
    """All of it."""
    return json.dumps({"exit_code": exit_code, **report.model_dump(mode="json")}, indent=2)
