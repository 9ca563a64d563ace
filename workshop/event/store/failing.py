"""What a keeper could not do when it tried last, and why: by the journal."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine, func, select

from workshop.event.store.tables import JOURNAL
from workshop.model.event.steps import Action


def failing_steps(engine: Engine, event: str) -> Mapping[str, str]:
    """Step and reason by what it is about, such as workshop-07; what was done since is not in it."""
    tried = (JOURNAL.c.event == event) & JOURNAL.c.phase.in_(("done", "failed")) & JOURNAL.c.action.in_([*Action])
    last = select(func.max(JOURNAL.c.id)).where(tried).group_by(JOURNAL.c.subject)
    failed = select(JOURNAL).where(JOURNAL.c.id.in_(last) & (JOURNAL.c.phase == "failed"))
    with engine.connect() as connection:
        return {row.subject: f"{row.action} failed: {row.text}" for row in connection.execute(failed)}
