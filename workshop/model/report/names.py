"""Texts of the journal without people: whatever a failure quoted of a seat's person is its seat's name instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from workshop.model.event.seats import workspace_name
from workshop.model.report.history import History

_SHORTEST: Final = 3
"""Shorter names would take words apart."""

_ADDRESS: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


def without_names(history: History) -> History:
    """The same, without names, addresses and accounts."""
    scrubbed = _scrubber(history)
    return replace(
        history,
        seats=tuple(replace(one, email=None, name=None, account=None) for one in history.seats),
        lines=tuple(replace(line, text=scrubbed(line.text)) for line in history.lines),
        receipts=tuple(one.model_copy(update={"reason": scrubbed(one.reason)}) for one in history.receipts),
    )


def _scrubber(history: History) -> Callable[[str], str]:
    known = {
        word.casefold(): workspace_name(one.seat)
        for one in history.seats
        for word in (one.email, one.name, one.account)
        if word is not None and len(word) >= _SHORTEST
    }
    longest = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in longest) or r"(?!)", re.IGNORECASE)

    def scrub(text: str) -> str:
        named = pattern.sub(lambda found: known.get(found[0].casefold(), "somebody"), text)
        return _ADDRESS.sub("somebody", named)

    return scrub
