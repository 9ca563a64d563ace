"""zone-lock: what is applied is what was reviewed: each zone file says what its checksum in the lock stands for.

Two changes that are fine alone and not together meet in the lock's line, where git stops the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings
from workshop.model.zones.read import LOCK

NAME: Final = "zone-lock"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Compares checksums."""
    for file in plan.dns.files if settings.declares_records else ():
        if file.reviewed != file.checksum:
            held = f"{file.reviewed[:12]}..." if file.reviewed else "none"
            yield Finding(
                rule=NAME,
                resource=file.place(),
                problem=f"its checksum is {file.checksum[:12]}..., {LOCK} has {held}",
                why="it was changed after it was reviewed, or not reviewed yet",
                fix="scripts/workshop dns lock, and commit both files together",
            )
