"""What a run of the mirror did: on the screen, and as JSON."""

from __future__ import annotations

import json

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.model.images.mirroring import MirrorReport


def print_mirrored(screen: Console, report: MirrorReport) -> None:
    """The answer, then where each image is, then what failed."""
    print_message(screen, f"{report.summary()}.")
    table = plain_table("image", "tag", "state", "regions")
    for one in report.images:
        regions = ", ".join(f"{region} {arrival}" for region, arrival in one.regions.items())
        table.add_row(one.repository, one.tag, one.state, regions)
    screen.print(table)
    for one in report.failed:
        print_message(screen, f"{one.source}: {one.problem}")


def as_json(report: MirrorReport, exit_code: int) -> str:
    """All of it."""
    return json.dumps({"exit_code": exit_code, **report.model_dump(mode="json")}, indent=2)
