"""Every upstream failing at every call, in whole events: see scripts/event-faults."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.arguments import count
from tests.event.sandbox_event import workshop_in
from tests.event.upstreams.play import UNDISTURBED, play
from tests.event.upstreams.schedule import RUN, UPSTREAMS, Failing, Schedule
from workshop.sandbox.files import write_whole
from workshop.sandbox.paths import CHECKOUT

_DOCUMENT: Final = CHECKOUT / "docs" / "reliability.md"
_MARK: Final = "<!-- upstreams -->\n"
_NAMES: Final = {"us-east-2": "cluster, its own region", "us-west-2": "cluster", "eu-west-2": "cluster without seats"}


@dataclass(kw_only=True)
class Row:
    """events: how many were played; failed: calls that failed in them; same: events that came to the same end."""

    events: int = 0
    failed: int = 0
    same: int = 0


def main() -> int:
    """Prints each event that ended otherwise, then the table; 1 where there was one."""
    asked = argparse.ArgumentParser(prog="scripts/event-faults", description=__doc__)
    asked.add_argument("--every", type=count, default=1, help="only each Nth event, for a quick look")
    asked.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    options = asked.parse_args()
    rows = {(upstream, kind): Row() for upstream in UPSTREAMS for kind in Failing}
    firsts = range(0, 60, RUN)
    todo = [(upstream, kind, first) for first in firsts for upstream, kind in rows][:: options.every]
    with tempfile.TemporaryDirectory() as folder, workshop_in(Path(folder) / "sandbox") as paths:
        url = f"sqlite:///{folder}/undisturbed.db"
        assert play(paths, "undisturbed", url, Schedule(kinds=(), upstreams=())).end == UNDISTURBED
        for number, (upstream, kind, first) in enumerate(todo, 1):
            schedule, row = Schedule(kinds=(kind,), upstreams=(upstream,), first=first), rows[upstream, kind]
            try:
                end = play(paths, f"event{number}x", f"sqlite:///{folder}/{number}.db", schedule).end
            except AssertionError as error:
                end = {"came to no end": str(error)[:2000]}
            failed = sum(schedule.failed.values())
            row.events, row.failed = row.events + 1, row.failed + failed
            row.same += end == UNDISTURBED
            if end != UNDISTURBED:
                other = {name: end.get(name) for name in {*end, *UNDISTURBED} if end.get(name) != UNDISTURBED.get(name)}
                print(f"{upstream}, {kind}, {first}: {other}", flush=True)  # noqa: T201 - a script's answer
            sys.stderr.write(f"{number} of {len(todo)}: {upstream}, {kind}, {failed} calls: {end == UNDISTURBED}\n")
    table = markdown(rows)
    print(table)  # noqa: T201
    if options.write:
        _write(table, len(todo))
    return 0 if all(row.same == row.events for row in rows.values()) else 1


def markdown(rows: dict[tuple[str, Failing], Row]) -> str:
    """A line for each upstream and kind that was played."""
    lines: list[Sequence[object]] = [("what fails", "how", "events", "calls that failed", "same end"), ("---",) * 5]
    for (upstream, kind), row in rows.items():
        if row.events:
            lines.append((_NAMES.get(upstream, upstream), kind, row.events, row.failed, f"{row.same} of {row.events}"))
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _write(table: str, events: int) -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(_MARK)
    tail = rest.partition(_MARK)[2]
    write_whole(_DOCUMENT, f"{head}{_MARK}{datetime.now(UTC):%Y-%m-%d}, {events} events:\n\n{table}{_MARK}{tail}")


if __name__ == "__main__":
    sys.exit(main())
